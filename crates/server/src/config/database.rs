//! `[database]`

use serde::Deserialize;

use super::{Invalid, Secret};

/// Where everything is stored.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSection {
    /// `sqlite:<file>` or `postgres://…`; a secret, because it can hold a password.
    pub url: Secret,
}

impl Default for DatabaseSection {
    fn default() -> Self {
        Self {
            url: "sqlite:offpay.db".into(),
        }
    }
}

impl DatabaseSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
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
