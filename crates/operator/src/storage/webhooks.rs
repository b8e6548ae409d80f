//! Webhooks, their queues, and how far each has been told.

use core::future::Future;

use offpay_protocol::Timestamp;

use super::{StorageError, identity::SealedSecret};
use crate::{
    UserId,
    event::{Event, NewEvent},
    webhook::{
        Attempt, Claim, Delivery, DeliveryId, DeliveryState, Kinds, Retry, Webhook, WebhookId,
    },
};

/// What becomes of a new webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there; it is told of what happens from now on.
    Yes(Webhook),
    /// One of that name was there already: an earlier try made it.
    Before(Webhook),
    /// Its owner has as many as they may have.
    TooMany,
}

/// What is changed of a webhook. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookChange {
    /// Where to.
    pub url: Option<String>,
    /// Which events.
    pub kinds: Option<Kinds>,
    /// Whether it is tried, and when.
    pub retry: Option<Retry>,
    /// Everything until now is skipped.
    pub skip_missed: bool,
}

/// What a webhook's secret becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretChange {
    /// What is sealed now; if it is something else by then, nothing is changed.
    pub old: SealedSecret,
    /// What is to be.
    pub new: SealedSecret,
    /// Until when the older secrets in it count.
    pub old_secrets_until: Option<Timestamp>,
}

/// Webhooks, as their owners see them. Whoever is not the owner is told that there is none.
pub trait WebhookStorage {
    /// Adds one with its secret, unless the owner has `most` already. Its cursor becomes the end of the log, behind
    /// `events`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn add_webhook(
        &self,
        webhook: &Webhook,
        secret: &SealedSecret,
        most: u32,
        events: &[NewEvent],
    ) -> impl Future<Output = Result<Added, StorageError>> + Send;

    /// One of a user's.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn webhook(
        &self,
        owner: UserId,
        id: WebhookId,
    ) -> impl Future<Output = Result<Option<Webhook>, StorageError>> + Send;

    /// A user's behind `after`, by name, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn webhooks(
        &self,
        owner: UserId,
        after: Option<WebhookId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Webhook>, StorageError>> + Send;

    /// Changes one, ends its claim, and gives what it is now.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn change_webhook(
        &self,
        owner: UserId,
        id: WebhookId,
        change: &WebhookChange,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Webhook>, StorageError>> + Send;

    /// Puts another secret in place of the old; whether the old was still there.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn change_webhook_secret(
        &self,
        owner: UserId,
        id: WebhookId,
        change: &SecretChange,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Removes one with its deliveries and its secret, which has this purpose; whether it was there.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn remove_webhook(
        &self,
        owner: UserId,
        id: WebhookId,
        purpose: &str,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// A webhook's deliveries of events before `before`, newest first, at most `limit`; those in one state, or all.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn deliveries(
        &self,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Delivery>, StorageError>> + Send;

    /// Has a webhook told of something again; nothing if it has no such delivery.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn deliver_again(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Delivery>, StorageError>> + Send;

    /// Logs an event and queues it for one webhook, whatever it chose; once for each `id`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn deliver_to_one(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        event: &NewEvent,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Delivery>, StorageError>> + Send;
}

/// What is waiting, for gauges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Deliveries that are pending, to webhooks that are not disabled.
    pub pending: u64,
    /// When the oldest of them was queued.
    pub oldest: Option<Timestamp>,
    /// Webhooks that are failing.
    pub failing: u64,
    /// Webhooks that are disabled.
    pub disabled: u64,
}

/// The queues of webhooks, as who delivers sees them.
pub trait DeliveryStorage {
    /// Webhooks that have something to be told, now, and that nobody has claimed; who waited longest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn due_webhooks(
        &self,
        now: Timestamp,
        slow: bool,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<WebhookId>, StorageError>> + Send;

    /// Claims one; nothing if somebody else did, or it is not to be told any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn claim_webhook(
        &self,
        id: WebhookId,
        claim: Claim,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Webhook>, StorageError>> + Send;

    /// Ends a claim.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn release_webhook(
        &self,
        id: WebhookId,
        claim: Claim,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Queues these events, by their place in the log, and moves the cursor from `from` to `to`, under a claim; whether
    /// the claim and the cursor were as said. If not, nothing is written.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn queue_deliveries(
        &self,
        webhook: &Webhook,
        claim: Claim,
        to: i64,
        deliveries: &[(DeliveryId, i64)],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// What is pending, with its events, in the order of the log.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn pending_deliveries(
        &self,
        webhook: WebhookId,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(Delivery, Event)>, StorageError>> + Send;

    /// Stores what came of an attempt; under the claim, also how it goes with the webhook, `events` and the claim's new
    /// end. Whether the claim still was.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_attempt(
        &self,
        webhook: WebhookId,
        claim: Claim,
        attempt: &Attempt,
        retry: Retry,
        events: &[NewEvent],
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// What is waiting.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn webhook_backlog(&self) -> impl Future<Output = Result<Backlog, StorageError>> + Send;

    /// Forgets deliveries that were over and were queued before `before`; tells how many.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn forget_deliveries(
        &self,
        before: Timestamp,
    ) -> impl Future<Output = Result<u64, StorageError>> + Send;
}
