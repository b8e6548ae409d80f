//! The vault of hosted keys: envelope encryption.
//!
//! Each user has a random data key, which seals all of that user's secrets (XChaCha20-Poly1305; the user's id and what
//! the secret is are authenticated with it, so that no row can stand in for another). A master key, which never is in
//! the database, seals the data keys. So a copy of the database opens nothing, changing the master key touches one
//! small row per user, and forgetting a data key forgets everything under it.

mod envelope;
mod error;
mod key_name;
mod local;
mod master;
mod program;
mod ring;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use offpay_operator::{
    UserId,
    slots::Slot,
    storage::{
        AdminStorage as _,
        identity::{SealedDataKey, SealedSecret, SecretStorage as _, Vaulted},
    },
};
use offpay_protocol::{ChannelKey, PurseKey, SigningKey, Timestamp};
use offpay_store::Database;
use zeroize::Zeroizing;

pub(crate) use envelope::DataKey;
pub use error::VaultError;
pub use key_name::KeyName;
pub use local::{LoadError, LocalMasterKeys};
pub use master::{MasterKeyError, MasterKeys};
pub use program::ProgramError;
pub use ring::MasterKeyRing;

/// The vault. Clones share it.
#[derive(Clone)]
pub struct Vault {
    masters: Arc<dyn MasterKeys>,
    database: Database,
}

impl Vault {
    /// A vault over these master keys.
    pub fn new(masters: impl MasterKeys, database: Database) -> Self {
        Self {
            masters: Arc::new(masters),
            database,
        }
    }

    /// Signs with a user's key. The key leaves the vault for the call alone.
    ///
    /// # Errors
    ///
    /// [`VaultError`]; [`VaultError::Frozen`] for a user whom the operator froze.
    pub async fn sign_with<T>(
        &self,
        user: UserId,
        key: KeyName,
        sign: impl FnOnce(&SigningKey) -> T,
    ) -> Result<T, VaultError> {
        let vaulted = self.vaulted(user, &key.purpose()).await?;
        if vaulted.frozen {
            return Err(VaultError::Frozen);
        }
        let secret = self.open_vaulted(user, vaulted).await?;
        let secret: &[u8; 32] = secret
            .as_slice()
            .try_into()
            .map_err(|_| VaultError::Altered)?;
        let key = SigningKey::from_bytes(secret).map_err(|_| VaultError::Altered)?;
        Ok(sign(&key))
    }

    /// Makes a device key for a purse of a hosted user, and stores it before it tells its address. Where there are several
    /// shards, one whose slot stays at the home shard, beside the account.
    ///
    /// # Errors
    ///
    /// [`VaultError`].
    pub async fn new_purse_key(
        &self,
        user: UserId,
        stays_home: bool,
        now: Timestamp,
    ) -> Result<PurseKey, VaultError> {
        let (key, name) = loop {
            let key = new_signing_key()?;
            let name = PurseKey::new(key.address());
            // One of 16 does.
            if !stays_home || Slot::of(name).stays_home() {
                break (key, name);
            }
        };
        self.store(user, KeyName::Purse(name), &key, now).await?;
        Ok(name)
    }

