use core::future::Future;

use offpay_protocol::Timestamp;

use crate::{
    UserId,
    event::NewEvent,
    identity::{Session, SessionId, TokenHash, User},
    storage::StorageError,
};

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session; it was last seen when it was made.
    pub session: Session,
    /// What opens it.
    pub token: TokenHash,
}

/// Sessions.
pub trait SessionStorage {
    /// Opens a session.
    fn open_session(
        &self,
        session: &NewSession,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// The session that this token opens, and its user, who is not deleted.
    fn session(
        &self,
        token: &TokenHash,
    ) -> impl Future<Output = Result<Option<(Session, User)>, StorageError>> + Send;

    /// Writes down that a session was used.
    fn touch_session(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A user's sessions, newest first.
    fn sessions(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Vec<Session>, StorageError>> + Send;

    /// Ends one of a user's sessions; whether it was there.
    fn end_session(
        &self,
        user: UserId,
        id: SessionId,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Ends all of a user's sessions but one; how many.
    fn end_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> impl Future<Output = Result<u64, StorageError>> + Send;

    /// Forgets what is long over: sessions, access tokens, guesses and used nonces.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<(), StorageError>> + Send;
}
