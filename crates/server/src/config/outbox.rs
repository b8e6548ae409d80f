//! `[outbox]`

use offpay_operator::outbox::fees::FeePolicy;
use offpay_protocol::Seconds;
use serde::Deserialize;

use super::Invalid;

/// How transactions are sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxSection {
    /// How often the chain is looked at while nothing wakes the sender, in milliseconds.
    pub poll_ms: u64,
    /// How many transactions may wait for a block at once.
    pub in_flight: u32,
    /// The most that a unit of gas may cost while there is time, in gwei.
    pub fee_cap_gwei: u32,
    /// The most that a unit of gas may cost when a deadline is near, in gwei.
    pub urgent_fee_cap_gwei: u32,
    /// After how long without a block an offer is raised, in seconds.
    pub patience_s: u64,
    /// The same when a deadline is near.
    pub urgent_patience_s: u64,
    /// How near a deadline is near, in seconds.
    pub near_s: u64,
    /// After how long without a block a transaction is handed to the nodes again, in seconds.
    pub again_s: u64,
    /// For how long a final block must have used a nonce for something else, with no node knowing a receipt of ours,
    /// before the work gets another nonce, in seconds.
    pub lost_s: u64,
    /// A transaction that is in no block after this long is told as stuck, in seconds.
    pub stuck_s: u64,
    /// The most gas that one transaction may use (EIP-7825).
    pub most_gas: u64,
}

impl Default for OutboxSection {
    fn default() -> Self {
        Self {
            poll_ms: 500,
            in_flight: 16,
            fee_cap_gwei: 200,
            urgent_fee_cap_gwei: 2_000,
            patience_s: 120,
            urgent_patience_s: 24,
            near_s: 2 * 60 * 60,
            again_s: 30,
            lost_s: 600,
            stuck_s: 900,
            most_gas: 1 << 24,
        }
    }
}

const GWEI: u64 = 1_000_000_000;

impl OutboxSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if self.in_flight == 0 {
            invalid.push(Invalid::new("outbox.in_flight", "has to be at least 1"));
        }
        if self.fee_cap_gwei == 0 {
            invalid.push(Invalid::new("outbox.fee_cap_gwei", "has to be at least 1"));
        }
        if self.urgent_fee_cap_gwei < self.fee_cap_gwei {
            invalid.push(Invalid::new(
                "outbox.urgent_fee_cap_gwei",
                "is below fee_cap_gwei: nothing would be sent faster when it is urgent",
            ));
        }
    }

    /// What is offered for gas.
    pub fn fees(&self) -> FeePolicy {
        FeePolicy {
            cap: u64::from(self.fee_cap_gwei).saturating_mul(GWEI),
            urgent_cap: u64::from(self.urgent_fee_cap_gwei).saturating_mul(GWEI),
            patience: seconds(self.patience_s),
            urgent_patience: seconds(self.urgent_patience_s),
            near: seconds(self.near_s),
        }
    }
}

/// A span that was configured; one beyond what a timestamp can hold is a day.
pub(crate) fn seconds(seconds: u64) -> Seconds {
    Seconds::new(seconds).unwrap_or(Seconds::DAY)
}
