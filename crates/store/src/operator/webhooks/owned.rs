//! What their owners do with webhooks.

use offpay_operator::{
    UserId,
    event::NewEvent,
    storage::{
        StorageError,
        identity::SealedSecret,
        webhooks::{Added, SecretChange, WebhookChange, WebhookStorage},
    },
    webhook::{Delivery, DeliveryId, DeliveryState, Webhook, WebhookId},
};
use offpay_protocol::Timestamp;

use super::{
    DELIVERY, DeliveryRow, WEBHOOK, WebhookRow, end_of_log, fetch_one, seconds, update_retry,
};
use crate::operator::{
    Database, columns::time, connect::Connection as _, error::storage, read, write,
};

fn one() -> String {
    format!("SELECT {WEBHOOK} FROM webhooks WHERE owner = $1 AND id = $2")
}

fn one_delivery() -> String {
    format!("SELECT {DELIVERY} FROM webhook_deliveries d WHERE d.webhook = $1 AND d.id = $2")
}

impl WebhookStorage for Database {
    async fn add_webhook(
        &self,
        webhook: &Webhook,
        secret: &SealedSecret,
        most: u32,
        events: &[NewEvent],
    ) -> Result<Added, StorageError> {
        let (owner, id) = (webhook.owner.to_string(), webhook.id.to_string());
        write!(self, |tx| {
            let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM webhooks WHERE owner = $1")
                .bind(&owner)
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
            if let Some(before) = fetch_one!(tx, WebhookRow, one(), &owner, &id) {
                Added::Before(before)
            } else if count >= i64::from(most) {
                Added::TooMany
            } else {
                tx.append_events(events, webhook.created_at).await?;
                let cursor = end_of_log!(tx, webhook.owner);
                sqlx::query(
                    "INSERT INTO webhooks (id, owner, url, kinds, cursor, created_at, next_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(&id)
                .bind(&owner)
                .bind(&webhook.url)
                .bind(webhook.kinds.to_string())
                .bind(cursor)
                .bind(time(webhook.created_at))
                .bind(time(webhook.retry.next_at))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                sqlx::query(
                    "INSERT INTO secrets (user_id, purpose, sealed, created_at) VALUES ($1, $2, $3, $4)",
                )
                .bind(&owner)
                .bind(&secret.purpose)
                .bind(&secret.sealed)
                .bind(time(webhook.created_at))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                Added::Yes(Webhook {
                    cursor,
                    ..webhook.clone()
                })
            }
        })
    }

    async fn webhook(&self, owner: UserId, id: WebhookId) -> Result<Option<Webhook>, StorageError> {
        let row: Option<WebhookRow> =
            read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(one()))
                .bind(owner.to_string())
                .bind(id.to_string())
                .fetch_optional(pool)
                .await)
            .map_err(storage)?;
        row.map(WebhookRow::read).transpose()
    }

    async fn webhooks(
        &self,
        owner: UserId,
        after: Option<WebhookId>,
        limit: u32,
    ) -> Result<Vec<Webhook>, StorageError> {
        let statement = sqlx::AssertSqlSafe(format!(
            "SELECT {WEBHOOK} FROM webhooks WHERE owner = $1 AND id > $2 ORDER BY id LIMIT $3"
        ));
        let rows: Vec<WebhookRow> = read!(self, |pool| sqlx::query_as(statement)
            .bind(owner.to_string())
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(WebhookRow::read).collect()
    }

    async fn change_webhook(
        &self,
        owner: UserId,
        id: WebhookId,
        change: &WebhookChange,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<Option<Webhook>, StorageError> {
        let (user, name) = (owner.to_string(), id.to_string());
        write!(self, |tx| {
            let found = fetch_one!(tx, WebhookRow, one(), &user, &name);
            if let Some(webhook) = found {
                tx.append_events(events, now).await?;
                let cursor = if change.skip_missed {
                    sqlx::query(
                        "UPDATE webhook_deliveries SET state = 'skipped' WHERE webhook = $1 AND state = 'pending'",
                    )
                    .bind(&name)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                    end_of_log!(tx, owner).max(webhook.cursor)
                } else {
                    webhook.cursor
                };
                let changed = Webhook {
                    url: change.url.clone().unwrap_or(webhook.url),
                    kinds: change.kinds.clone().unwrap_or(webhook.kinds),
                    retry: change.retry.unwrap_or(webhook.retry),
                    cursor,
                    ..webhook
                };
                update_retry!(
                    tx,
                    "url = $6, kinds = $7, cursor = $8, claim = NULL, claimed_until = 0 WHERE id = $9",
                    changed.retry,
                    &changed.url,
                    changed.kinds.to_string(),
                    cursor,
                    &name
                );
                Some(changed)
            } else {
                None
            }
        })
    }

    async fn change_webhook_secret(
        &self,
        owner: UserId,
        id: WebhookId,
        change: &SecretChange,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "UPDATE secrets SET sealed = $1, created_at = $2 \
                 WHERE user_id = $3 AND purpose = $4 AND sealed = $5",
            )
            .bind(&change.new.sealed)
            .bind(time(now))
            .bind(owner.to_string())
            .bind(&change.old.purpose)
            .bind(&change.old.sealed)
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0;
            if changed {
                sqlx::query(
                    "UPDATE webhooks SET old_secrets_until = $1 WHERE owner = $2 AND id = $3",
                )
                .bind(seconds(change.old_secrets_until))
                .bind(owner.to_string())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                tx.append_events(events, now).await?;
            }
            changed
        })
    }

    async fn remove_webhook(
        &self,
        owner: UserId,
        id: WebhookId,
        purpose: &str,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let was_there = sqlx::query("DELETE FROM webhooks WHERE owner = $1 AND id = $2")
                .bind(owner.to_string())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                > 0;
            if was_there {
                sqlx::query("DELETE FROM secrets WHERE user_id = $1 AND purpose = $2")
                    .bind(owner.to_string())
                    .bind(purpose)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                tx.append_events(events, now).await?;
            }
            was_there
        })
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StorageError> {
        let statement = sqlx::AssertSqlSafe(format!(
            "SELECT {DELIVERY} FROM webhook_deliveries d \
             WHERE d.webhook = $1 AND d.event < $2 AND ($3 = '' OR d.state = $3) ORDER BY d.event DESC LIMIT $4"
        ));
        let rows: Vec<DeliveryRow> = read!(self, |pool| sqlx::query_as(statement)
            .bind(webhook.to_string())
            .bind(before.unwrap_or(i64::MAX))
            .bind(state.map(DeliveryState::name).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(DeliveryRow::read).collect()
    }

    async fn deliver_again(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StorageError> {
        let (webhook, id) = (webhook.to_string(), id.to_string());
        write!(self, |tx| {
            // What is pending keeps its age.
            sqlx::query(
                "UPDATE webhook_deliveries SET state = 'pending', queued_at = $1 \
                 WHERE webhook = $2 AND id = $3 AND state <> 'pending'",
            )
            .bind(time(now))
            .bind(&webhook)
            .bind(&id)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            fetch_one!(tx, DeliveryRow, one_delivery(), &webhook, &id)
        })
    }

    async fn deliver_to_one(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        event: &NewEvent,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StorageError> {
        let (webhook, id) = (webhook.to_string(), id.to_string());
        write!(self, |tx| {
            let owner: Option<String> =
                sqlx::query_scalar("SELECT owner FROM webhooks WHERE id = $1")
                    .bind(&webhook)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(storage)?;
            let before = fetch_one!(tx, DeliveryRow, one_delivery(), &webhook, &id);
            match owner {
                None => None,
                Some(_) if before.is_some() => before,
                Some(owner) => {
                    tx.append_events(std::slice::from_ref(event), now).await?;
                    sqlx::query(
                        "INSERT INTO webhook_deliveries (id, webhook, event, kind, state, queued_at) \
                         VALUES ($1, $2, $3, $4, 'pending', $5)",
                    )
                    .bind(&id)
                    .bind(&webhook)
                    .bind(end_of_log!(tx, owner))
                    .bind(event.kind)
                    .bind(time(now))
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                    fetch_one!(tx, DeliveryRow, one_delivery(), &webhook, &id)
                }
            }
        })
    }
}
