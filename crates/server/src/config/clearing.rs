//! `[clearing]`

use offpay_protocol::Seconds;
use serde::Deserialize;

use super::{Invalid, outbox::seconds};

/// Clearing, certificates and revocations.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClearingSection {
    /// What the operator calls itself.
    pub operator_name: String,
    /// Requests with payments to clear per minute of one address, counted apart from its others. 0: no limit.
    pub requests_per_minute: u32,
    /// How old the newest final block may be that a certificate is of, in seconds.
    pub certificate_oldest_s: u64,
    /// How long after the last one the list of closing purses is signed anew if nothing changed, in seconds.
    pub revocations_every_s: u64,
}

impl Default for ClearingSection {
    fn default() -> Self {
        Self {
            operator_name: "OffPay".to_owned(),
            requests_per_minute: 60_000,
            certificate_oldest_s: 60 * 60,
            revocations_every_s: 10 * 60,
        }
    }
}

impl ClearingSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if !(1..=100).contains(&self.operator_name.chars().count()) {
            let reason = "has 1 to 100 characters";
            invalid.push(Invalid::new("clearing.operator_name", reason));
        }
        // A certificate counts for a day at most.
        if !(60..24 * 60 * 60).contains(&self.certificate_oldest_s) {
            let reason = "is between a minute and a day";
            invalid.push(Invalid::new("clearing.certificate_oldest_s", reason));
        }
        if self.revocations_every_s == 0 {
            let reason = "is at least a second";
            invalid.push(Invalid::new("clearing.revocations_every_s", reason));
        }
    }

    /// How old the newest final block may be that a certificate is of.
    pub fn certificate_oldest(&self) -> Seconds {
        seconds(self.certificate_oldest_s)
    }

    /// How long after the last one the list of closing purses is signed anew.
    pub fn revocations_every(&self) -> Seconds {
        seconds(self.revocations_every_s)
    }
}
