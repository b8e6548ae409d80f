//! Webhooks and their queues.

mod owned;
mod queue;

use offpay_operator::{
    storage::StorageError,
    webhook::{
        Delivery, DeliveryState, Disabled, DisabledBecause, Failure, Kinds, Outcome, Retry, Webhook,
    },
};

use super::{
    columns::{read_time, time},
    error::unreadable,
};

/// What a webhook is read from. Beside it in the statement, for both engines.
pub(super) const WEBHOOK: &str = "id, owner, url, kinds, cursor, created_at, old_secrets_until, slow, next_at, \
     failures, failing_since, disabled_at, disabled_because";

#[derive(sqlx::FromRow)]
pub(super) struct WebhookRow {
    id: String,
    owner: String,
    url: String,
    kinds: String,
    cursor: i64,
    created_at: i64,
    old_secrets_until: Option<i64>,
    slow: i64,
    next_at: i64,
    failures: i64,
    failing_since: Option<i64>,
    disabled_at: Option<i64>,
    disabled_because: Option<String>,
}

impl WebhookRow {
    pub(super) fn read(self) -> Result<Webhook, StorageError> {
        let disabled = match (self.disabled_at, self.disabled_because) {
            (Some(at), Some(because)) => Some(Disabled {
                at: read_time(at)?,
                because: DisabledBecause::from_name(&because)
                    .ok_or_else(|| unreadable("no such reason"))?,
            }),
            _ => None,
        };
        Ok(Webhook {
            id: self.id.parse().map_err(unreadable)?,
            owner: self.owner.parse().map_err(unreadable)?,
            url: self.url,
            kinds: Kinds::from_text(&self.kinds),
            cursor: self.cursor,
            created_at: read_time(self.created_at)?,
            old_secrets_until: self.old_secrets_until.map(read_time).transpose()?,
            slow: self.slow != 0,
            retry: Retry {
                next_at: read_time(self.next_at)?,
                failures: u32::try_from(self.failures).map_err(unreadable)?,
                failing_since: self.failing_since.map(read_time).transpose()?,
                disabled,
            },
        })
    }
}

/// What a delivery is read from.
pub(super) const DELIVERY: &str = "d.id, d.webhook, d.event, d.kind, d.state, d.attempts, d.status, d.failure, d.queued_at, d.attempted_at";

#[derive(sqlx::FromRow)]
pub(super) struct DeliveryRow {
    id: String,
    webhook: String,
    event: i64,
    kind: String,
    state: String,
    attempts: i64,
    status: Option<i64>,
    failure: Option<String>,
    queued_at: i64,
    attempted_at: Option<i64>,
}

impl DeliveryRow {
    pub(super) fn read(self) -> Result<Delivery, StorageError> {
        let outcome = match (self.status, self.failure) {
            (Some(status), _) => Some(Outcome::Answered(
                u16::try_from(status).map_err(unreadable)?,
            )),
            (None, Some(failure)) => Some(Outcome::Failed(
                Failure::from_name(&failure).ok_or_else(|| unreadable("no such failure"))?,
            )),
            (None, None) => None,
        };
        Ok(Delivery {
            id: self.id.parse().map_err(unreadable)?,
            webhook: self.webhook.parse().map_err(unreadable)?,
            event: self.event,
            kind: self.kind,
            state: DeliveryState::from_name(&self.state)
                .ok_or_else(|| unreadable("no such state"))?,
            attempts: u32::try_from(self.attempts).map_err(unreadable)?,
            outcome,
            queued_at: read_time(self.queued_at)?,
            attempted_at: self.attempted_at.map(read_time).transpose()?,
        })
    }
}

/// Writes how it goes with a webhook: the columns from `next_at` on, of the row that `$tail` names by `$6` and more.
macro_rules! update_retry {
    ($connection:expr, $set:literal, $retry:expr $(, $parameter:expr)*) => {{
        let retry = $retry;
        sqlx::query(concat!(
            "UPDATE webhooks SET next_at = $1, failures = $2, failing_since = $3, disabled_at = $4, \
             disabled_because = $5, ",
            $set
        ))
        .bind($crate::operator::columns::time(retry.next_at))
        .bind(i64::from(retry.failures))
        .bind(retry.failing_since.map($crate::operator::columns::time))
        .bind(retry.disabled.map(|disabled| $crate::operator::columns::time(disabled.at)))
        .bind(retry.disabled.map(|disabled| disabled.because.name()))
        $(.bind($parameter))*
        .execute(&mut *$connection)
        .await
        .map_err($crate::operator::error::storage)?
        .rows_affected()
    }};
}
pub(super) use update_retry;

/// The end of what a user may read of the log. Behind an append of theirs, it is that.
macro_rules! end_of_log {
    ($connection:expr, $user:expr) => {{
        let end: Option<i64> =
            sqlx::query_scalar("SELECT MAX(sequence) FROM events WHERE audience = $1")
                .bind($user.to_string())
                .fetch_one(&mut *$connection)
                .await
                .map_err($crate::operator::error::storage)?;
        end.unwrap_or_default()
    }};
}
pub(super) use end_of_log;

/// Fetches one row by a statement that is this module's own.
macro_rules! fetch_one {
    ($connection:expr, $row:ty, $statement:expr $(, $parameter:expr)*) => {{
        let row: Option<$row> = sqlx::query_as(sqlx::AssertSqlSafe($statement))
            $(.bind($parameter))*
            .fetch_optional(&mut *$connection)
            .await
            .map_err($crate::operator::error::storage)?;
        row.map(<$row>::read).transpose()?
    }};
}
pub(super) use fetch_one;

pub(super) fn seconds(at: Option<offpay_protocol::Timestamp>) -> Option<i64> {
    at.map(time)
}
