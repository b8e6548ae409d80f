//! What is done about debts.

use futures_util::TryStreamExt as _;
use offpay_operator::{
    event::NewEvent,
    outbox::{NewTransaction, TransactionState},
    slots::Slot,
    storage::{DebtSums, DoneDebt, OpenDebt, Row, SettlementStorage, StorageError},
};
use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Reference, Signature, Timestamp, messages::Payment,
};

use super::{
    Database,
    columns::{amount, read_amount, read_bytes, read_time, time},
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

/// Another shard settles it.
#[derive(Debug, thiserror::Error)]
#[error("slot {0} is not here any more: another shard settles what its purses owe")]
struct NotHere(i64);

type OpenRow = (Vec<u8>, Vec<u8>, String, Vec<u8>, String, i64, i64);
type PaymentRow = (Vec<u8>, String, String, String, Vec<u8>, Vec<u8>);
type DoneRow = (Vec<u8>, Vec<u8>, String, String);

async fn open_debt(row: OpenRow) -> Result<OpenDebt, StorageError> {
    tokio::task::consume_budget().await;
    let (purse, payee, cumulative, payment, settled, since, hosted) = row;
    Ok(OpenDebt {
        purse: read_purse(&purse)?,
        payee: read_payee(&payee)?,
        cumulative: read_amount(&cumulative)?,
        payment: PaymentId::new(read_bytes::<32>(&payment)?.into()),
        settled: read_amount(&settled)?,
        since: read_time(since)?,
        is_hosted: hosted == 1,
    })
}

fn read_purse(bytes: &[u8]) -> Result<PurseKey, StorageError> {
    Ok(PurseKey::new(read_bytes::<20>(bytes)?.into()))
}

fn read_payee(bytes: &[u8]) -> Result<AccountId, StorageError> {
    Ok(AccountId::new(read_bytes::<20>(bytes)?.into()))
}

impl SettlementStorage for Database {
    async fn open_debts(&self, now: Timestamp, limit: u32) -> Result<Vec<OpenDebt>, StorageError> {
        // Row by row: thousands at once would keep a thread from everything else.
        read!(self, |pool| sqlx::query_as(
            "SELECT p.purse, p.payee, p.cumulative, p.payment, p.settled, p.owed_since, \
             CAST(CASE WHEN h.purse IS NULL THEN 0 ELSE 1 END AS BIGINT) \
             FROM pairs p LEFT JOIN settling s ON s.purse = p.purse AND s.payee = p.payee \
             LEFT JOIN hosted_purses h ON h.purse = p.purse \
             WHERE p.cumulative > p.settled AND s.transaction_number IS NULL \
             AND (s.aside_until IS NULL OR s.aside_until <= $1 OR s.cumulative < p.cumulative) \
             ORDER BY p.owed_since LIMIT $2"
        )
        .bind(time(now))
        .bind(i64::from(limit))
        .fetch(pool)
        .map_err(storage)
        .and_then(open_debt)
        .try_collect()
        .await)
    }

    async fn record_settling(
        &self,
        rows: &[Row],
        transaction: &NewTransaction,
        now: Timestamp,
    ) -> Result<i64, StorageError> {
        let mut slots: Vec<i64> = rows
            .iter()
            .map(|(purse, ..)| i64::from(Slot::of(*purse).number()))
            .collect();
        slots.sort_unstable();
        slots.dedup();
        write!(self, |tx| {
            // Who moves a slot raises the version first: it waits for this, or this is refused.
            let version = tx.hold_map().await?;
            for slot in slots.iter().filter(|_| version != 0) {
                let state: Option<String> =
                    sqlx::query_scalar("SELECT state FROM slots WHERE slot = $1")
                        .bind(*slot)
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(storage)?;
                if state.as_deref() != Some("owned") {
                    return Err(StorageError::Refused(NotHere(*slot).into()));
                }
            }
            // The same work again, after it failed or proved not to be enough, has a new name.
            let before: Vec<(String,)> = sqlx::query_as(
                "SELECT state FROM transactions WHERE work = $1 OR work LIKE $2 ORDER BY number",
            )
            .bind(&transaction.work)
            .bind(format!("{}#%", transaction.work))
            .fetch_all(&mut *tx)
            .await
            .map_err(storage)?;
            let is_over = before
                .last()
                .is_some_and(|(state,)| state == "failed" || state == "final");
            let turn = before.len().saturating_sub(usize::from(!is_over));
            let mut named = transaction.clone();
            if turn > 0 {
                named.work = format!("{}#{turn}", transaction.work);
            }
            let numbers = tx.append_transactions(&[named], now).await?;
            let number = numbers
                .first()
                .copied()
                .ok_or_else(|| unreadable("no number for a transaction"))?;
            for (purse, payee, cumulative) in rows {
                sqlx::query(
                    "INSERT INTO settling (purse, payee, cumulative, planned_at, transaction_number) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (purse, payee) DO UPDATE SET \
                     cumulative = excluded.cumulative, planned_at = excluded.planned_at, \
                     transaction_number = excluded.transaction_number, why = NULL, aside_until = NULL",
                )
                .bind(purse.address().to_vec())
                .bind(payee.address().to_vec())
                .bind(amount(*cumulative))
                .bind(time(now))
                .bind(number)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            }
            number
        })
    }

    async fn put_aside(
        &self,
        (purse, payee, cumulative): Row,
        why: &'static str,
        until: Timestamp,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let (key, to) = (purse.address().to_vec(), payee.address().to_vec());
        write!(self, |tx| {
            let known: Option<(String, Option<String>)> = sqlx::query_as(
                "SELECT cumulative, why FROM settling WHERE purse = $1 AND payee = $2",
            )
            .bind(&key)
            .bind(&to)
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            let is_news = known.is_none_or(|(shown, known)| {
                known.as_deref() != Some(why) || shown != amount(cumulative)
            });
            sqlx::query(
                "INSERT INTO settling (purse, payee, cumulative, planned_at, why, aside_until) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (purse, payee) DO UPDATE SET \
                 cumulative = excluded.cumulative, planned_at = excluded.planned_at, \
                 transaction_number = NULL, why = excluded.why, aside_until = excluded.aside_until",
            )
            .bind(&key)
            .bind(&to)
            .bind(amount(cumulative))
            .bind(time(now))
            .bind(why)
            .bind(time(until))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            if is_news {
                tx.append_events(events, now).await?;
            }
            is_news
        })
    }

    async fn done_debts(&self, limit: u32) -> Result<Vec<DoneDebt>, StorageError> {
        let rows: Vec<DoneRow> = read!(self, |pool| sqlx::query_as(
            "SELECT s.purse, s.payee, s.cumulative, t.state FROM settling s \
             JOIN transactions t ON t.number = s.transaction_number \
             WHERE t.state IN ('final', 'failed') ORDER BY t.number LIMIT $1"
        )
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.iter()
            .map(|(purse, payee, cumulative, state)| {
                Ok(DoneDebt {
                    purse: read_purse(purse)?,
                    payee: read_payee(payee)?,
                    cumulative: read_amount(cumulative)?,
                    state: TransactionState::named(state).ok_or_else(|| unreadable("a state"))?,
                })
            })
            .collect()
    }

    async fn record_settled(
        &self,
        purse: PurseKey,
        payee: AccountId,
        paid: Amount,
    ) -> Result<(), StorageError> {
        let (key, to) = (purse.address().to_vec(), payee.address().to_vec());
        write!(self, |tx| {
            let planned: Option<(String, i64)> = sqlx::query_as(
                "SELECT cumulative, planned_at FROM settling WHERE purse = $1 AND payee = $2",
            )
            .bind(&key)
            .bind(&to)
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            // What came after the plan is what is owed now, if all that was planned is paid.
            let since = planned
                .filter(|(cumulative, _)| *cumulative <= amount(paid))
                .map_or(0, |(_, planned_at)| planned_at);
            sqlx::query(
                "UPDATE pairs SET settled = $3, \
                 owed_since = CASE WHEN owed_since < $4 THEN $4 ELSE owed_since END \
                 WHERE purse = $1 AND payee = $2 AND settled < $3",
            )
            .bind(&key)
            .bind(&to)
            .bind(amount(paid))
            .bind(since)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            sqlx::query(
                "UPDATE settling SET transaction_number = NULL, why = NULL, aside_until = NULL \
                 WHERE purse = $1 AND payee = $2",
            )
            .bind(&key)
            .bind(&to)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn note_settled(
        &self,
        purse: PurseKey,
        payee: AccountId,
        paid: Amount,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "UPDATE pairs SET settled = $3 WHERE purse = $1 AND payee = $2 AND settled < $3",
            )
            .bind(purse.address().to_vec())
            .bind(payee.address().to_vec())
            .bind(amount(paid))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn presentable(
        &self,
        purse: PurseKey,
        payment: PaymentId,
    ) -> Result<Option<(Payment, Signature)>, StorageError> {
        let row: Option<PaymentRow> = read!(self, |pool| sqlx::query_as(
            "SELECT payee, start, amount, cumulative, reference, signature FROM payments \
             WHERE id = $1 AND purse = $2 UNION ALL \
             SELECT payee, start, amount, cumulative, reference, signature FROM kept_payments \
             WHERE id = $1 AND purse = $2 LIMIT 1"
        )
        .bind(payment.bytes().to_vec())
        .bind(purse.address().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(|(payee, start, amount, cumulative, reference, signature)| {
            let compact: [u8; 64] = read_bytes(&signature)?;
            Ok((
                Payment {
                    payee: read_payee(&payee)?,
                    start: read_amount(&start)?,
                    amount: read_amount(&amount)?,
                    cumulative: read_amount(&cumulative)?,
                    reference: Reference::new(read_bytes::<32>(&reference)?.into()),
                },
                Signature::from_compact(compact).map_err(unreadable)?,
            ))
        })
        .transpose()
    }

    async fn endangered_purses(&self) -> Result<Vec<PurseKey>, StorageError> {
        let rows: Vec<(Vec<u8>,)> = read!(self, |pool| sqlx::query_as(
            "SELECT purse FROM double_spends UNION SELECT purse FROM kept_payments"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.iter().map(|(purse,)| read_purse(purse)).collect()
    }

    async fn is_hosted_purse(&self, purse: PurseKey) -> Result<bool, StorageError> {
        let found: Option<i64> = read!(self, |pool| sqlx::query_scalar(
            "SELECT CAST(1 AS BIGINT) FROM hosted_purses WHERE purse = $1"
        )
        .bind(purse.address().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        Ok(found.is_some())
    }

    async fn debt_sums(&self) -> Result<DebtSums, StorageError> {
        // Row by row: there can be more than what fits into memory, and they must not keep a thread from everything else.
        read!(self, |pool| {
            sqlx::query_as(
                "SELECT p.cumulative, p.settled, s.transaction_number, s.why FROM pairs p \
                 LEFT JOIN settling s ON s.purse = p.purse AND s.payee = p.payee \
                 WHERE p.cumulative > p.settled",
            )
            .fetch(pool)
            .map_err(storage)
            .try_fold(DebtSums::default(), add)
            .await
        })
    }
}

/// Adds what a pair owes: `cumulative, settled`, the transaction that settles it, and why it cannot be settled.
async fn add(
    mut sums: DebtSums,
    (cumulative, settled, transaction, why): (String, String, Option<i64>, Option<String>),
) -> Result<DebtSums, StorageError> {
    tokio::task::consume_budget().await;
    let owed = read_amount(&cumulative)?
        .saturating_sub(read_amount(&settled)?)
        .get();
    sums.pairs = sums.pairs.saturating_add(1);
    sums.owed = sums.owed.saturating_add(owed);
    if transaction.is_none() {
        sums.unsent = sums.unsent.saturating_add(owed);
    }
    if why
        .as_deref()
        .is_some_and(|why| !["paid", "moved"].contains(&why))
    {
        sums.unprotected = sums.unprotected.saturating_add(owed);
    }
    Ok(sums)
}
