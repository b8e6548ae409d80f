//! `[keys]`

use serde::Deserialize;

use super::{Invalid, Secret};
use crate::keys;

/// The operator's keys, each 64 hex digits.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeysSection {
    /// Signs certificates, clearances and revocations. Needed.
    pub operator: Option<Secret>,
    /// The key that signs next, and from when on, in seconds since 1970: announced at the first start with it. Both or none.
    pub operator_next: Option<Secret>,
    /// From when on the next key signs.
    pub operator_next_from: Option<u64>,
    /// Sends transactions and pays for their gas. Needed.
    pub gas: Option<Secret>,
    /// Administers the operator's circle. Without it, the operator's key does.
    pub circle: Option<Secret>,
    /// Owns a test network's token: the faucet mints with it. Without it, there is no faucet.
    pub token_owner: Option<Secret>,
}

impl KeysSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        let wrong = keys::Keys::wrong(self);
        if wrong.is_empty() {
            // Each is a key: do they go together?
            invalid.extend(keys::Keys::read(self).err());
        }
        invalid.extend(wrong);
    }
}
