//! Who asked to belong to a circle, as it is stored. Who belongs stands on the chain.

use core::future::Future;

use offpay_protocol::{AccountId, Circle, Timestamp};

use super::StorageError;
use crate::{UserId, event::NewEvent};

/// Somebody who wants to belong to a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Which circle.
    pub circle: Circle,
    /// Who.
    pub account: AccountId,
    /// Their user.
    pub user: UserId,
    /// What they wrote.
    pub message: String,
    /// `open`, `admitted` or `declined`.
    pub state: String,
    /// When.
    pub created_at: Timestamp,
}

/// Applications.
pub trait CircleStorage {
    /// Stores an application. One that is open stays as it is, one that was decided begins anew.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn apply(
        &self,
        application: &Application,
        events: &[NewEvent],
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A circle's applications, the oldest first; the first 1000.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn applications(
        &self,
        circle: Circle,
    ) -> impl Future<Output = Result<Vec<Application>, StorageError>> + Send;

    /// Decides on an open application, and tells about it; whether there was one.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn decide(
        &self,
        circle: Circle,
        account: AccountId,
        admitted: bool,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}
