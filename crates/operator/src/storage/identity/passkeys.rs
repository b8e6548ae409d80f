use core::future::Future;

use offpay_protocol::Timestamp;

use crate::{UserId, event::NewEvent, identity::PasskeyId, storage::StorageError};

/// A passkey to be added.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// The passkey.
    pub passkey: Passkey,
    /// How many a user may have at most.
    pub most: u32,
}

/// A passkey: a public key, and what its authenticator said about itself. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its name here.
    pub id: PasskeyId,
    /// Whose it is.
    pub user: UserId,
    /// Its name there.
    pub credential: Vec<u8>,
    /// What the user called it.
    pub name: String,
    /// The public key and what never changes, as the server encodes it.
    pub fixed: Vec<u8>,
    /// The counter and what changes, as the server encodes it.
    pub changing: Vec<u8>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Option<Timestamp>,
}

/// Passkeys.
pub trait PasskeyStorage {
    /// Adds a passkey; not if somebody has one of that credential, or the user has as many as they may.
    fn add_passkey(
        &self,
        passkey: &NewPasskey,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// The passkey of this credential.
    fn passkey(
        &self,
        credential: &[u8],
    ) -> impl Future<Output = Result<Option<Passkey>, StorageError>> + Send;

    /// A user's passkeys.
    fn passkeys(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Vec<Passkey>, StorageError>> + Send;

    /// Writes down that a passkey signed in, and what changed in it since `before`; whether nobody else did meanwhile.
    fn use_passkey(
        &self,
        id: PasskeyId,
        before: &[u8],
        after: &[u8],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Removes one of a user's passkeys; whether it was there.
    fn remove_passkey(
        &self,
        user: UserId,
        id: PasskeyId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}
