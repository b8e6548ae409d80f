//! How the outbox is sent: nonces, signings and what became of them.

use offpay_operator::{
    event::NewEvent,
    outbox::{Attempt, GasSpent, InFlight, NewAttempt, NewTransaction, Purpose, StoredTransaction},
    storage::{OutboxStorage, Outcome, StorageError},
};
use offpay_protocol::Timestamp;

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

mod outcome;
mod rows;

pub(super) use rows::TransactionRow;
use rows::{AttemptRow, signed};

/// The columns of a [`TransactionRow`].
macro_rules! transactions {
    ($rest:literal) => {
        concat!(
            "SELECT t.number, t.work, t.purpose, t.recipient, t.calldata, t.deadline, t.state, t.created_at, ",
            "t.failure, t.cancelled_at FROM transactions t ",
            $rest
        )
    };
}

/// The columns of an [`AttemptRow`].
macro_rules! attempts {
    ($rest:literal) => {
        concat!(
            "SELECT n.transaction_number, a.sender, a.nonce, a.hash, a.raw, a.gas_limit, a.fee_most, a.fee_priority, ",
            "a.signed_at, a.sent_at, a.block_number, a.block_hash, a.succeeded, a.gas_used, a.gas_price, a.cancels ",
            "FROM nonces n JOIN attempts a ON a.sender = n.sender AND a.nonce = n.nonce ",
            $rest
        )
    };
}

impl OutboxStorage for Database {
    async fn append_transactions(
        &self,
        transactions: &[NewTransaction],
        now: Timestamp,
    ) -> Result<Vec<i64>, StorageError> {
        write!(self, |tx| tx.append_transactions(transactions, now).await?)
    }

