//! What the operator is shown, and what they do by hand.

use offpay_operator::{
    UserId,
    admin::{
        Abandoned, Action, Cancelled, FeeDay, GasDay, ListedTransaction, NewAction, OwedPair,
        Retried, TransactionFilter, UserCounts,
    },
    event::NewEvent,
    storage::{AdminStorage, StorageError},
};
use offpay_protocol::{PurseKey, Timestamp};

use super::{
    Database,
    columns::{read_time, time},
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

mod gas;
mod owed;
mod transactions;

/// Appends an action, in the transaction of what it changes.
macro_rules! log_action {
    ($connection:expr, $action:expr, $now:expr) => {{
        let action: &offpay_operator::admin::NewAction = $action;
        sqlx::query(
            "INSERT INTO admin_actions (at, actor, action, subject, reason, details, request) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind($crate::operator::columns::time($now))
        .bind(&action.actor)
        .bind(action.action)
        .bind(&action.subject)
        .bind(&action.reason)
        .bind(action.details.to_string())
        .bind(&action.request)
        .execute(&mut *$connection)
        .await
        .map_err($crate::operator::error::storage)?;
    }};
}
use log_action;

type ActionRow = (i64, i64, String, String, String, String, String, String);

fn action(row: ActionRow) -> Result<Action, StorageError> {
    let (number, at, actor, action, subject, reason, details, request) = row;
    Ok(Action {
        number,
        at: read_time(at)?,
        actor,
        action,
        subject,
        reason,
        details: serde_json::from_str(&details).map_err(unreadable)?,
        request,
    })
}

fn count(number: i64) -> Result<u64, StorageError> {
    u64::try_from(number).map_err(unreadable)
}

impl AdminStorage for Database {
    async fn append_action(&self, action: &NewAction, now: Timestamp) -> Result<(), StorageError> {
        write!(self, |tx| log_action!(tx, action, now))
    }

    async fn actions_before(&self, before: i64, limit: u32) -> Result<Vec<Action>, StorageError> {
        let rows: Vec<ActionRow> = read!(self, |pool| sqlx::query_as(
            "SELECT number, at, actor, action, subject, reason, details, request FROM admin_actions \
             WHERE number < $1 ORDER BY number DESC LIMIT $2"
        )
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(action).collect()
    }

    async fn set_frozen(
        &self,
        user: UserId,
        frozen: bool,
        events: &[NewEvent],
        action: &NewAction,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "UPDATE users SET frozen_at = $2 \
                 WHERE id = $1 AND deleted_at IS NULL AND (frozen_at IS NULL) = ($2 IS NOT NULL)",
            )
            .bind(user.to_string())
            .bind(frozen.then(|| time(now)))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            log_action!(tx, action, now);
            if changed > 0 {
                tx.append_events(events, now).await?;
            }
            changed > 0
        })
    }

    async fn owed_by_purse(
        &self,
        after: Option<PurseKey>,
        limit: u32,
    ) -> Result<Vec<OwedPair>, StorageError> {
        owed::page(self, after, limit).await
    }

    async fn owed_by(&self, purse: PurseKey) -> Result<Vec<OwedPair>, StorageError> {
        owed::of(self, purse).await
    }

    async fn list_transactions(
        &self,
        filter: TransactionFilter,
        before: i64,
        limit: u32,
    ) -> Result<Vec<ListedTransaction>, StorageError> {
        transactions::list(self, filter, before, limit).await
    }

    async fn retry_transaction(
        &self,
        number: i64,
        action: &NewAction,
        now: Timestamp,
    ) -> Result<Retried, StorageError> {
        transactions::retry(self, number, action, now).await
    }

    async fn abandon_transaction(
        &self,
        number: i64,
        events: &[NewEvent],
        action: &NewAction,
        now: Timestamp,
    ) -> Result<Abandoned, StorageError> {
        transactions::abandon(self, number, events, action, now).await
    }

    async fn cancel_transaction(
        &self,
        number: i64,
        action: &NewAction,
        now: Timestamp,
    ) -> Result<Cancelled, StorageError> {
        transactions::cancel(self, number, action, now).await
    }

    async fn gas_by_day(&self, since: Timestamp) -> Result<Vec<GasDay>, StorageError> {
        gas::by_day(self, since).await
    }

    async fn fees_by_day(&self, since: Timestamp) -> Result<Vec<FeeDay>, StorageError> {
        gas::fees_by_day(self, since).await
    }

    async fn data_keys_by_master(&self) -> Result<Vec<(String, u64)>, StorageError> {
        let rows: Vec<(String, i64)> = read!(self, |pool| sqlx::query_as(
            "SELECT master_key, COUNT(*) FROM users WHERE deleted_at IS NULL \
             GROUP BY master_key ORDER BY master_key"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter()
            .map(|(master, sealed)| Ok((master, count(sealed)?)))
            .collect()
    }

    async fn user_counts(&self) -> Result<UserCounts, StorageError> {
        let (users, hosted, frozen): (i64, i64, i64) = read!(self, |pool| sqlx::query_as(
            "SELECT COUNT(*), COUNT(CASE WHEN custody = 'hosted' THEN 1 END), COUNT(frozen_at) \
             FROM users WHERE deleted_at IS NULL"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        Ok(UserCounts {
            users: count(users)?,
            hosted: count(hosted)?,
            frozen: count(frozen)?,
        })
    }
}
