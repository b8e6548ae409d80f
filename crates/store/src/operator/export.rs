//! Everything of a kind, oldest first.
//!
//! PostgreSQL gives numbers before it commits, so that a smaller number can become visible after a larger one. So the highest
//! number that is visible is read, and then whoever was writing to the table at that moment is waited for: below that number
//! nothing comes any more.

mod payments;

use std::time::Duration;

use offpay_operator::{
    hosted::Operation,
    storage::{Entered, ExportStorage, ExportedPayment, PaymentPlace, StorageError},
};

use super::{Database, connect::Pools, error::storage, ledger, operations, read};

/// How long a table's writers are waited for at a time: so long others wait who come after. One that stands still in the
/// middle of a transaction is not to hold up everybody else.
const WAIT: &str = "SET LOCAL lock_timeout = '200ms'";
/// What PostgreSQL says then.
const WAITED: &str = "55P03";
/// How often: longer than `idle_in_transaction_session_timeout`.
const MOST_WAITS: u32 = 40;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until everybody is done who is writing to a table at the moment, whatever version of the program it is: each statement
/// that writes to it keeps this lock from being given until its transaction ends.
async fn writers_of(database: &Database, lock: &'static str) -> Result<(), StorageError> {
    let Pools::Postgres(pool) = &database.pools else {
        // One connection writes, and what it gives numbers to is visible in their order.
        return Ok(());
    };
    let mut waits = 0;
    loop {
        let mut tx = pool.begin().await.map_err(storage)?;
        sqlx::query(WAIT).execute(&mut *tx).await.map_err(storage)?;
        let locked = sqlx::query(lock).execute(&mut *tx).await;
        // It let go of the lock at once: nobody is kept from writing while the export runs.
        tx.rollback().await.map_err(storage)?;
        let error = match locked {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let refused = error.as_database_error();
        if refused.is_none_or(|refused| refused.code().as_deref() != Some(WAITED)) {
            return Err(storage(error));
        }
        waits += 1;
        if waits >= MOST_WAITS {
            return Err(StorageError::Contention(error.into()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The highest number of some tables, once everybody who was writing to them is done.
macro_rules! horizon {
    ($database:expr, $highest:literal, $($lock:literal),+) => {{
        let highest: Option<i64> =
            read!($database, |pool| sqlx::query_scalar($highest).fetch_one(pool).await)
                .map_err(storage)?;
        $(writers_of($database, $lock).await?;)+
        Ok(highest.unwrap_or_default())
    }};
}

impl ExportStorage for Database {
    async fn ledger_horizon(&self) -> Result<i64, StorageError> {
        horizon!(
            self,
            "SELECT MAX(number) FROM ledger_movements",
            "LOCK TABLE ledger_movements IN SHARE MODE"
        )
    }

    async fn export_movements(
        &self,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> Result<Vec<Entered>, StorageError> {
        ledger::movements(self, after, upto, limit).await
    }

    async fn clearing_horizon(&self) -> Result<i64, StorageError> {
        horizon!(
            self,
            "SELECT MAX(position) FROM (SELECT MAX(position) AS position FROM clearances \
             UNION ALL SELECT MAX(position) FROM moved_clearances) AS highest",
            "LOCK TABLE clearances IN SHARE MODE",
            "LOCK TABLE moved_clearances IN SHARE MODE"
        )
    }

    async fn export_payments(
        &self,
        after: PaymentPlace,
        upto: i64,
        limit: u32,
    ) -> Result<Vec<ExportedPayment>, StorageError> {
        payments::page(self, after, upto, limit).await
    }

    async fn transaction_horizon(&self) -> Result<i64, StorageError> {
        horizon!(
            self,
            "SELECT MAX(number) FROM transactions",
            "LOCK TABLE transactions IN SHARE MODE"
        )
    }

    async fn export_operations(
        &self,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> Result<Vec<Operation>, StorageError> {
        operations::by_transaction(self, after, upto, limit).await
    }
}
