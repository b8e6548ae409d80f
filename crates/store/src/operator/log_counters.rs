//! What PostgreSQL counts of its write-ahead log.

use offpay_operator::storage::StorageError;

use super::{Database, connect::Pools, error::storage};

/// Counts since the server's statistics began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogCounters {
    /// How often the log was made durable.
    pub syncs: u64,
    /// Bytes that were written to it.
    pub bytes: u64,
}

impl Database {
    /// The counters of the whole PostgreSQL server; `None` on SQLite, which counts nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn log_counters(&self) -> Result<Option<LogCounters>, StorageError> {
        let Pools::Postgres(pool) = &self.pools else {
            return Ok(None);
        };
        let bytes: i64 = sqlx::query_scalar("SELECT wal_bytes::bigint FROM pg_stat_wal")
            .fetch_one(pool)
            .await
            .map_err(storage)?;
        // PostgreSQL 18 counts them elsewhere.
        let newer: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_attribute WHERE attrelid = 'pg_stat_io'::regclass AND attname = 'write_bytes'",
        )
        .fetch_one(pool)
        .await
        .unwrap_or(0);
        let syncs = if newer > 0 {
            "SELECT SUM(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'"
        } else {
            "SELECT wal_sync FROM pg_stat_wal"
        };
        let syncs: i64 = sqlx::query_scalar(syncs)
            .fetch_one(pool)
            .await
            .map_err(storage)?;
        Ok(Some(LogCounters {
            syncs: u64::try_from(syncs).unwrap_or(0),
            bytes: u64::try_from(bytes).unwrap_or(0),
        }))
    }
}
