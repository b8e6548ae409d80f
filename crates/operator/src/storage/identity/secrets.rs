use core::{fmt, future::Future};

use offpay_protocol::Timestamp;

use crate::{UserId, event::NewEvent, identity::SessionId, storage::StorageError};

/// A user's data key, sealed by a master key. What it seals is the server's affair.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedDataKey {
    /// Which master key sealed it.
    pub master: String,
    /// The data key under it.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for SealedDataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedDataKey({}, ..)", self.master)
    }
}

/// A secret, sealed by its user's data key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// What it is: a stable name, one secret each per user.
    pub purpose: String,
    /// The secret under the data key.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret({}, ..)", self.purpose)
    }
}

/// What the vault needs to open one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vaulted {
    /// Under what it is sealed.
    pub data_key: SealedDataKey,
    /// The secret, if there is one of that purpose.
    pub secret: Option<SealedSecret>,
    /// The operator froze the user.
    pub frozen: bool,
}

/// Sealed secrets.
pub trait SecretStorage {
    /// What the vault needs to open this secret of this user; nothing for a user that is not there or deleted.
    fn secret(
        &self,
        user: UserId,
        purpose: &str,
    ) -> impl Future<Output = Result<Option<Vaulted>, StorageError>> + Send;

    /// Puts a secret in the place of another, and ends all sessions but one, with what is told about it: all or nothing.
    fn replace_secret_and_sessions(
        &self,
        user: UserId,
        secret: &SealedSecret,
        except: SessionId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Stores a secret that is not there yet; whether it was not.
    fn add_secret(
        &self,
        user: UserId,
        secret: &SealedSecret,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Stores a secret in place of the one that is there.
    fn replace_secret(
        &self,
        user: UserId,
        secret: &SealedSecret,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Forgets a secret.
    fn remove_secret(
        &self,
        user: UserId,
        purpose: &str,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Data keys that another master key than this one sealed, at most `limit`.
    fn data_keys_not_under(
        &self,
        master: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(UserId, SealedDataKey)>, StorageError>> + Send;

    /// Data keys that this master key sealed, at most `limit`.
    fn data_keys_under(
        &self,
        master: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(UserId, SealedDataKey)>, StorageError>> + Send;

    /// Puts a data key that was sealed anew in the place of `old`; whether `old` was still there.
    fn rewrap_data_key(
        &self,
        user: UserId,
        old: &SealedDataKey,
        new: &SealedDataKey,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}
