//! Leases, and the fence that the writes of a holder have to pass.

use std::time::Duration;

use offpay_operator::storage::{LeaseStorage, StorageError};

use super::{Database, connect::Connection as _, error::storage, write};

/// So many times as long as a lease lasts, none can be held: the database's clock was set back.
const IMPOSSIBLE: i64 = 10;

/// What a holder's writes are checked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    pub(crate) name: &'static str,
    pub(crate) token: i64,
}

/// A holder's write came after another one took over.
#[derive(Debug, thiserror::Error)]
#[error("another server took over {0}")]
pub(crate) struct TakenOver(pub(crate) &'static str);

impl Database {
    /// The same database, for the holder of a lease: what is written with it is checked in the same transaction, and
    /// refused once another holds the lease.
    #[must_use]
    pub fn fenced(&self, name: &'static str, token: i64) -> Self {
        Self {
            fence: Some(Fence { name, token }),
            ..self.clone()
        }
    }
}

impl LeaseStorage for Database {
    async fn hold_lease(
        &self,
        name: &'static str,
        holder: &str,
        lasts: Duration,
        at_once: bool,
    ) -> Result<Option<i64>, StorageError> {
        let lasts = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
        write!(self, |tx| {
            let now = tx.clock_ms().await?;
            let known: Option<(String, i64)> =
                sqlx::query_as("SELECT holder, until FROM leases WHERE name = $1")
                    .bind(name)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(storage)?;
            let is_ours = known.as_ref().is_some_and(|(known, _)| known == holder);
            let is_free = known.is_none_or(|(_, until)| {
                let latest = now.saturating_add(lasts.saturating_mul(IMPOSSIBLE));
                at_once || until <= now || until > latest
            });
            if is_ours || is_free {
                sqlx::query(
                    "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until",
                )
                .bind(name)
                .bind(holder)
                .bind(now.saturating_add(lasts))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                if !is_ours {
                    // Waits for every write that passed the fence before.
                    sqlx::query(
                        "INSERT INTO fences (name, token) VALUES ($1, 1) \
                         ON CONFLICT (name) DO UPDATE SET token = fences.token + 1",
                    )
                    .bind(name)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                }
                let token: i64 = sqlx::query_scalar("SELECT token FROM fences WHERE name = $1")
                    .bind(name)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(storage)?;
                Some(token)
            } else {
                None
            }
        })
    }

    async fn release_lease(&self, name: &'static str, holder: &str) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query("UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2")
                .bind(name)
                .bind(holder)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
        })
    }
}
