//! What became of a transaction that has a nonce.

use offpay_operator::{
    event::NewEvent,
    outbox::Inclusion,
    storage::{Outcome, StorageError},
};
use offpay_protocol::Timestamp;

use super::rows::signed;
use crate::operator::{
    Database,
    connect::Connection as _,
    error::{storage, unreadable},
    write,
};

/// Runs one statement with these values.
macro_rules! run {
    ($tx:ident, $sql:expr $(, $value:expr)*) => {
        sqlx::query($sql)$(.bind($value))*.execute(&mut *$tx).await.map_err(storage)?
    };
}

pub(super) async fn record(
    database: &Database,
    transaction: i64,
    outcome: &Outcome,
    events: &[NewEvent],
    now: Timestamp,
) -> Result<(), StorageError> {
    let columns = match outcome {
        Outcome::Included { inclusion, .. } | Outcome::Final { inclusion, .. } => {
            Some(Columns::of(inclusion)?)
        }
        Outcome::TakenBack | Outcome::Lost => None,
    };
    write!(database, |tx| {
        // Whatever block was known before is replaced as a whole.
        run!(
            tx,
            "UPDATE attempts SET block_number = NULL, block_hash = NULL, succeeded = NULL, gas_used = NULL, \
             gas_price = NULL WHERE block_number IS NOT NULL AND EXISTS (SELECT 1 FROM nonces n \
             WHERE n.sender = attempts.sender AND n.nonce = attempts.nonce AND n.state = 'open' \
             AND n.transaction_number = $1)",
            transaction
        );
        match outcome {
            Outcome::Included {
                hash,
                inclusion,
                failure,
            }
            | Outcome::Final {
                hash,
                inclusion,
                failure,
            } => {
                if let Some(columns) = &columns {
                    let changed = run!(
                        tx,
                        "UPDATE attempts SET block_number = $2, block_hash = $3, succeeded = $4, gas_used = $5, \
                         gas_price = $6 WHERE hash = $1 AND EXISTS (SELECT 1 FROM nonces n \
                         WHERE n.sender = attempts.sender AND n.nonce = attempts.nonce AND n.state = 'open' \
                         AND n.transaction_number = $7)",
                        &hash[..],
                        columns.block,
                        &inclusion.block_hash[..],
                        i64::from(inclusion.succeeded),
                        columns.gas_used,
                        columns.gas_price,
                        transaction
                    );
                    if changed.rows_affected() != 1 {
                        return Err(StorageError::Refused(
                            "no such attempt of this transaction".into(),
                        ));
                    }
                }
                let last = matches!(outcome, Outcome::Final { .. });
                // What only used the nonce up went through, and did not do the work.
                let did_it = inclusion.succeeded && failure.is_none();
                let state = match (did_it, last) {
                    (false, _) => "failed",
                    (true, false) => "mined",
                    (true, true) => "final",
                };
                run!(
                    tx,
                    "UPDATE transactions SET state = $2, failure = $3 WHERE number = $1",
                    transaction,
                    state,
                    failure
                );
                if last {
                    run!(
                        tx,
                        "UPDATE nonces SET state = 'final' WHERE transaction_number = $1 AND state = 'open'",
                        transaction
                    );
                    let purpose: String =
                        sqlx::query_scalar("SELECT purpose FROM transactions WHERE number = $1")
                            .bind(transaction)
                            .fetch_one(&mut *tx)
                            .await
                            .map_err(storage)?;
                    let spent: Option<(i64, String, String)> = sqlx::query_as(
                        "SELECT transactions, gas, wei FROM gas_spent WHERE purpose = $1",
                    )
                    .bind(&purpose)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(storage)?;
                    let (count, gas, wei) = add(spent, inclusion)?;
                    run!(
                        tx,
                        "INSERT INTO gas_spent (purpose, transactions, gas, wei) VALUES ($1, $2, $3, $4) \
                         ON CONFLICT (purpose) DO UPDATE SET transactions = excluded.transactions, \
                         gas = excluded.gas, wei = excluded.wei",
                        &purpose,
                        count,
                        &gas,
                        &wei
                    );
                }
            }
            Outcome::TakenBack => {
                run!(
                    tx,
                    "UPDATE transactions SET state = 'sent', failure = NULL WHERE number = $1",
                    transaction
                );
            }
            Outcome::Lost => {
                run!(
                    tx,
                    "UPDATE nonces SET state = 'lost' WHERE transaction_number = $1 AND state = 'open'",
                    transaction
                );
                run!(
                    tx,
                    "UPDATE transactions SET state = CASE WHEN cancelled_at IS NULL THEN 'queued' ELSE 'failed' END, \
                     failure = CASE WHEN cancelled_at IS NULL THEN NULL ELSE 'cancelled' END WHERE number = $1",
                    transaction
                );
            }
        }
        tx.append_events(events, now).await?;
    })
}

struct Columns {
    block: i64,
    gas_used: i64,
    gas_price: i64,
}

impl Columns {
    fn of(inclusion: &Inclusion) -> Result<Self, StorageError> {
        Ok(Self {
            block: signed(inclusion.block)?,
            gas_used: signed(inclusion.gas_used)?,
            gas_price: signed(inclusion.gas_price)?,
        })
    }
}

/// What was spent with one more transaction; sums are decimal text, because wei outgrow 64 bits.
fn add(
    spent: Option<(i64, String, String)>,
    inclusion: &Inclusion,
) -> Result<(i64, String, String), StorageError> {
    let (count, gas, wei) = spent.unwrap_or((0, "0".into(), "0".into()));
    let gas: u128 = gas.parse().map_err(unreadable)?;
    let wei: u128 = wei.parse().map_err(unreadable)?;
    let used = u128::from(inclusion.gas_used);
    let cost = used.saturating_mul(u128::from(inclusion.gas_price));
    Ok((
        count.saturating_add(1),
        gas.saturating_add(used).to_string(),
        wei.saturating_add(cost).to_string(),
    ))
}
