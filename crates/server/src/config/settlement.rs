//! `[settlement]`

use offpay_operator::settlement::Policy;
use offpay_protocol::cover::Parameters;
use serde::Deserialize;

use super::{Invalid, outbox::seconds};

/// More do not fit into the gas that a transaction may use.
const MOST_ROWS: usize = 300;

/// When debts are brought on-chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettlementSection {
    /// How often it is looked for what is due, in milliseconds.
    pub poll_ms: u64,
    /// How long a debt waits for company even if gas is cheap, in seconds.
    pub gather_s: u64,
    /// How long a debt waits at most, in seconds. What hosted payers signed never waits longer than the contract's
    /// settlement period, whatever stands here.
    pub longest_wait_s: u64,
    /// How long before its deadline a debt is sent at the latest, in seconds; but never earlier than half way.
    pub lead_s: u64,
    /// Up to this price of gas nothing waits for a cheaper one, in gwei.
    pub cheap_gas_gwei: u32,
    /// The most payments in one transaction.
    pub most_rows: usize,
    /// How long a debt that cannot be settled as things are is left alone, in seconds.
    pub aside_s: u64,
}

impl Default for SettlementSection {
    fn default() -> Self {
        Self {
            poll_ms: 2_000,
            gather_s: 30,
            longest_wait_s: 12 * 60 * 60,
            lead_s: 6 * 60 * 60,
            cheap_gas_gwei: 5,
            most_rows: 100,
            aside_s: 600,
        }
    }
}

impl SettlementSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if self.most_rows == 0 || self.most_rows > MOST_ROWS {
            invalid.push(Invalid::new("settlement.most_rows", "has to be 1 to 300"));
        }
    }

    /// The plan's policy on a contract with these parameters.
    pub fn policy(&self, parameters: &Parameters) -> Policy {
        Policy {
            settlement_period: parameters.settlement_period,
            close_delay: parameters.close_delay,
            longest_wait: seconds(self.longest_wait_s),
            gather: seconds(self.gather_s),
            lead: seconds(self.lead_s),
            cheap_gas: u64::from(self.cheap_gas_gwei).saturating_mul(1_000_000_000),
            most_rows: self.most_rows.clamp(1, MOST_ROWS),
        }
    }
}
