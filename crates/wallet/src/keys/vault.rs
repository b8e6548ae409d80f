use alloy_primitives::FixedBytes;
use offpay_protocol::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    KdfCost, KeyError, Password, SealedSecret, SecretKind, Unlocked,
    password::derive_key,
    sealed::{open_32, seal},
};
use crate::Entropy;

/// The data key, sealed under a PIN or passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vault {
    cost: KdfCost,
    salt: FixedBytes<16>,
    data_key: SealedSecret,
}

impl Vault {
    /// A new data key under `password`, and the vault unlocked.
    ///
    /// # Errors
    ///
    /// [`KeyError::PasswordTooShort`], [`KeyError::Cost`].
    pub fn create(
        password: &Password,
        cost: KdfCost,
        entropy: &Entropy,
        idle_limit: Seconds,
        now: Timestamp,
    ) -> Result<(Self, Unlocked), KeyError> {
        let data_key = entropy.draw::<32>("data key");
        let vault = Self::wrap(&data_key, password, cost, entropy)?;
        Ok((vault, Unlocked::new(data_key, idle_limit, now)))
    }

    /// The same data key under another password.
    ///
    /// # Errors
    ///
    /// [`KeyError::PasswordTooShort`], [`KeyError::Cost`].
    pub fn change_password(
        unlocked: &Unlocked,
        password: &Password,
        cost: KdfCost,
        entropy: &Entropy,
    ) -> Result<Self, KeyError> {
        Self::wrap(unlocked.data_key(), password, cost, entropy)
    }

    /// Opens the data key. It stays open until it was not used for `idle_limit`.
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongPassword`], [`KeyError::Cost`].
    pub fn unlock(
        &self,
        password: &Password,
        idle_limit: Seconds,
        now: Timestamp,
    ) -> Result<Unlocked, KeyError> {
        let key = derive_key(password, &self.salt.0, self.cost)?;
        let data_key = open_32(&key, SecretKind::DataKey, &self.data_key)
            .map_err(|_| KeyError::WrongPassword)?;
        Ok(Unlocked::new(data_key, idle_limit, now))
    }

    fn wrap(
        data_key: &[u8; 32],
        password: &Password,
        cost: KdfCost,
        entropy: &Entropy,
    ) -> Result<Self, KeyError> {
        password.check_length()?;
        let salt = *entropy.draw::<16>("password salt");
        let key = derive_key(password, &salt, cost)?;
        let nonce = entropy.draw::<24>("data key nonce");
        let data_key = seal(&key, &nonce, SecretKind::DataKey, data_key)?;
        Ok(Self {
            cost,
            salt: salt.into(),
            data_key,
        })
    }
}
