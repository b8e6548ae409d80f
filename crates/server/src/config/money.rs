//! Hosted money.

use offpay_protocol::{Amount, Seconds};
use serde::Deserialize;

use super::Invalid;

/// Hosted money: fees, limits, the faucet.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoneySection {
    /// What the operator takes for each operation that it relays, in base units, inside the relayed batch.
    pub relay_fee: Amount,
    /// For how many seconds what was signed for a relay can run.
    pub relay_lifetime_s: u64,
    /// The most operations of one user that may be under way at once.
    pub under_way: u32,
    /// The most operations of one user in 24 hours.
    pub per_day: u32,
    /// The most channels of one user that are not closed, and offers of channels that nobody took.
    pub channels: u32,
    /// What the faucet of a test network gives at once; twenty times the collateral of a registered account without it.
    /// There is a faucet if `keys.token_owner` is set.
    pub faucet_amount: Option<Amount>,
    /// How often in 24 hours it gives to one user.
    pub faucet_per_day: u32,
    /// How many seconds after it was added an address to withdraw to can be confirmed.
    pub address_delay_s: u64,
    /// Into how many covers a purse's pledge is divided where the user does not say.
    pub cover_count: u16,
    /// Whether everybody who applies to the operator's circle is admitted: for test networks.
    pub auto_admit: bool,
    /// For how many seconds an attestation counts.
    pub attestation_lifetime_s: u64,
}

impl Default for MoneySection {
    fn default() -> Self {
        Self {
            relay_fee: Amount::ZERO,
            relay_lifetime_s: 60 * 60,
            under_way: 16,
            per_day: 200,
            channels: 100,
            faucet_amount: None,
            faucet_per_day: 5,
            address_delay_s: 24 * 60 * 60,
            cover_count: 50,
            auto_admit: false,
            attestation_lifetime_s: 30 * 24 * 60 * 60,
        }
    }
}

impl MoneySection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if !(60..=24 * 60 * 60).contains(&self.relay_lifetime_s) {
            let reason = "is between a minute and a day";
            invalid.push(Invalid::new("money.relay_lifetime_s", reason));
        }
        if self.cover_count == 0 || self.cover_count == u16::MAX {
            invalid.push(Invalid::new("money.cover_count", "is 1 to 65534"));
        }
    }

    /// For how long what was signed for a relay can run.
    pub fn relay_lifetime(&self) -> Seconds {
        seconds(self.relay_lifetime_s)
    }

    /// How long after it was added an address can be confirmed.
    pub fn address_delay(&self) -> Seconds {
        seconds(self.address_delay_s)
    }

    /// For how long an attestation counts.
    pub fn attestation_lifetime(&self) -> Seconds {
        seconds(self.attestation_lifetime_s)
    }
}

fn seconds(seconds: u64) -> Seconds {
    Seconds::new(seconds).unwrap_or(Seconds::DAY)
}
