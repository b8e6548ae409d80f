//! `[webhooks]`

use std::time::Duration;

use offpay_protocol::Seconds;
use serde::Deserialize;

use super::Invalid;

/// How users' webhooks are called, and where they may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksSection {
    /// How many webhooks a user may have. 0: there are none.
    pub per_user: u32,
    /// How long a receiver may take to answer, in seconds, its name's resolution and the connection included.
    pub timeout_s: u64,
    /// How many are called at once; and as many of those that were slow or failed the last time, apart.
    pub at_once: u32,
    /// Whether URLs may be `http:`. For test networks.
    pub allow_http: bool,
    /// The ports that are called.
    pub ports: Vec<u16>,
    /// Hosts that may have any address, port and scheme: for receivers in the operator's own network, and for trying
    /// things out on one machine.
    pub trusted_hosts: Vec<String>,
    /// For how many days what was delivered is listed.
    pub keep_days: u32,
}

impl Default for WebhooksSection {
    fn default() -> Self {
        Self {
            per_user: 10,
            timeout_s: 15,
            at_once: 32,
            allow_http: false,
            ports: vec![443, 8443],
            trusted_hosts: Vec::new(),
            keep_days: 30,
        }
    }
}

impl WebhooksSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if !(1..=30).contains(&self.timeout_s) {
            let reason = "has to be within 1 and 30 seconds";
            invalid.push(Invalid::new("webhooks.timeout_s", reason));
        }
        if !(1..=1_000).contains(&self.at_once) {
            invalid.push(Invalid::new(
                "webhooks.at_once",
                "has to be within 1 and 1000",
            ));
        }
        if self.keep_days == 0 {
            invalid.push(Invalid::new("webhooks.keep_days", "has to be at least 1"));
        }
        if self.ports.is_empty() || self.ports.contains(&0) {
            let reason = "names at least one port, and not 0";
            invalid.push(Invalid::new("webhooks.ports", reason));
        }
    }

    /// How long a receiver may take to answer.
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s)
    }

    /// For how long what was delivered is listed.
    pub fn keep(&self) -> Seconds {
        Seconds::new(u64::from(self.keep_days).saturating_mul(86_400)).unwrap_or(Seconds::DAY)
    }
}
