//! `[database]`

use serde::Deserialize;

use super::{Invalid, Secret};

/// Where everything is stored.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSection {
    /// `sqlite:<file>` or `postgres://…`; a secret, because it can hold a password.
    pub url: Secret,
    /// How long a server that is gone keeps the others from doing what one does alone, in milliseconds.
    pub lease_ms: u64,
}

impl Default for DatabaseSection {
    fn default() -> Self {
        Self {
            url: "sqlite:offpay.db".into(),
            lease_ms: 5_000,
        }
    }
}

impl DatabaseSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if !(500..=60_000).contains(&self.lease_ms) {
            let reason = "is between half a second and a minute";
            invalid.push(Invalid::new("database.lease_ms", reason));
        }
        match self.url.read() {
            Err(error) => invalid.push(Invalid::new("database.url", error.to_string())),
            Ok(url)
                if !["sqlite:", "postgres:", "postgresql:"]
                    .iter()
                    .any(|scheme| url.starts_with(scheme)) =>
            {
                invalid.push(Invalid::new(
                    "database.url",
                    "has to begin with sqlite: or postgres://",
                ));
            }
            Ok(_) => {}
        }
    }
}
