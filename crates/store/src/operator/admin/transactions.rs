//! Transactions that the operator looks at, tries again or gives up.

use offpay_operator::{
    admin::{
        Abandoned, Cancelled, ListedTransaction, NewAction, NotRetried, Retried, TransactionFilter,
    },
    event::NewEvent,
    outbox::{Purpose, TransactionState},
    storage::StorageError,
};
use offpay_protocol::Timestamp;

use super::{count, log_action};
use crate::operator::{
    Database,
    attempts::TransactionRow,
    columns::{read_time, time},
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

/// The failure that is stored for what the operator gave up.
const ABANDONED: &str = "abandoned";

pub(super) async fn list(
    database: &Database,
    filter: TransactionFilter,
    before: i64,
    limit: u32,
) -> Result<Vec<ListedTransaction>, StorageError> {
    let (states, created) = match filter {
        TransactionFilter::Stuck(created) => (["queued", "sent"], Some(created)),
        TransactionFilter::Waiting => (["queued", "sent"], None),
        TransactionFilter::Failed => (["failed", "failed"], None),
        TransactionFilter::All => (["", ""], None),
    };
    let rows: Vec<TransactionRow> = read!(database, |pool| sqlx::query_as(
        "SELECT number, work, purpose, recipient, calldata, deadline, state, created_at, failure, cancelled_at \
         FROM transactions \
         WHERE number < $1 AND ($2 = '' OR state IN ($2, $3)) AND created_at <= $4 ORDER BY number DESC LIMIT $5"
    )
    .bind(before)
    .bind(states[0])
    .bind(states[1])
    .bind(created.map_or(i64::MAX, time))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await)
    .map_err(storage)?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let transaction = row.read()?;
        let signed: Vec<(i64, i64, Option<i64>)> = read!(database, |pool| sqlx::query_as(
            "SELECT a.nonce, a.fee_most, a.sent_at FROM nonces n \
             JOIN attempts a ON a.sender = n.sender AND a.nonce = n.nonce \
             WHERE n.transaction_number = $1 AND n.state <> 'lost' ORDER BY a.number"
        )
        .bind(transaction.number)
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let newest = signed.last().copied();
        listed.push(ListedTransaction {
            transaction,
            attempts: u64::try_from(signed.len()).unwrap_or(u64::MAX),
            nonce: newest.map(|(nonce, ..)| count(nonce)).transpose()?,
            fee: newest.map(|(_, fee, _)| count(fee)).transpose()?,
            sent_at: newest
                .and_then(|(.., sent_at)| sent_at)
                .map(read_time)
                .transpose()?,
        });
    }
    Ok(listed)
}

/// What is known of a transaction that the operator names: its state, work and purpose, and its nonce with its state.
macro_rules! known {
    ($tx:ident, $number:expr) => {{
        let row: Option<(String, String, String)> =
            sqlx::query_as("SELECT state, work, purpose FROM transactions WHERE number = $1")
                .bind($number)
                .fetch_optional(&mut *$tx)
                .await
                .map_err(storage)?;
        let nonce: Option<(i64, String)> = sqlx::query_as(
            "SELECT nonce, state FROM nonces WHERE transaction_number = $1 AND state <> 'lost'",
        )
        .bind($number)
        .fetch_optional(&mut *$tx)
        .await
        .map_err(storage)?;
        row.map(|(state, work, purpose)| {
            let state = TransactionState::named(&state).ok_or_else(|| unreadable("a state"))?;
            let purpose = Purpose::named(&purpose).ok_or_else(|| unreadable("a purpose"))?;
            Ok::<_, StorageError>((state, work, purpose, nonce))
        })
        .transpose()?
    }};
}

/// Without the turn that a work has when it was put in again.
fn first_name(work: &str) -> &str {
    match work.rsplit_once('#') {
        Some((first, turn)) if turn.bytes().all(|digit| digit.is_ascii_digit()) => first,
        _ => work,
    }
}

pub(super) async fn retry(
    database: &Database,
    number: i64,
    action: &NewAction,
    now: Timestamp,
) -> Result<Retried, StorageError> {
    write!(database, |tx| {
        let Some((state, work, purpose, nonce)) = known!(tx, number) else {
            return Ok(Retried::No(NotRetried::Unknown));
        };
        let retried = match state {
            TransactionState::Mined | TransactionState::Final => Retried::No(NotRetried::Done),
            TransactionState::Queued => Retried::Queued,
            TransactionState::Sent => {
                // The newest of its signings, as it is: the sender takes what was never sent first.
                sqlx::query(
                    "UPDATE attempts SET sent_at = NULL WHERE number = (SELECT MAX(a.number) FROM attempts a \
                     JOIN nonces n ON n.sender = a.sender AND n.nonce = a.nonce \
                     WHERE n.transaction_number = $1 AND n.state = 'open')",
                )
                .bind(number)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                Retried::SentAgain
            }
            TransactionState::Failed => {
                let first = first_name(&work).to_owned();
                let since: Option<i64> = sqlx::query_scalar(
                    "SELECT MAX(number) FROM transactions WHERE number > $1 AND (work = $2 OR work LIKE $3)",
                )
                .bind(number)
                .bind(&first)
                .bind(format!("{first}#%"))
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
                let operation: Option<String> = sqlx::query_scalar(
                    "SELECT state FROM operations WHERE transaction_number = $1",
                )
                .bind(number)
                .fetch_optional(&mut *tx)
                .await
                .map_err(storage)?;
                let is_over = operation
                    .as_deref()
                    .is_some_and(|state| state == "failed" || state == "final");
                match (purpose, since, &nonce) {
                    (Purpose::Settle | Purpose::Claim, ..) => {
                        Retried::No(NotRetried::PlannedBySettlement)
                    }
                    (_, Some(since), _) => Retried::No(NotRetried::PutInSince(since)),
                    (_, None, None) if !is_over => {
                        sqlx::query(
                            "UPDATE transactions SET state = 'queued', failure = NULL WHERE number = $1",
                        )
                        .bind(number)
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                        Retried::Requeued
                    }
                    (_, None, None) => Retried::No(NotRetried::SignedByUser),
                    (_, None, Some(_)) if operation.is_some() => {
                        Retried::No(NotRetried::SignedByUser)
                    }
                    (_, None, Some((_, used))) if used != "final" => {
                        Retried::No(NotRetried::NotFinal)
                    }
                    (_, None, Some(_)) => {
                        let turn: i64 = sqlx::query_scalar(
                            "SELECT COUNT(*) FROM transactions WHERE work = $1 OR work LIKE $2",
                        )
                        .bind(&first)
                        .bind(format!("{first}#%"))
                        .fetch_one(&mut *tx)
                        .await
                        .map_err(storage)?;
                        let new: i64 = sqlx::query_scalar(
                            "INSERT INTO transactions (work, purpose, recipient, calldata, deadline, state, created_at) \
                             SELECT $2, purpose, recipient, calldata, NULL, 'queued', $3 FROM transactions \
                             WHERE number = $1 RETURNING number",
                        )
                        .bind(number)
                        .bind(format!("{first}#{turn}"))
                        .bind(time(now))
                        .fetch_one(&mut *tx)
                        .await
                        .map_err(storage)?;
                        Retried::PutInAgain(new)
                    }
                }
            }
        };
        if !matches!(retried, Retried::No(_)) {
            log_action!(tx, action, now);
        }
        retried
    })
}

pub(super) async fn abandon(
    database: &Database,
    number: i64,
    events: &[NewEvent],
    action: &NewAction,
    now: Timestamp,
) -> Result<Abandoned, StorageError> {
    write!(database, |tx| {
        let Some((state, _, _, nonce)) = known!(tx, number) else {
            return Ok(Abandoned::Unknown);
        };
        match (state, nonce) {
            (TransactionState::Queued, None) => {
                sqlx::query(
                    "UPDATE transactions SET state = 'failed', failure = $2 WHERE number = $1",
                )
                .bind(number)
                .bind(ABANDONED)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                log_action!(tx, action, now);
                tx.append_events(events, now).await?;
                Abandoned::Yes
            }
            (TransactionState::Queued | TransactionState::Sent, Some((nonce, _))) => {
                Abandoned::Signed(count(nonce)?)
            }
            _ => Abandoned::Over,
        }
    })
}

pub(super) async fn cancel(
    database: &Database,
    number: i64,
    action: &NewAction,
    now: Timestamp,
) -> Result<Cancelled, StorageError> {
    write!(database, |tx| {
        let Some((state, _, _, nonce)) = known!(tx, number) else {
            return Ok(Cancelled::Unknown);
        };
        match (state, nonce) {
            (TransactionState::Sent, Some((nonce, _))) => {
                sqlx::query(
                    "UPDATE transactions SET cancelled_at = COALESCE(cancelled_at, $2) WHERE number = $1",
                )
                .bind(number)
                .bind(time(now))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                log_action!(tx, action, now);
                Cancelled::Yes(count(nonce)?)
            }
            (TransactionState::Queued, _) => Cancelled::NotSigned,
            _ => Cancelled::Over,
        }
    })
}
