//! When to try again, and when to give up.

use offpay_protocol::{Seconds, Timestamp};

/// The first pause after a failure; each is twice as long as the last.
const FIRST_PAUSE: u64 = 10;
/// The longest.
const LONGEST_PAUSE: u64 = 3_600;
/// A webhook that failed for so long is not tried any more.
pub const GIVE_UP: Seconds = Seconds::days(5);

/// Why a webhook is not tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledBecause {
    /// Its owner said so.
    Owner,
    /// Nothing was delivered for [`GIVE_UP`].
    Failing,
    /// The receiver answered that it is gone for good (410).
    Gone,
}

impl DisabledBecause {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Failing, Self::Gone];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Since when, and why, a webhook is not tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub because: DisabledBecause,
}

/// How the telling goes, and when to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Not before.
    pub next_at: Timestamp,
    /// Failures in a row.
    pub failures: u32,
    /// Since when it fails.
    pub failing_since: Option<Timestamp>,
    /// Whether it is not tried any more.
    pub disabled: Option<Disabled>,
}

impl Retry {
    /// One that can begin.
    pub const fn new(now: Timestamp) -> Self {
        Self {
            next_at: now,
            failures: 0,
            failing_since: None,
            disabled: None,
        }
    }

    /// After they were told.
    #[must_use]
    pub const fn succeeded(self, now: Timestamp) -> Self {
        Self::new(now)
    }

    /// After they were not. `chance`, any byte, makes the pause up to a quarter shorter, so that who failed together is
    /// not called together again; `asked` is the pause that the receiver asked for, which is kept up to a day.
    #[must_use]
    pub fn failed(self, now: Timestamp, chance: u8, asked: Option<Seconds>) -> Self {
        let since = self.failing_since.unwrap_or(now);
        let doubled = 1_u64.checked_shl(self.failures).unwrap_or(u64::MAX);
        let longest = FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        let shorter = longest.saturating_mul(u64::from(chance)) / (4 * 255);
        let asked = asked.map_or(0, Seconds::get).min(Seconds::DAY.get());
        let pause = longest.saturating_sub(shorter).max(asked);
        let given_up = now >= since.saturating_add(GIVE_UP);
        Self {
            next_at: now.saturating_add(Seconds::new(pause).unwrap_or(Seconds::DAY)),
            failures: self.failures.saturating_add(1),
            failing_since: Some(since),
            disabled: given_up.then_some(Disabled {
                at: now,
                because: DisabledBecause::Failing,
            }),
        }
    }

    /// After somebody said that they want no more.
    #[must_use]
    pub const fn ended(mut self, now: Timestamp, because: DisabledBecause) -> Self {
        self.disabled = Some(Disabled { at: now, because });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let mut retry = Retry::new(at(0));
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let now = retry.next_at;
            retry = retry.failed(now, 0, None);
            pauses.push(retry.next_at.get() - now.get());
        }
        assert_eq!(pauses[..4], [10, 20, 40, 80]);
        assert_eq!(pauses[11], LONGEST_PAUSE);
        assert!(pauses.is_sorted());
        assert_eq!(retry.succeeded(at(9)), Retry::new(at(9)));
    }

    #[test]
    fn who_fails_for_days_is_given_up_and_never_before() {
        let mut retry = Retry::new(at(0));
        while retry.disabled.is_none() {
            let now = retry.next_at;
            retry = retry.failed(now, 0, None);
            let since = retry.failing_since.unwrap();
            assert_eq!(
                retry.disabled.is_some(),
                now.get() - since.get() >= GIVE_UP.get()
            );
        }
        assert!(retry.failures > 100);
    }

    #[test]
    fn pauses_differ_and_what_the_receiver_asks_for_is_kept() {
        let pause = |failures, chance, asked: Option<u64>| {
            let retry = Retry {
                failures,
                ..Retry::new(at(0))
            };
            let asked = asked.map(|asked| Seconds::new(asked).unwrap());
            retry.failed(at(0), chance, asked).next_at.get() - at(0).get()
        };
        assert_eq!(pause(0, u8::MAX, None), 8);
        assert_eq!(pause(9, u8::MAX, None), 2_700);
        let all: Vec<_> = (0..=u8::MAX).map(|chance| pause(9, chance, None)).collect();
        assert!(all.is_sorted_by(|longer, shorter| longer > shorter));
        assert_eq!(pause(0, 9, Some(120)), 120, "no earlier than it asks for");
        assert_eq!(pause(5, 0, Some(1)), 320, "nor sooner than it would be");
        assert_eq!(pause(0, 0, Some(u64::from(u32::MAX))), Seconds::DAY.get());
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let retry = Retry {
            failures: u32::MAX,
            ..Retry::new(Timestamp::MAX)
        };
        assert_eq!(
            retry.failed(Timestamp::MAX, u8::MAX, None).failures,
            u32::MAX
        );
    }
}
