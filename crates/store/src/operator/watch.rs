//! Channels that were handed over to the watchtower.

use offpay_operator::{
    follower::Subject,
    storage::{StorageError, WatchStorage},
    watch::Watched,
};
use offpay_protocol::{ChannelId, Timestamp};

use super::{
    Database,
    error::{storage, unreadable},
    read, write,
};

pub(crate) type Row = (Vec<u8>, String, Option<String>, Option<String>);

pub(crate) fn watched((subject, terms, by_a, by_b): Row) -> Result<Watched, StorageError> {
    let Subject::Channel(channel) = Subject::from_bytes(&subject).map_err(unreadable)? else {
        return Err(unreadable("a watched channel that is none"));
    };
    let voucher = |text: Option<String>| {
        text.map(|text| serde_json::from_str(&text).map_err(unreadable))
            .transpose()
    };
    Ok(Watched {
        channel,
        terms: serde_json::from_str(&terms).map_err(unreadable)?,
        by_a: voucher(by_a)?,
        by_b: voucher(by_b)?,
    })
}

pub(crate) fn text(value: &impl serde::Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(unreadable)
}

/// Takes a channel, or newer vouchers of one: the newest of each side are kept. Gives what is kept.
macro_rules! put_watched {
    ($tx:expr, $new:expr, $now:expr) => {{
        use $crate::operator::{columns::time, error::storage, watch};
        let new: &offpay_operator::watch::Watched = $new;
        let subject = offpay_operator::follower::Subject::Channel(new.channel).to_bytes();
        let before: Option<watch::Row> = sqlx::query_as(
            "SELECT subject, terms, by_a, by_b FROM watched_channels WHERE subject = $1",
        )
        .bind(subject.clone())
        .fetch_optional(&mut *$tx)
        .await
        .map_err(storage)?;
        let kept = match before {
            Some(row) => watch::watched(row)?.with(new),
            None => *new,
        };
        sqlx::query(
            "INSERT INTO watched_channels (subject, terms, by_a, by_b, handed_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (subject) DO UPDATE SET by_a = excluded.by_a, by_b = excluded.by_b",
        )
        .bind(subject)
        .bind(watch::text(&kept.terms)?)
        .bind(kept.by_a.as_ref().map(watch::text).transpose()?)
        .bind(kept.by_b.as_ref().map(watch::text).transpose()?)
        .bind(time($now))
        .execute(&mut *$tx)
        .await
        .map_err(storage)?;
        kept
    }};
}
pub(crate) use put_watched;

impl WatchStorage for Database {
    async fn watch_channel(&self, new: &Watched, now: Timestamp) -> Result<Watched, StorageError> {
        write!(self, |tx| put_watched!(tx, new, now))
    }

    async fn watched_channel(&self, channel: ChannelId) -> Result<Option<Watched>, StorageError> {
        let row: Option<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT subject, terms, by_a, by_b FROM watched_channels WHERE subject = $1"
        )
        .bind(Subject::Channel(channel).to_bytes())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(watched).transpose()
    }

    async fn watched_closing(&self) -> Result<Vec<Watched>, StorageError> {
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT w.subject, w.terms, w.by_a, w.by_b FROM watched_channels w \
             JOIN chain_subjects s ON s.subject = w.subject WHERE s.due IS NOT NULL ORDER BY s.due"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(watched).collect()
    }
}
