//! `[vault]`

use serde::Deserialize;

use super::{Invalid, Secret};
use crate::vault::LocalMasterKeys;

/// The vault of hosted keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultSection {
    /// The master keys. The first one seals; all of them open. To rotate, put a new one in front, restart, run
    /// `offpay operator keys rotate`, and take the old one out. At least one is needed.
    pub master_keys: Vec<MasterKeySection>,
}

/// One master key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKeySection {
    /// What it is called: stored beside all that it seals. Never call another key the same.
    pub id: String,
    /// The key: 64 hex digits.
    pub key: Secret,
}

impl VaultSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if let Err(error) = LocalMasterKeys::load(&self.master_keys) {
            invalid.push(Invalid::new("vault.master_keys", error.to_string()));
        }
    }
}
