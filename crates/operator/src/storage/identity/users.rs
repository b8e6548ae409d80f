use core::future::Future;

use offpay_protocol::{AccountId, Timestamp};

use super::{NewSession, SealedDataKey, SealedSecret};
use crate::{
    UserId,
    event::NewEvent,
    identity::{Custody, Handle, TokenHash, User},
    storage::StorageError,
};

/// A user to be registered, with all that one begins with.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub handle: Option<Handle>,
    /// Their account in the contract.
    pub account: AccountId,
    /// Who holds the account's key.
    pub custody: Custody,
    /// Under what their secrets are sealed.
    pub data_key: SealedDataKey,
    /// Their secrets: the wallet's key, the password's hash.
    pub secrets: Vec<SealedSecret>,
    /// The codes to recover with.
    pub recovery_codes: Vec<TokenHash>,
    /// The session that registering opens, if it does.
    pub session: Option<NewSession>,
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// Done.
    Yes,
    /// Another user is called that (or has that account).
    Taken,
}

/// Users.
pub trait UserStorage {
    /// Registers a user.
    fn register(
        &self,
        user: &NewUser,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<Registered, StorageError>> + Send;

    /// A user, deleted ones too.
    fn user(&self, id: UserId) -> impl Future<Output = Result<Option<User>, StorageError>> + Send;

    /// Who is called that.
    fn user_by_handle(
        &self,
        handle: &Handle,
    ) -> impl Future<Output = Result<Option<User>, StorageError>> + Send;

    /// Whose account it is.
    fn user_by_account(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<User>, StorageError>> + Send;

    /// Turns the second factor on or off. Its secret is one of the user's secrets.
    fn set_second_factor(
        &self,
        id: UserId,
        on: bool,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Uses a time step of the second factor; whether it is newer than all that were used. Each step's code works once.
    fn use_second_factor_step(
        &self,
        id: UserId,
        step: u64,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Removes all that is personal: handle, secrets, sessions, tokens, passkeys, recoveries, and the user's events.
    /// What is left is the id and the account, which the books and the chain name.
    fn delete_personal(
        &self,
        id: UserId,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}
