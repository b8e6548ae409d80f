//! Webhooks: whom to tell of events, and when to try again.

use offpay_protocol::{Seconds, Timestamp};
use uuid::Uuid;

use crate::UserId;

/// The first pause after a failure; each is twice as long as the last.
const FIRST_PAUSE: u64 = 10;
/// The longest.
const LONGEST_PAUSE: u64 = 3_600;
/// A webhook that failed for so long is not tried any more.
const GIVE_UP: Seconds = Seconds::days(5);

/// Somebody who is told of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: Uuid,
    /// Whose events; `None`: the operator's.
    pub owner: Option<UserId>,
    /// Where to.
    pub url: String,
    /// The last event that they were told of.
    pub cursor: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// How it goes.
    pub delivery: Delivery,
}

/// How the telling goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Not before.
    pub next_at: Timestamp,
    /// Failures in a row.
    pub failures: u32,
    /// Since when it fails.
    pub failing_since: Option<Timestamp>,
    /// Since when it is not tried any more.
    pub disabled_at: Option<Timestamp>,
}

impl Delivery {
    /// One that can begin.
    pub const fn new(now: Timestamp) -> Self {
        Self {
            next_at: now,
            failures: 0,
            failing_since: None,
            disabled_at: None,
        }
    }

    /// After they were told.
    #[must_use]
    pub const fn succeeded(self, now: Timestamp) -> Self {
        Self::new(now)
    }

    /// After they were not.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        let since = self.failing_since.unwrap_or(now);
        let doubled = 1_u64.checked_shl(self.failures).unwrap_or(u64::MAX);
        let pause = FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        let given_up = now >= since.saturating_add(GIVE_UP);
        Self {
            next_at: now.saturating_add(Seconds::new(pause).unwrap_or(Seconds::DAY)),
            failures: self.failures.saturating_add(1),
            failing_since: Some(since),
            disabled_at: given_up.then_some(now),
        }
    }

    /// After they said that they want no more.
    #[must_use]
    pub const fn ended(mut self, now: Timestamp) -> Self {
        self.disabled_at = Some(now);
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
        let mut delivery = Delivery::new(at(0));
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let now = delivery.next_at;
            delivery = delivery.failed(now);
            pauses.push(delivery.next_at.get() - now.get());
        }
        assert_eq!(pauses[..4], [10, 20, 40, 80]);
        assert_eq!(pauses[11], LONGEST_PAUSE);
        assert!(pauses.is_sorted());
        assert_eq!(delivery.succeeded(at(9)), Delivery::new(at(9)));
    }

    #[test]
    fn who_fails_for_days_is_given_up_and_never_before() {
        let mut delivery = Delivery::new(at(0));
        while delivery.disabled_at.is_none() {
            let now = delivery.next_at;
            delivery = delivery.failed(now);
            let since = delivery.failing_since.unwrap();
            assert_eq!(
                delivery.disabled_at.is_some(),
                now.get() - since.get() >= GIVE_UP.get()
            );
        }
        assert!(delivery.failures > 100);
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let delivery = Delivery {
            failures: u32::MAX,
            ..Delivery::new(Timestamp::MAX)
        };
        assert_eq!(delivery.failed(Timestamp::MAX).failures, u32::MAX);
    }
}