    async fn append_again(
        &self,
        transactions: &[NewTransaction],
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<i64>, StorageError> {
        write!(self, |tx| {
            let mut numbers = Vec::new();
            for transaction in transactions {
                let tries: Vec<(String, i64)> = sqlx::query_as(
                    "SELECT state, created_at FROM transactions WHERE work = $1 OR work LIKE $2 ORDER BY number",
                )
                .bind(&transaction.work)
                .bind(format!("{}#%", transaction.work))
                .fetch_all(&mut *tx)
                .await
                .map_err(storage)?;
                let mut named = transaction.clone();
                match tries.last() {
                    None => {}
                    Some((state, tried_at))
                        if state == "failed" && *tried_at <= columns::time(before) =>
                    {
                        named.work = format!("{}#{}", transaction.work, tries.len());
                    }
                    Some(_) => continue,
                }
                numbers.extend(tx.append_transactions(&[named], now).await?);
            }
            numbers
        })
    }

    async fn queued(&self, limit: u32) -> Result<Vec<StoredTransaction>, StorageError> {
        let rows: Vec<TransactionRow> = read!(self, |pool| {
            sqlx::query_as(transactions!(
            "WHERE t.state = 'queued' ORDER BY (t.deadline IS NULL), t.deadline, t.number LIMIT $1"
        ))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await
        })
        .map_err(storage)?;
        rows.into_iter().map(TransactionRow::read).collect()
    }

    async fn first_unmined(&self) -> Result<Option<i64>, StorageError> {
        read!(self, |pool| sqlx::query_scalar(
            "SELECT MIN(number) FROM transactions WHERE state IN ('queued', 'sent')"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)
    }

    async fn in_flight(&self, sender: [u8; 20]) -> Result<Vec<InFlight>, StorageError> {
        // The attempts last: one that is signed in between is seen next time.
        let transactions: Vec<TransactionRow> = read!(self, |pool| sqlx::query_as(transactions!(
            "JOIN nonces n ON n.transaction_number = t.number \
             WHERE n.sender = $1 AND n.state = 'open' ORDER BY n.nonce"
        ))
        .bind(&sender[..])
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let attempts: Vec<AttemptRow> = read!(self, |pool| sqlx::query_as(attempts!(
            "WHERE n.sender = $1 AND n.state = 'open' ORDER BY a.number"
        ))
        .bind(&sender[..])
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let mut in_flight = Vec::with_capacity(transactions.len());
        for row in transactions {
            let transaction = row.read()?;
            let attempts = attempts
                .iter()
                .filter(|attempt| attempt.transaction_number == transaction.number)
                .map(AttemptRow::read)
                .collect::<Result<Vec<_>, _>>()?;
            if !attempts.is_empty() {
                in_flight.push(InFlight {
                    transaction,
                    attempts,
                });
            }
        }
        Ok(in_flight)
    }

    async fn next_nonce(&self, sender: [u8; 20]) -> Result<Option<u64>, StorageError> {
        let highest: Option<i64> = read!(self, |pool| sqlx::query_scalar(
            "SELECT MAX(nonce) FROM nonces WHERE sender = $1"
        )
        .bind(&sender[..])
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        highest
            .map(|nonce| {
                u64::try_from(nonce)
                    .map(|nonce| nonce.saturating_add(1))
                    .map_err(unreadable)
            })
            .transpose()
    }

    async fn record_attempt(
        &self,
        attempt: &NewAttempt,
        now: Timestamp,
    ) -> Result<Attempt, StorageError> {
        let nonce = signed(attempt.nonce)?;
        let gas_limit = signed(attempt.gas_limit)?;
        let most = signed(attempt.fees.most)?;
        let priority = attempt.fees.priority.map(signed).transpose()?;
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO nonces (sender, nonce, transaction_number, state) VALUES ($1, $2, $3, 'open') \
                 ON CONFLICT (sender, nonce) DO NOTHING",
            )
            .bind(&attempt.sender[..])
            .bind(nonce)
            .bind(attempt.transaction)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            // Only into the nonce that this transaction has, and that is not used up; and nothing that was given up.
            let stored = sqlx::query(
                "INSERT INTO attempts \
                 (sender, nonce, hash, raw, gas_limit, fee_most, fee_priority, signed_at, cancels) \
                 SELECT n.sender, n.nonce, $4, $5, $6, $7, $8, $9, $10 FROM nonces n \
                 WHERE n.sender = $1 AND n.nonce = $2 AND n.transaction_number = $3 AND n.state = 'open' \
                 AND EXISTS (SELECT 1 FROM transactions t WHERE t.number = $3 AND t.state <> 'failed')",
            )
            .bind(&attempt.sender[..])
            .bind(nonce)
            .bind(attempt.transaction)
            .bind(&attempt.hash[..])
            .bind(&attempt.raw)
            .bind(gas_limit)
            .bind(most)
            .bind(priority)
            .bind(columns::time(now))
            .bind(i64::from(attempt.cancels))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            if stored.rows_affected() != 1 {
                return Err(StorageError::Refused(
                    "the nonce belongs to another transaction, or this one was given up".into(),
                ));
            }
            sqlx::query(
                "UPDATE transactions SET state = 'sent' WHERE number = $1 AND state = 'queued'",
            )
            .bind(attempt.transaction)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })?;
        Ok(Attempt {
            signed: attempt.clone(),
            signed_at: now,
            sent_at: None,
            inclusion: None,
        })
    }

    async fn record_sent(&self, hash: [u8; 32], now: Timestamp) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query("UPDATE attempts SET sent_at = $2 WHERE hash = $1")
                .bind(&hash[..])
                .bind(columns::time(now))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
        })
    }

    async fn record_outcome(
        &self,
        transaction: i64,
        outcome: &Outcome,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        outcome::record(self, transaction, outcome, events, now).await
    }

    async fn record_refused(
        &self,
        transaction: i64,
        failure: &str,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "UPDATE transactions SET state = 'failed', failure = $2 WHERE number = $1 AND state = 'queued'",
            )
            .bind(transaction)
            .bind(failure)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            if changed.rows_affected() == 1 {
                tx.append_events(events, now).await?;
            }
        })
    }

    async fn transaction(
        &self,
        number: i64,
    ) -> Result<Option<(StoredTransaction, Vec<Attempt>)>, StorageError> {
        let row: Option<TransactionRow> = read!(self, |pool| sqlx::query_as(transactions!(
            "WHERE t.number = $1"
        ))
        .bind(number)
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let attempts: Vec<AttemptRow> = read!(self, |pool| sqlx::query_as(attempts!(
            "WHERE n.transaction_number = $1 ORDER BY a.number"
        ))
        .bind(number)
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let attempts = attempts
            .iter()
            .map(AttemptRow::read)
            .collect::<Result<_, _>>()?;
        Ok(Some((row.read()?, attempts)))
    }

    async fn unmined(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredTransaction>, StorageError> {
        let rows: Vec<TransactionRow> = read!(self, |pool| {
            sqlx::query_as(transactions!(
            "WHERE t.state IN ('queued', 'sent') AND t.created_at <= $1 ORDER BY t.number LIMIT $2"
        ))
        .bind(columns::time(before))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await
        })
        .map_err(storage)?;
        rows.into_iter().map(TransactionRow::read).collect()
    }

    async fn gas_spent(&self) -> Result<Vec<GasSpent>, StorageError> {
        let rows: Vec<(String, i64, String, String)> = read!(self, |pool| sqlx::query_as(
            "SELECT purpose, transactions, gas, wei FROM gas_spent ORDER BY purpose"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter()
            .map(|(purpose, transactions, gas, wei)| {
                Ok(GasSpent {
                    purpose: Purpose::named(&purpose).ok_or_else(|| unreadable("a purpose"))?,
                    transactions: u64::try_from(transactions).map_err(unreadable)?,
                    gas: gas.parse().map_err(unreadable)?,
                    wei: wei.parse().map_err(unreadable)?,
                })
            })
            .collect()
    }
}
