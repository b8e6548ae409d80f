//! Webhooks, and how far each has been told.

use core::future::Future;

use offpay_protocol::Timestamp;
use uuid::Uuid;

use super::StorageError;
use crate::{UserId, webhook::Webhook};

/// Webhooks.
pub trait WebhookStorage {
    /// Adds one.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn add_webhook(
        &self,
        webhook: &Webhook,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A user's (`None`: the operator's), oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn webhooks(
        &self,
        owner: Option<UserId>,
    ) -> impl Future<Output = Result<Vec<Webhook>, StorageError>> + Send;

    /// Removes one; tells whether it was there.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn remove_webhook(
        &self,
        owner: Option<UserId>,
        id: Uuid,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Those whose next attempt is due, with events that they were not told of.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn due_webhooks(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Webhook>, StorageError>> + Send;

    /// Stores how far it was told and when to try again. A webhook that was removed meanwhile stays so.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn update_webhook(
        &self,
        webhook: &Webhook,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}
