//! Everything of a kind, oldest first.
//!
//! PostgreSQL gives numbers before it commits, so that a smaller number can become visible after a larger one. A lock
//! that lets go once all writers of a moment are done tells up to which number that cannot happen any more.

use offpay_operator::{
    hosted::Operation,
    storage::{Entered, ExportStorage, ExportedPayment, StorageError},
};
use offpay_protocol::{AccountId, PaymentId, PurseKey, Reference, Signature, messages::Payment};
use sqlx::FromRow;

use super::{
    Database,
    columns::{read_amount, read_bytes, read_time},
    connect::Pools,
    error::{storage, unreadable},
    ledger, operations, read,
};

#[derive(FromRow)]
struct PaymentRow {
    number: i64,
    id: Vec<u8>,
    purse: Vec<u8>,
    payee: Vec<u8>,
    start: String,
    amount: String,
    cumulative: String,
    reference: Vec<u8>,
    signature: Vec<u8>,
    cleared_at: i64,
}

impl PaymentRow {
    fn read(&self) -> Result<ExportedPayment, StorageError> {
        Ok(ExportedPayment {
            number: self.number,
            id: PaymentId::new(read_bytes::<32>(&self.id)?.into()),
            purse: PurseKey::new(read_bytes::<20>(&self.purse)?.into()),
            payment: Payment {
                payee: AccountId::new(read_bytes::<20>(&self.payee)?.into()),
                start: read_amount(&self.start)?,
                amount: read_amount(&self.amount)?,
                cumulative: read_amount(&self.cumulative)?,
                reference: Reference::new(read_bytes::<32>(&self.reference)?.into()),
            },
            signature: Signature::from_compact(read_bytes::<64>(&self.signature)?)
                .map_err(unreadable)?,
            cleared_at: read_time(self.cleared_at)?,
        })
    }
}

/// The highest number of a table, once everybody who was writing to it is done.
macro_rules! horizon {
    ($database:expr, $lock:literal, $highest:literal) => {{
        let highest: Option<i64> = match &$database.pools {
            Pools::Sqlite { read, .. } => sqlx::query_scalar($highest).fetch_one(read).await,
            Pools::Postgres(pool) => {
                let mut tx = pool.begin().await.map_err(storage)?;
                sqlx::query($lock)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                sqlx::query_scalar($highest).fetch_one(&mut *tx).await
            }
        }
        .map_err(storage)?;
        Ok(highest.unwrap_or_default())
    }};
}

impl ExportStorage for Database {
    async fn ledger_horizon(&self) -> Result<i64, StorageError> {
        horizon!(
            self,
            "LOCK TABLE ledger_movements IN SHARE MODE",
            "SELECT MAX(number) FROM ledger_movements"
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

    async fn export_payments(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ExportedPayment>, StorageError> {
        // Numbers are given by the program, in the order of commits.
        let rows: Vec<PaymentRow> = read!(self, |pool| sqlx::query_as(
            "SELECT p.number, p.id, p.purse, p.payee, p.start, p.amount, p.cumulative, p.reference, p.signature, \
             COALESCE((SELECT m.cleared_at FROM moved_clearances m WHERE m.number = p.number), \
             (SELECT c.cleared_at FROM clearances c WHERE c.first <= p.number ORDER BY c.first DESC LIMIT 1)) \
             AS cleared_at FROM payments p WHERE p.number > $1 ORDER BY p.number LIMIT $2"
        )
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.iter().map(PaymentRow::read).collect()
    }

    async fn transaction_horizon(&self) -> Result<i64, StorageError> {
        horizon!(
            self,
            "LOCK TABLE transactions IN SHARE MODE",
            "SELECT MAX(number) FROM transactions"
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
