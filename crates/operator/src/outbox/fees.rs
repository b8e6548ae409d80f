//! What a transaction offers for gas, and when it offers more.

use offpay_protocol::{Seconds, Timestamp};

/// What a unit of gas may cost, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fees {
    /// The most in all.
    pub most: u64,
    /// The part that goes to who makes the block (EIP-1559); `None` on chains without a base fee.
    pub priority: Option<u64>,
}

/// How much is offered at most, and how long an offer is left to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePolicy {
    /// The most for a unit of gas while there is time, in wei.
    pub cap: u64,
    /// The most for a unit of gas when a deadline is near, in wei.
    pub urgent_cap: u64,
    /// How long an offer stands while there is time.
    pub patience: Seconds,
    /// How long an offer stands when a deadline is near.
    pub urgent_patience: Seconds,
    /// How near a deadline is near.
    pub near: Seconds,
}

impl Default for FeePolicy {
    fn default() -> Self {
        Self {
            cap: 200_000_000_000,
            urgent_cap: 2_000_000_000_000,
            patience: seconds(120),
            urgent_patience: seconds(24),
            near: seconds(2 * 3_600),
        }
    }
}

const fn seconds(seconds: u64) -> Seconds {
    match Seconds::new(seconds) {
        Some(seconds) => seconds,
        None => Seconds::ZERO,
    }
}

/// How much a deadline presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// There is time, or no deadline.
    Calm,
    /// A deadline is near, or over.
    Urgent,
}

impl FeePolicy {
    /// How much this deadline presses at this time.
    pub fn urgency(&self, deadline: Option<Timestamp>, now: Timestamp) -> Urgency {
        match deadline {
            Some(deadline) if now.saturating_add(self.near) >= deadline => Urgency::Urgent,
            _ => Urgency::Calm,
        }
    }

    /// The most for a unit of gas.
    pub const fn cap(&self, urgency: Urgency) -> u64 {
        match urgency {
            Urgency::Calm => self.cap,
            Urgency::Urgent => self.urgent_cap,
        }
    }

    /// How long an offer stands.
    pub const fn patience(&self, urgency: Urgency) -> Seconds {
        match urgency {
            Urgency::Calm => self.patience,
            Urgency::Urgent => self.urgent_patience,
        }
    }

    /// The first offer: what the market asks, within the cap.
    pub fn first(&self, market: Fees, urgency: Urgency) -> Fees {
        within(market, self.cap(urgency))
    }

    /// Whether an offer has stood long enough to be raised.
    pub fn is_stale(&self, signed_at: Timestamp, now: Timestamp, urgency: Urgency) -> bool {
        now >= signed_at.saturating_add(self.patience(urgency))
    }

    /// The next offer in place of `previous`: at least an eighth more, which is above the tenth that nodes ask for a
    /// replacement, and at least what the market asks. `None` where the cap leaves no room for that.
    pub fn raised(&self, previous: Fees, market: Fees, urgency: Urgency) -> Option<Fees> {
        let cap = self.cap(urgency);
        let most = eighth_more(previous.most);
        if most > cap {
            return None;
        }
        let most = most.max(market.most.min(cap));
        let priority = previous
            .priority
            .map(|priority| {
                let least = eighth_more(priority);
                least.max(market.priority.unwrap_or_default()).min(most)
            })
            // A replacement must raise both.
            .map(|priority| priority.max(previous.priority.map_or(0, eighth_more)));
        if priority.is_some_and(|priority| priority > most) {
            return None;
        }
        Some(Fees { most, priority })
    }
}

/// An eighth more, rounded up, and at least one more.
fn eighth_more(fee: u64) -> u64 {
    fee.saturating_add(fee.div_ceil(8).max(1))
}

fn within(fees: Fees, cap: u64) -> Fees {
    let most = fees.most.min(cap);
    Fees {
        most,
        priority: fees.priority.map(|priority| priority.min(most)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fees() -> impl Strategy<Value = Fees> {
        (1u64..1 << 45, 0u64..1 << 45, any::<bool>()).prop_map(|(most, priority, market)| Fees {
            most,
            priority: market.then_some(priority.min(most)),
        })
    }

    proptest! {
        /// Nodes refuse a replacement that does not raise everything by a tenth.
        #[test]
        fn a_raise_is_enough_and_within_the_cap(previous in fees(), mut market in fees(), urgent: bool) {
            let policy = FeePolicy::default();
            let urgency = if urgent { Urgency::Urgent } else { Urgency::Calm };
            market.priority = previous.priority.map(|_| market.priority.unwrap_or(1).min(market.most));
            if let Some(raised) = policy.raised(previous, market, urgency) {
                prop_assert!(raised.most <= policy.cap(urgency));
                prop_assert!(u128::from(raised.most) * 8 >= u128::from(previous.most) * 9);
                prop_assert!(raised.most > previous.most);
                prop_assert_eq!(raised.priority.is_some(), previous.priority.is_some());
                if let (Some(new), Some(old)) = (raised.priority, previous.priority) {
                    prop_assert!(new > old && u128::from(new) * 8 >= u128::from(old) * 9);
                    prop_assert!(new <= raised.most);
                }
            } else {
                prop_assert!(u128::from(previous.most) * 9 / 8 + 1 >= u128::from(policy.cap(urgency))
                    || previous.priority.is_some_and(|p| u128::from(p) * 9 / 8 + 1 >= u128::from(previous.most)));
            }
        }

        /// Raised again and again, an offer reaches the cap in a bounded number of steps.
        #[test]
        fn raising_ends_at_the_cap(first in fees()) {
            let policy = FeePolicy::default();
            let mut offer = policy.first(first, Urgency::Urgent);
            let mut steps = 0;
            while let Some(next) = policy.raised(offer, first, Urgency::Urgent) {
                offer = next;
                steps += 1;
                prop_assert!(steps < 400);
            }
        }
    }

    #[test]
    fn a_deadline_that_is_near_presses() {
        let policy = FeePolicy::default();
        let at = |seconds| Timestamp::new(seconds).unwrap();
        assert_eq!(policy.urgency(None, at(1_000_000)), Urgency::Calm);
        assert_eq!(
            policy.urgency(Some(at(1_000_000)), at(1_000_000 - 7_201)),
            Urgency::Calm
        );
        assert_eq!(
            policy.urgency(Some(at(1_000_000)), at(1_000_000 - 7_200)),
            Urgency::Urgent
        );
        assert_eq!(
            policy.urgency(Some(at(1_000_000)), at(2_000_000)),
            Urgency::Urgent
        );
    }
}
