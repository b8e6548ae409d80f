//! What the owner of a wallet sets.

use offpay_protocol::{Amount, Seconds, acceptance};
use serde::{Deserialize, Serialize};

/// What the owner of a wallet sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// What may be paid without asking the network.
    pub spending: SpendingLimits,
    /// What may be accepted without asking the network.
    pub acceptance: AcceptancePolicy,
    /// After how long without use the wallet locks itself.
    pub idle_limit: Seconds,
}

/// Limits that a payer sets for itself. `None` is no limit. A day is the last 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpendingLimits {
    /// The most that one payment may be.
    pub per_payment: Option<Amount>,
    /// The most that all payments of a day may be.
    pub per_day: Option<Amount>,
    /// The most payments of a day.
    pub payments_per_day: Option<u32>,
}

/// What a payee takes, after the rules of terminals (EMV): counts, sums, age of the last sync, and a floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptancePolicy {
    /// What may be held with no network.
    pub limits: acceptance::Limits,
    /// From this amount on a single payment is taken only with the network's word (a clearance or a settlement).
    /// `None` takes any amount that the limits allow.
    pub floor: Option<Amount>,
}

impl Settings {
    /// Cautious settings: a day without network, covers that count from ten on, nothing uncovered.
    ///
    /// `unit` is one whole token.
    pub fn cautious(unit: Amount) -> Self {
        let tokens = |count: u128| {
            unit.get()
                .checked_mul(count)
                .and_then(Amount::new)
                .unwrap_or(Amount::MAX)
        };
        Self {
            spending: SpendingLimits {
                per_payment: Some(tokens(100)),
                per_day: Some(tokens(500)),
                payments_per_day: Some(50),
            },
            acceptance: AcceptancePolicy {
                limits: acceptance::Limits {
                    payments: 500,
                    total: tokens(5_000),
                    per_payer: tokens(500),
                    since_sync: Seconds::DAY,
                    least_cover_count: 10,
                    uncovered: Amount::ZERO,
                    margin: Seconds::DAY,
                },
                floor: Some(tokens(1_000)),
            },
            idle_limit: Seconds::new(5 * 60).unwrap_or(Seconds::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cautious_settings_are_in_whole_tokens_and_lock_after_five_minutes() {
        let settings = Settings::cautious(Amount::new(1_000_000).unwrap());
        assert_eq!(settings.spending.per_payment, Amount::new(100_000_000));
        assert_eq!(settings.acceptance.floor, Amount::new(1_000_000_000));
        assert_eq!(settings.idle_limit, Seconds::new(300).unwrap());
    }
}
