//! Passkeys: another way to the data key, beside the PIN.
//!
//! With WebAuthn's PRF extension an authenticator gives 32 bytes for a salt, the same each time and to nobody else, and
//! only after it verified its user. They seal the data key as the PIN does.

use core::fmt;

use alloy_primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    KeyError, SealedSecret, SecretKind,
    sealed::{open_32, seal},
};
use crate::Entropy;

/// Keeps what seals the data key apart from whatever else the authenticator's output is used for.
const PURPOSE: &[u8] = b"offpay/1/passkey";

/// What an authenticator gave for a salt. Overwritten when dropped, never printed.
pub struct PasskeySecret(Zeroizing<[u8; 32]>);

impl PasskeySecret {
    /// Takes the output of the PRF extension.
    pub const fn new(output: Zeroizing<[u8; 32]>) -> Self {
        Self(output)
    }

    fn key(&self) -> Zeroizing<[u8; 32]> {
        let mut hasher = Sha256::new();
        hasher.update(PURPOSE);
        hasher.update(self.0.as_slice());
        Zeroizing::new(hasher.finalize().into())
    }
}

impl fmt::Debug for PasskeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeySecret(..)")
    }
}

/// The data key, sealed under a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Passkey {
    /// The credential's id, by which a browser finds it.
    pub credential: Bytes,
    /// What the authenticator is asked for.
    pub salt: B256,
    data_key: SealedSecret,
}

impl Passkey {
    pub(super) fn seal(
        data_key: &[u8; 32],
        credential: Bytes,
        salt: B256,
        secret: &PasskeySecret,
        entropy: &Entropy,
    ) -> Result<Self, KeyError> {
        let nonce = entropy.draw::<24>("passkey nonce");
        let data_key = seal(&secret.key(), &nonce, SecretKind::DataKey, data_key)?;
        Ok(Self {
            credential,
            salt,
            data_key,
        })
    }

    pub(super) fn open(&self, secret: &PasskeySecret) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        open_32(&secret.key(), SecretKind::DataKey, &self.data_key)
            .map_err(|_| KeyError::WrongPasskey)
    }
}
