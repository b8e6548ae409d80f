//! What PostgreSQL counts of each statement.

use std::time::Duration;

use offpay_operator::storage::StorageError;

use super::{Database, connect::Pools, error::storage};

/// What one statement did in this database since its statistics began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementCounters {
    /// The statement, with `$1` in the place of what it is given.
    pub statement: String,
    /// How often it ran.
    pub calls: u64,
    /// Rows that it gave or changed.
    pub rows: u64,
    /// Bytes of log that it wrote.
    pub log_bytes: u64,
    /// Pages that it looked at.
    pub pages: u64,
    /// How long it took in the database.
    pub took: Duration,
}

/// A statement, and its counters in the order of [`StatementCounters`].
type Row = (String, i64, i64, i64, i64, i64);

impl Database {
    /// The counters of all statements in this database; `None` on SQLite, and where PostgreSQL has no `pg_stat_statements`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn statement_counters(&self) -> Result<Option<Vec<StatementCounters>>, StorageError> {
        let Pools::Postgres(pool) = &self.pools else {
            return Ok(None);
        };
        let installed: Option<i64> = sqlx::query_scalar(
            "SELECT CAST(1 AS BIGINT) FROM pg_extension WHERE extname = 'pg_stat_statements'",
        )
        .fetch_optional(pool)
        .await
        .map_err(storage)?;
        if installed.is_none() {
            return Ok(None);
        }
        let options = pool.connect_options();
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT query, calls, rows, CAST(wal_bytes AS BIGINT), shared_blks_hit + shared_blks_read, \
             CAST(total_exec_time * 1000 AS BIGINT) FROM pg_stat_statements \
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = $1)",
        )
        .bind(options.get_database().unwrap_or_default())
        .fetch_all(pool)
        .await
        .map_err(storage)?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let counters = rows
            .into_iter()
            .map(
                |(statement, calls, rows, log_bytes, pages, took)| StatementCounters {
                    statement,
                    calls: count(calls),
                    rows: count(rows),
                    log_bytes: count(log_bytes),
                    pages: count(pages),
                    took: Duration::from_micros(count(took)),
                },
            );
        Ok(Some(counters.collect()))
    }
}
