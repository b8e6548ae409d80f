use core::future::Future;

use offpay_protocol::Timestamp;

use super::{NewSession, SealedSecret};
use crate::{
    UserId,
    event::NewEvent,
    identity::{RecoveryId, TokenHash, recovery::Recovery},
    storage::StorageError,
};

/// A recovery to be begun.
#[derive(Clone, Debug)]
pub struct NewRecovery {
    /// The recovery.
    pub recovery: Recovery,
    /// What completes it, for whoever began it.
    pub token: TokenHash,
    /// The code that it begins with.
    pub code: TokenHash,
}

/// What became of beginning a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It waits. The code is used up.
    Yes,
    /// The user has no such code left.
    NoSuchCode,
    /// One is under way. The code is not used up.
    UnderWay,
}

/// Recoveries and the codes that they begin with.
pub trait RecoveryStorage {
    /// Replaces a user's recovery codes.
    fn set_recovery_codes(
        &self,
        user: UserId,
        codes: &[TokenHash],
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// How many codes a user has left.
    fn recovery_codes_left(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<u32, StorageError>> + Send;

    /// Begins a recovery; the events are appended only if it does.
    fn begin_recovery(
        &self,
        recovery: &NewRecovery,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<Begun, StorageError>> + Send;

    /// The recovery that this token completes, unless it is completed or cancelled.
    fn recovery(
        &self,
        token: &TokenHash,
    ) -> impl Future<Output = Result<Option<Recovery>, StorageError>> + Send;

    /// A user's recovery that is under way.
    fn recovery_of(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Recovery>, StorageError>> + Send;

    /// Cancels a user's recovery; whether one was under way.
    fn cancel_recovery(
        &self,
        user: UserId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Completes a recovery: sets the password, ends all sessions, access tokens, passkeys and the second factor, and
    /// opens a session. Not if it was cancelled or completed meanwhile, or is not ready at `now`: then nothing changes.
    fn complete_recovery(
        &self,
        id: RecoveryId,
        password: &SealedSecret,
        session: &NewSession,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}
