use alloy_primitives::{B256, Bytes, FixedBytes};
use offpay_protocol::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    KdfCost, KeyError, Passkey, PasskeySecret, Password, SealedSecret, SecretKind, Unlocked,
    password::derive_key,
    sealed::{open_32, seal},
};
use crate::Entropy;

/// The most passkeys of one wallet: one for each device that its owner's passkeys are not copied between.
const MOST_PASSKEYS: usize = 8;

/// The data key, sealed under a PIN or passphrase, and under the passkeys that the owner added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vault {
    cost: KdfCost,
    salt: FixedBytes<16>,
    data_key: SealedSecret,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    passkeys: Vec<Passkey>,
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

    /// The same data key under another password. Its passkeys still open it.
    ///
    /// # Errors
    ///
    /// [`KeyError::PasswordTooShort`], [`KeyError::Cost`].
    pub fn change_password(
        &self,
        unlocked: &Unlocked,
        password: &Password,
        cost: KdfCost,
        entropy: &Entropy,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            passkeys: self.passkeys.clone(),
            ..Self::wrap(unlocked.data_key(), password, cost, entropy)?
        })
    }

    /// The passkeys that open it.
    pub fn passkeys(&self) -> &[Passkey] {
        &self.passkeys
    }

    /// The same vault, which this passkey opens as well. It takes the place of one with the same credential.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooManyPasskeys`].
    pub fn with_passkey(
        &self,
        unlocked: &Unlocked,
        credential: Bytes,
        salt: B256,
        secret: &PasskeySecret,
        entropy: &Entropy,
    ) -> Result<Self, KeyError> {
        let mut vault = self.without_passkey(&credential);
        if vault.passkeys.len() >= MOST_PASSKEYS {
            return Err(KeyError::TooManyPasskeys {
                most: MOST_PASSKEYS,
            });
        }
        let data_key = unlocked.data_key();
        let passkey = Passkey::seal(data_key, credential, salt, secret, entropy)?;
        vault.passkeys.push(passkey);
        Ok(vault)
    }

    /// The same vault, which this passkey opens no more. The PIN always does.
    pub fn without_passkey(&self, credential: &[u8]) -> Self {
        let mut vault = self.clone();
        vault
            .passkeys
            .retain(|passkey| *passkey.credential != *credential);
        vault
    }

    /// Opens the data key with what a passkey's authenticator gave.
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongPasskey`].
    pub fn unlock_with_passkey(
        &self,
        credential: &[u8],
        secret: &PasskeySecret,
        idle_limit: Seconds,
        now: Timestamp,
    ) -> Result<Unlocked, KeyError> {
        let mut known = self.passkeys.iter();
        let passkey = known
            .find(|passkey| *passkey.credential == *credential)
            .ok_or(KeyError::WrongPasskey)?;
        Ok(Unlocked::new(passkey.open(secret)?, idle_limit, now))
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
            passkeys: Vec::new(),
        })
    }
}
