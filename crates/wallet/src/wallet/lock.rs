use alloy_primitives::{B256, Bytes};
use offpay_protocol::{Seconds, SigningKey, Timestamp};
use thiserror::Error;

use super::Wallet;
use crate::{
    Entropy,
    keys::{KdfCost, KeyError, LockedError, PasskeySecret, Password, SecretKind, export_keystore},
    profile::Identity,
    storage::{Storage, StorageError},
    use_case::UseCase,
};

/// Why a wallet is not unlocked, or a password not changed.
#[derive(Debug, Error)]
pub enum UnlockError {
    /// The password is wrong or unfit.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// This wallet does not hold the owner key.
    #[error("this wallet does not hold the owner key")]
    NoOwnerKey,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl UnlockError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Key(error) => error.code(),
            Self::Locked(error) => error.code(),
            Self::NoOwnerKey => "no_owner_key",
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later, or with other input.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Key(error) => error.is_retryable(),
            Self::Locked(error) => error.is_retryable(),
            Self::NoOwnerKey => false,
            Self::Storage(error) => error.is_retryable(),
        }
    }
}

impl<S: Storage> Wallet<S> {
    /// Opens the vault with the PIN or passphrase. It locks itself after the idle time that the owner set.
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongPassword`].
    pub fn unlock(&mut self, password: &Password, now: Timestamp) -> Result<(), KeyError> {
        let idle_limit = self.state.settings().idle_limit;
        let unlocked = self
            .state
            .profile()
            .vault
            .unlock(password, idle_limit, now)?;
        self.unlocked = Some(unlocked);
        Ok(())
    }

    /// Forgets the keys until the wallet is unlocked again.
    pub fn lock(&mut self) {
        self.unlocked = None;
    }

    /// Whether the wallet can sign, and locks it if it was idle for too long.
    pub fn is_unlocked(&mut self, now: Timestamp) -> bool {
        self.lock_if_idle(now).is_ok() && self.unlocked.is_some()
    }

    /// Sets another PIN or passphrase. Needs the old one, even while the wallet is unlocked.
    ///
    /// # Errors
    ///
    /// See [`UnlockError`].
    pub fn change_password(
        &mut self,
        old: &Password,
        new: &Password,
        cost: KdfCost,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<(), UnlockError> {
        let time = self.prepare(now)?;
        let idle_limit = self.state.settings().idle_limit;
        let vault = &self.state.profile().vault;
        let unlocked = vault.unlock(old, idle_limit, now)?;
        let vault = vault.change_password(&unlocked, new, cost, entropy)?;
        self.record(UseCase::ChangePassword(vault), time)?;
        self.unlocked = Some(unlocked);
        Ok(())
    }

    /// Opens the vault with a passkey, as [`unlock`](Self::unlock) does with the PIN.
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongPasskey`].
    pub fn unlock_with_passkey(
        &mut self,
        credential: &[u8],
        secret: &PasskeySecret,
        now: Timestamp,
    ) -> Result<(), KeyError> {
        let idle_limit = self.state.settings().idle_limit;
        let vault = &self.state.profile().vault;
        self.unlocked = Some(vault.unlock_with_passkey(credential, secret, idle_limit, now)?);
        Ok(())
    }

    /// Lets a passkey open this wallet, too. Needs the PIN: who finds the wallet open must not stay in it.
    ///
    /// # Errors
    ///
    /// See [`UnlockError`].
    pub fn add_passkey(
        &mut self,
        pin: &Password,
        credential: Bytes,
        salt: B256,
        secret: &PasskeySecret,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<(), UnlockError> {
        let time = self.prepare(now)?;
        let idle_limit = self.state.settings().idle_limit;
        let vault = &self.state.profile().vault;
        let unlocked = vault.unlock(pin, idle_limit, now)?;
        let vault = vault.with_passkey(&unlocked, credential, salt, secret, entropy)?;
        self.record(UseCase::ChangePassword(vault), time)?;
        self.unlocked = Some(unlocked);
        Ok(())
    }

    /// A passkey opens this wallet no more.
    ///
    /// # Errors
    ///
    /// See [`UnlockError`].
    pub fn forget_passkey(&mut self, credential: &[u8], now: Timestamp) -> Result<(), UnlockError> {
        let time = self.prepare(now)?;
        let vault = self.state.profile().vault.without_passkey(credential);
        self.record(UseCase::ChangePassword(vault), time)?;
        Ok(())
    }

    /// The owner key, for signing transactions and relays. Only owner keys can be had; a device key cannot.
    ///
    /// # Errors
    ///
    /// See [`UnlockError`].
    pub fn owner_key(&mut self, now: Timestamp) -> Result<SigningKey, UnlockError> {
        let (state, keys) = self.keys(now)?;
        match state.identity() {
            Identity::Owner {
                account,
                owner_key: Some(sealed),
            } => {
                let address = account.address();
                Ok(keys.open(SecretKind::Owner(address), address, sealed)?)
            }
            _ => Err(UnlockError::NoOwnerKey),
        }
    }

    /// The owner key as an Ethereum keystore file (version 3).
    ///
    /// # Errors
    ///
    /// See [`UnlockError`].
    pub fn export_owner_key(
        &mut self,
        password: &Password,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<String, UnlockError> {
        let key = self.owner_key(now)?;
        Ok(export_keystore(&key, password, entropy)?)
    }

    pub(super) fn lock_if_idle(&mut self, now: Timestamp) -> Result<(), LockedError> {
        match self
            .unlocked
            .as_ref()
            .and_then(|unlocked| unlocked.idle(now))
        {
            None => Ok(()),
            Some(idle) => {
                self.unlocked = None;
                Err(LockedError::Idle { idle })
            }
        }
    }

    /// How long the wallet may lie unused before it locks itself.
    pub fn idle_limit(&self) -> Seconds {
        self.state.settings().idle_limit
    }
}
