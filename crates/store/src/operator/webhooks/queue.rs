//! What who delivers does with webhooks.

use offpay_operator::{
    event::{Event, NewEvent},
    storage::{
        StorageError,
        webhooks::{Backlog, DeliveryStorage},
    },
    webhook::{Attempt, Claim, Delivery, DeliveryId, Retry, Webhook, WebhookId},
};
use offpay_protocol::Timestamp;

use super::{DELIVERY, DeliveryRow, WEBHOOK, WebhookRow, fetch_one, update_retry};
use crate::operator::{
    Database,
    columns::{read_time, time},
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

#[derive(sqlx::FromRow)]
struct PendingRow {
    #[sqlx(flatten)]
    delivery: DeliveryRow,
    at: i64,
    body: String,
}

impl PendingRow {
    fn read(self) -> Result<(Delivery, Event), StorageError> {
        let delivery = self.delivery.read()?;
        let event = Event {
            sequence: delivery.event,
            at: read_time(self.at)?,
            kind: delivery.kind.clone(),
            body: serde_json::from_str(&self.body).map_err(unreadable)?,
        };
        Ok((delivery, event))
    }
}

impl DeliveryStorage for Database {
    async fn due_webhooks(
        &self,
        now: Timestamp,
        slow: bool,
        limit: u32,
    ) -> Result<Vec<WebhookId>, StorageError> {
        let ids: Vec<String> = read!(self, |pool| sqlx::query_scalar(
            "SELECT w.id FROM webhooks w WHERE w.disabled_at IS NULL AND w.next_at <= $1 AND w.claimed_until <= $1 \
             AND w.slow = $2 AND (EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook = w.id AND d.state = 'pending') \
             OR EXISTS (SELECT 1 FROM events e WHERE e.audience = w.owner AND e.sequence > w.cursor)) \
             ORDER BY w.next_at, w.id LIMIT $3"
        )
        .bind(time(now))
        .bind(i64::from(slow))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        ids.iter()
            .map(|id| id.parse().map_err(unreadable))
            .collect()
    }

    async fn claim_webhook(
        &self,
        id: WebhookId,
        claim: Claim,
        now: Timestamp,
    ) -> Result<Option<Webhook>, StorageError> {
        let statement = format!("SELECT {WEBHOOK} FROM webhooks WHERE id = $1 AND claim = $2");
        let (id, token) = (id.to_string(), claim.token.to_string());
        write!(self, |tx| {
            sqlx::query(
                "UPDATE webhooks SET claim = $1, claimed_until = $2 \
                 WHERE id = $3 AND disabled_at IS NULL AND next_at <= $4 AND claimed_until <= $4",
            )
            .bind(&token)
            .bind(time(claim.until))
            .bind(&id)
            .bind(time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            fetch_one!(tx, WebhookRow, statement.clone(), &id, &token)
        })
    }

    async fn release_webhook(&self, id: WebhookId, claim: Claim) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "UPDATE webhooks SET claim = NULL, claimed_until = 0 WHERE id = $1 AND claim = $2",
            )
            .bind(id.to_string())
            .bind(claim.token.to_string())
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn queue_deliveries(
        &self,
        webhook: &Webhook,
        claim: Claim,
        to: i64,
        deliveries: &[(DeliveryId, i64)],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let id = webhook.id.to_string();
        write!(self, |tx| {
            let moved = sqlx::query(
                "UPDATE webhooks SET cursor = $1 WHERE id = $2 AND claim = $3 AND cursor = $4",
            )
            .bind(to)
            .bind(&id)
            .bind(claim.token.to_string())
            .bind(webhook.cursor)
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0;
            if moved {
                for (delivery, event) in deliveries {
                    sqlx::query(
                        "INSERT INTO webhook_deliveries (id, webhook, event, kind, state, queued_at) \
                         SELECT $1, $2, sequence, kind, 'pending', $3 FROM events WHERE sequence = $4",
                    )
                    .bind(delivery.to_string())
                    .bind(&id)
                    .bind(time(now))
                    .bind(event)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                }
            }
            moved
        })
    }

    async fn pending_deliveries(
        &self,
        webhook: WebhookId,
        limit: u32,
    ) -> Result<Vec<(Delivery, Event)>, StorageError> {
        let statement = sqlx::AssertSqlSafe(format!(
            "SELECT {DELIVERY}, e.at, e.body FROM webhook_deliveries d JOIN events e ON e.sequence = d.event \
             WHERE d.webhook = $1 AND d.state = 'pending' ORDER BY d.event LIMIT $2"
        ));
        let rows: Vec<PendingRow> = read!(self, |pool| sqlx::query_as(statement)
            .bind(webhook.to_string())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(PendingRow::read).collect()
    }

    async fn record_attempt(
        &self,
        webhook: WebhookId,
        claim: Claim,
        attempt: &Attempt,
        retry: Retry,
        events: &[NewEvent],
    ) -> Result<bool, StorageError> {
        let outcome = attempt.outcome;
        let state = if outcome.is_delivered() {
            "delivered"
        } else {
            "pending"
        };
        write!(self, |tx| {
            // What its owner skipped meanwhile stays so.
            sqlx::query(
                "UPDATE webhook_deliveries SET state = $1, attempts = attempts + 1, status = $2, failure = $3, \
                 attempted_at = $4 WHERE id = $5 AND state = 'pending'",
            )
            .bind(state)
            .bind(outcome.status().map(i64::from))
            .bind(outcome.failure().map(offpay_operator::webhook::Failure::name))
            .bind(time(attempt.at))
            .bind(attempt.delivery.to_string())
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            let was_ours = update_retry!(
                tx,
                "slow = $6, claimed_until = $7 WHERE id = $8 AND claim = $9",
                retry,
                i64::from(attempt.slow),
                time(claim.until),
                webhook.to_string(),
                claim.token.to_string()
            ) > 0;
            if was_ours {
                tx.append_events(events, attempt.at).await?;
            }
            was_ours
        })
    }

    async fn webhook_backlog(&self) -> Result<Backlog, StorageError> {
        let (pending, oldest): (i64, Option<i64>) = read!(self, |pool| sqlx::query_as(
            "SELECT COUNT(*), MIN(d.queued_at) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook \
             WHERE d.state = 'pending' AND w.disabled_at IS NULL"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        let (failing, disabled): (i64, i64) = read!(self, |pool| sqlx::query_as(
            "SELECT COUNT(CASE WHEN failures > 0 AND disabled_at IS NULL THEN 1 END), COUNT(disabled_at) FROM webhooks"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        Ok(Backlog {
            pending: count(pending),
            oldest: oldest.map(read_time).transpose()?,
            failing: count(failing),
            disabled: count(disabled),
        })
    }

    async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "DELETE FROM webhook_deliveries WHERE queued_at < $1 AND state <> 'pending'",
            )
            .bind(time(before))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
        })
    }
}