    /// Makes a key for a channel's vouchers, and stores it before it tells its address.
    ///
    /// # Errors
    ///
    /// [`VaultError`].
    pub async fn new_channel_key(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<ChannelKey, VaultError> {
        let key = new_signing_key()?;
        let name = ChannelKey::new(key.address());
        self.store(user, KeyName::Channel(name), &key, now).await?;
        Ok(name)
    }

    async fn store(
        &self,
        user: UserId,
        name: KeyName,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let sealed = self
            .seal(user, &name.purpose(), key.expose_secret())
            .await?;
        if self.database.add_secret(user, &sealed, now).await? {
            Ok(())
        } else {
            Err(VaultError::Exists)
        }
    }

    /// A data key for a user who is about to be registered, and the same sealed.
    pub(crate) async fn new_data_key(
        &self,
        user: UserId,
    ) -> Result<(DataKey, SealedDataKey), VaultError> {
        let key = DataKey::new(user)?;
        let sealed = self
            .masters
            .seal(&envelope::data_key_context(user), key.expose())
            .await?;
        Ok((key, sealed))
    }

    /// Seals a secret of a user, to be stored.
    pub(crate) async fn seal(
        &self,
        user: UserId,
        purpose: &str,
        secret: &[u8],
    ) -> Result<SealedSecret, VaultError> {
        let vaulted = self.vaulted(user, purpose).await?;
        let key = self.data_key(user, &vaulted.data_key).await?;
        key.seal(purpose, secret)
    }

    /// Opens a secret of a user; nothing if there is none of that purpose.
    pub(crate) async fn open(
        &self,
        user: UserId,
        purpose: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let vaulted = self.vaulted(user, purpose).await?;
        match self.open_vaulted(user, vaulted).await {
            Ok(secret) => Ok(Some(secret)),
            Err(VaultError::NoSuchSecret) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a secret of a user, and tells what was sealed: for putting another in its place.
    pub(crate) async fn opened(
        &self,
        user: UserId,
        purpose: &str,
    ) -> Result<Option<(SealedSecret, Zeroizing<Vec<u8>>)>, VaultError> {
        let vaulted = self.vaulted(user, purpose).await?;
        let Some(sealed) = vaulted.secret.clone() else {
            return Ok(None);
        };
        Ok(Some((sealed, self.open_vaulted(user, vaulted).await?)))
    }

    /// The id of the master key that seals.
    pub fn current_master_key(&self) -> &str {
        self.masters.current()
    }

    /// Seals every data key that another master key sealed under the current one; how many. Can be stopped and run
    /// again at any time, and runs beside everything else. With a `limit` it ends after that long, done or not.
    ///
    /// # Errors
    ///
    /// [`VaultError`]; what was sealed anew stays so.
    pub async fn rotate_master_key(&self, limit: Option<Duration>) -> Result<u64, VaultError> {
        const AT_ONCE: u32 = 100;
        let began = Instant::now();
        let mut count: u64 = 0;
        loop {
            let old = self
                .database
                .data_keys_not_under(self.masters.current(), AT_ONCE)
                .await?;
            if old.is_empty() || limit.is_some_and(|limit| began.elapsed() >= limit) {
                return Ok(count);
            }
            for (user, sealed) in old {
                let context = envelope::data_key_context(user);
                let key = self.masters.open(&context, &sealed).await?;
                let anew = self.masters.seal(&context, &key).await?;
                // Somebody else did it meanwhile, or the user is gone: nothing left to do.
                if self.database.rewrap_data_key(user, &sealed, &anew).await? {
                    count = count.saturating_add(1);
                }
            }
        }
    }

    /// Whether the master keys are those that sealed what is stored: of each, one of some data keys has to open. What does
    /// not open otherwise, a damaged row or a master key that is not configured, is told in the log: everybody else can be
    /// served.
    ///
    /// # Errors
    ///
    /// [`VaultError::WrongMasterKey`]: what is sealed from now on would be sealed by another key of the same name.
    pub async fn check_stored(&self) -> Result<(), VaultError> {
        const SAMPLE: u32 = 8;
        for (master, users) in self.database.data_keys_by_master().await? {
            let mut is_wrong = false;
            for (user, sealed) in self.database.data_keys_under(&master, SAMPLE).await? {
                let Err(error) = self.data_key(user, &sealed).await else {
                    is_wrong = false;
                    break;
                };
                tracing::error!(code = error.code(), %error, master, users, %user, "a stored data key does not open");
                is_wrong = matches!(error, VaultError::Master(MasterKeyError::Refused));
                if !is_wrong {
                    break;
                }
            }
            if is_wrong {
                return Err(VaultError::WrongMasterKey(master));
            }
        }
        Ok(())
    }

    async fn vaulted(&self, user: UserId, purpose: &str) -> Result<Vaulted, VaultError> {
        self.database
            .secret(user, purpose)
            .await?
            .ok_or(VaultError::NoSuchUser)
    }

    async fn open_vaulted(
        &self,
        user: UserId,
        vaulted: Vaulted,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let secret = vaulted.secret.ok_or(VaultError::NoSuchSecret)?;
        self.data_key(user, &vaulted.data_key).await?.open(&secret)
    }

    async fn data_key(&self, user: UserId, sealed: &SealedDataKey) -> Result<DataKey, VaultError> {
        let key = self
            .masters
            .open(&envelope::data_key_context(user), sealed)
            .await?;
        Ok(DataKey::from_parts(user, key))
    }
}

/// A key out of the system's entropy.
pub(crate) fn new_signing_key() -> Result<SigningKey, VaultError> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(|_| VaultError::Entropy)?;
    SigningKey::from_bytes(&secret).map_err(|_| VaultError::Entropy)
}

#[cfg(test)]
mod tests;
