//! The event log.

use offpay_operator::{
    UserId,
    event::{Audience, Event, NewEvent},
    storage::{EventStorage, StorageError},
};
use offpay_protocol::Timestamp;

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

/// PostgreSQL's advisory lock that puts appends to the log in order.
pub(crate) const LOCK: i64 = 0x0ff9_a7e7_e275;

/// The column of an audience: the user's id, or nothing for the operator.
pub(crate) fn audience(audience: &Audience) -> Option<String> {
    match audience {
        Audience::User(user) => Some(user.to_string()),
        Audience::Operator => None,
    }
}

macro_rules! append {
    ($connection:expr, $events:expr, $now:expr) => {{
        for event in $events {
            sqlx::query("INSERT INTO events (at, audience, kind, body) VALUES ($1, $2, $3, $4)")
                .bind($crate::operator::columns::time($now))
                .bind($crate::operator::events::audience(&event.audience))
                .bind(event.kind)
                .bind(event.body.to_string())
                .execute(&mut *$connection)
                .await
                .map_err($crate::operator::error::storage)?;
        }
        Ok(())
    }};
}
pub(crate) use append;

type Row = (i64, i64, String, String);

fn event((sequence, at, kind, body): Row) -> Result<Event, StorageError> {
    Ok(Event {
        sequence,
        at: columns::read_time(at)?,
        kind,
        body: serde_json::from_str(&body).map_err(unreadable)?,
    })
}

impl EventStorage for Database {
    async fn events_after(
        &self,
        audience: Option<UserId>,
        cursor: i64,
        limit: u32,
    ) -> Result<Vec<Event>, StorageError> {
        let rows: Vec<Row> = match audience {
            None => read!(self, |pool| sqlx::query_as(
                "SELECT sequence, at, kind, body FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2"
            )
            .bind(cursor)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
            .map_err(storage)?,
            Some(user) => read!(self, |pool| sqlx::query_as(
                "SELECT sequence, at, kind, body FROM events WHERE audience = $1 AND sequence > $2 \
                 ORDER BY sequence LIMIT $3"
            )
            .bind(user.to_string())
            .bind(cursor)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
            .map_err(storage)?,
        };
        rows.into_iter().map(event).collect()
    }

    async fn last_event(&self) -> Result<i64, StorageError> {
        let last: Option<i64> = read!(self, |pool| sqlx::query_scalar(
            "SELECT MAX(sequence) FROM events"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        Ok(last.unwrap_or_default())
    }

    async fn append_events(&self, events: &[NewEvent], now: Timestamp) -> Result<(), StorageError> {
        write!(self, |tx| tx.append_events(events, now).await?)
    }
}
