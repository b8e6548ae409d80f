//! Entering the rows of a slot.

use offpay_operator::storage::StorageError;
use sqlx::{PgConnection, SqliteConnection};

use super::{super::error::storage, read::SlotRows};

/// A connection inside of a transaction that changes slots.
pub(super) trait Put: Sized {
    /// Raises the version of the slot map, for which it waits for all that was recorded by the one before.
    async fn raise_map(&mut self) -> Result<(), StorageError>;

    /// Enters everything of a slot but its cleared payments.
    async fn put_rows(&mut self, rows: &SlotRows) -> Result<(), StorageError>;
}

macro_rules! put {
    ($connection:ty) => {
        impl Put for $connection {
            async fn raise_map(&mut self) -> Result<(), StorageError> {
                sqlx::query("UPDATE slot_map SET version = version + 1 WHERE one = 1")
                    .execute(&mut *self)
                    .await
                    .map(drop)
                    .map_err(storage)
            }

            async fn put_rows(&mut self, rows: &SlotRows) -> Result<(), StorageError> {
                for (purse, version, frontier, spent, promised, payments) in &rows.heads {
                    sqlx::query(
                        "INSERT INTO purse_heads (purse, version, frontier_version, spent, promised, payments) \
                         VALUES ($1, $2, $3, $4, $5, $6)",
                    )
                    .bind(purse)
                    .bind(version)
                    .bind(frontier)
                    .bind(spent)
                    .bind(promised)
                    .bind(payments)
                    .execute(&mut *self)
                    .await
                    .map_err(storage)?;
                }
                for kept in &rows.kept {
                    sqlx::query(
                        "INSERT INTO kept_payments (purse, id, payee, start, amount, cumulative, reference, \
                         signature, kept_for, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    )
                    .bind(&kept.0)
                    .bind(&kept.1)
                    .bind(&kept.2)
                    .bind(&kept.3)
                    .bind(&kept.4)
                    .bind(&kept.5)
                    .bind(&kept.6)
                    .bind(&kept.7)
                    .bind(&kept.8)
                    .bind(kept.9)
                    .execute(&mut *self)
                    .await
                    .map_err(storage)?;
                }
                for (purse, payee, cumulative, payment, settled, since) in &rows.pairs {
                    sqlx::query(
                        "INSERT INTO pairs (purse, payee, cumulative, payment, settled, owed_since) \
                         VALUES ($1, $2, $3, $4, $5, $6)",
                    )
                    .bind(purse)
                    .bind(payee)
                    .bind(cumulative)
                    .bind(payment)
                    .bind(settled)
                    .bind(since)
                    .execute(&mut *self)
                    .await
                    .map_err(storage)?;
                }
                for (purse, payee, cumulative, planned_at, why, until, _) in &rows.settling {
                    // One of an earlier time here can be there still, if a transaction of then is on its way.
                    sqlx::query(
                        "INSERT INTO settling (purse, payee, cumulative, planned_at, why, aside_until) \
                         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (purse, payee) DO UPDATE SET \
                         cumulative = excluded.cumulative, planned_at = excluded.planned_at, \
                         transaction_number = NULL, why = excluded.why, aside_until = excluded.aside_until",
                    )
                    .bind(purse)
                    .bind(payee)
                    .bind(cumulative)
                    .bind(planned_at)
                    .bind(why)
                    .bind(until)
                    .execute(&mut *self)
                    .await
                    .map_err(storage)?;
                }
                for (purse, first, second, found_at) in &rows.evidence {
                    sqlx::query(
                        "INSERT INTO double_spends (purse, first, second, found_at) \
                         VALUES ($1, $2, $3, $4)",
                    )
                    .bind(purse)
                    .bind(first)
                    .bind(second)
                    .bind(found_at)
                    .execute(&mut *self)
                    .await
                    .map_err(storage)?;
                }
                Ok(())
            }
        }
    };
}

put!(SqliteConnection);
put!(PgConnection);
