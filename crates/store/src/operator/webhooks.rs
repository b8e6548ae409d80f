//! Webhooks.

use offpay_operator::{
    UserId,
    storage::{StorageError, webhooks::WebhookStorage},
    webhook::{Delivery, Webhook},
};
use offpay_protocol::Timestamp;
use uuid::Uuid;

use super::{
    Database, columns,
    error::{storage, unreadable},
    read, write,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    owner: Option<String>,
    url: String,
    cursor: i64,
    created_at: i64,
    next_at: i64,
    failures: i64,
    failing_since: Option<i64>,
    disabled_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Webhook, StorageError> {
        let time = |time: Option<i64>| time.map(columns::read_time).transpose();
        let owner = self.owner.map(|owner| owner.parse::<UserId>());
        Ok(Webhook {
            id: self.id.parse().map_err(unreadable)?,
            owner: owner.transpose().map_err(unreadable)?,
            url: self.url,
            cursor: self.cursor,
            created_at: columns::read_time(self.created_at)?,
            delivery: Delivery {
                next_at: columns::read_time(self.next_at)?,
                failures: u32::try_from(self.failures).map_err(unreadable)?,
                failing_since: time(self.failing_since)?,
                disabled_at: time(self.disabled_at)?,
            },
        })
    }
}

const COLUMNS: &str =
    "id, owner, url, cursor, created_at, next_at, failures, failing_since, disabled_at";

fn name(owner: Option<UserId>) -> Option<String> {
    owner.map(|owner| owner.to_string())
}

impl WebhookStorage for Database {
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO webhooks (id, owner, url, cursor, created_at, next_at, failures) \
                 VALUES ($1, $2, $3, $4, $5, $6, 0)",
            )
            .bind(webhook.id.to_string())
            .bind(name(webhook.owner))
            .bind(&webhook.url)
            .bind(webhook.cursor)
            .bind(columns::time(webhook.created_at))
            .bind(columns::time(webhook.delivery.next_at))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn webhooks(&self, owner: Option<UserId>) -> Result<Vec<Webhook>, StorageError> {
        // The text is this file's own.
        let statement = sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM webhooks WHERE owner = $1 OR ($1 IS NULL AND owner IS NULL) ORDER BY id"
        ));
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(statement)
            .bind(name(owner))
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(Row::read).collect()
    }

    async fn remove_webhook(&self, owner: Option<UserId>, id: Uuid) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "DELETE FROM webhooks WHERE id = $1 AND (owner = $2 OR ($2 IS NULL AND owner IS NULL))",
            )
            .bind(id.to_string())
            .bind(name(owner))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0
        })
    }

    async fn due_webhooks(&self, now: Timestamp, limit: u32) -> Result<Vec<Webhook>, StorageError> {
        let statement = sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM webhooks w WHERE disabled_at IS NULL AND next_at <= $1 AND EXISTS \
             (SELECT 1 FROM events e WHERE e.sequence > w.cursor AND (w.owner IS NULL OR e.audience = w.owner)) \
             ORDER BY next_at, id LIMIT $2"
        ));
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(statement)
            .bind(columns::time(now))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(Row::read).collect()
    }

    async fn update_webhook(&self, webhook: &Webhook) -> Result<(), StorageError> {
        let delivery = webhook.delivery;
        write!(self, |tx| {
            sqlx::query(
                "UPDATE webhooks SET cursor = $1, next_at = $2, failures = $3, failing_since = $4, disabled_at = $5 \
                 WHERE id = $6",
            )
            .bind(webhook.cursor)
            .bind(columns::time(delivery.next_at))
            .bind(i64::from(delivery.failures))
            .bind(delivery.failing_since.map(columns::time))
            .bind(delivery.disabled_at.map(columns::time))
            .bind(webhook.id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }
}
