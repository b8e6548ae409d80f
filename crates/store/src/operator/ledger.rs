//! The books.

use offpay_operator::{
    follower::BlockRef,
    ledger::{Books, LedgerAccount, Movement, Totals},
    storage::{AuditedPage, Entered, LedgerStorage, Posting, PostingChange, StorageError},
};
use offpay_protocol::Timestamp;

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

/// Enters a movement on both sides, once: an equal source is in the books already.
macro_rules! enter {
    ($connection:expr, $source:expr, $movement:expr, $now:expr) => {{
        let movement: &offpay_operator::ledger::Movement = $movement;
        let entered = sqlx::query(
            "INSERT INTO ledger_movements (source, debit, credit, amount, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (source) DO NOTHING",
        )
        .bind($source)
        .bind(movement.from().to_string())
        .bind(movement.to().to_string())
        .bind($crate::operator::columns::amount(movement.amount()))
        .bind($crate::operator::columns::time($now))
        .execute(&mut *$connection)
        .await
        .map_err($crate::operator::error::storage)?
        .rows_affected();
        if entered == 1 {
            for (account, is_debit) in [(movement.from(), true), (movement.to(), false)] {
                let kept: Option<(String, String)> =
                    sqlx::query_as("SELECT debits, credits FROM ledger_accounts WHERE account = $1")
                        .bind(account.to_string())
                        .fetch_optional(&mut *$connection)
                        .await
                        .map_err($crate::operator::error::storage)?;
                let totals = $crate::operator::ledger::grown(kept, movement.amount(), is_debit)?;
                sqlx::query(
                    "INSERT INTO ledger_accounts (account, debits, credits) VALUES ($1, $2, $3) \
                     ON CONFLICT (account) DO UPDATE SET debits = excluded.debits, credits = excluded.credits",
                )
                .bind(account.to_string())
                .bind($crate::operator::ledger::total(totals.debits))
                .bind($crate::operator::ledger::total(totals.credits))
                .execute(&mut *$connection)
                .await
                .map_err($crate::operator::error::storage)?;
            }
        }
    }};
}
pub(crate) use enter;

/// A total as text whose order is the order of the numbers.
pub(crate) fn total(units: u128) -> String {
    format!("{units:039}")
}

fn totals((debits, credits): (String, String)) -> Result<Totals, StorageError> {
    Ok(Totals {
        debits: debits.parse().map_err(unreadable)?,
        credits: credits.parse().map_err(unreadable)?,
    })
}

/// An account's totals after one more movement.
pub(crate) fn grown(
    kept: Option<(String, String)>,
    amount: offpay_protocol::Amount,
    is_debit: bool,
) -> Result<Totals, StorageError> {
    let mut kept = kept.map(totals).transpose()?.unwrap_or_default();
    let side = if is_debit {
        &mut kept.debits
    } else {
        &mut kept.credits
    };
    *side = side
        .checked_add(amount.get())
        .ok_or_else(|| unreadable("totals beyond 2^128"))?;
    Ok(kept)
}

type Row = (i64, String, String, String, String, i64);

fn entered((number, source, debit, credit, amount, at): Row) -> Result<Entered, StorageError> {
    Ok(Entered {
        number,
        source,
        movement: movement(&debit, &credit, &amount)?,
        at: columns::read_time(at)?,
    })
}

fn movement(debit: &str, credit: &str, amount: &str) -> Result<Movement, StorageError> {
    Movement::new(
        debit.parse().map_err(unreadable)?,
        credit.parse().map_err(unreadable)?,
        columns::read_amount(amount)?,
    )
    .ok_or_else(|| unreadable("a movement of nothing"))
}

/// What an entry of the chain's log moved at most: rows 0 to 3.
const MOST_ROWS: usize = 4;

fn source(sequence: i64, row: usize) -> String {
    format!("chain/{sequence}/{row}")
}

const STATEMENT: &str = "SELECT number, source, debit, credit, amount, at FROM ledger_movements \
    WHERE (debit = $1 OR credit = $1) AND number > $2 ORDER BY number LIMIT $3";

/// Movements by their numbers.
pub(super) async fn movements(
    database: &Database,
    after: i64,
    upto: i64,
    limit: u32,
) -> Result<Vec<Entered>, StorageError> {
    let rows: Vec<Row> = read!(database, |pool| sqlx::query_as(
        "SELECT number, source, debit, credit, amount, at FROM ledger_movements \
         WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3"
    )
    .bind(after)
    .bind(upto)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await)
    .map_err(storage)?;
    rows.into_iter().map(entered).collect()
}

impl LedgerStorage for Database {
    async fn ledger_cursor(&self) -> Result<i64, StorageError> {
        read!(self, |pool| sqlx::query_scalar(
            "SELECT sequence FROM ledger_cursor"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)
    }

    async fn enter_postings(
        &self,
        postings: &[Posting],
        upto: i64,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            let cursor: i64 = sqlx::query_scalar("SELECT sequence FROM ledger_cursor")
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
            let mut told = Vec::new();
            for posting in postings.iter().filter(|posting| posting.sequence > cursor) {
                told.extend_from_slice(&posting.events);
                match &posting.change {
                    PostingChange::Enter(movements) => {
                        for (row, movement) in movements.iter().enumerate() {
                            enter!(tx, source(posting.sequence, row), movement, now);
                        }
                    }
                    PostingChange::TakeBack(taken) => {
                        // Newest first, so that no account is overdrawn on the way.
                        for row in (0..MOST_ROWS).rev() {
                            let found: Option<(String, String, String)> = sqlx::query_as(
                                "SELECT debit, credit, amount FROM ledger_movements WHERE source = $1",
                            )
                            .bind(source(*taken, row))
                            .fetch_optional(&mut *tx)
                            .await
                            .map_err(storage)?;
                            if let Some((debit, credit, amount)) = found {
                                let back = movement(&debit, &credit, &amount)?.reversed();
                                enter!(tx, source(posting.sequence, row), &back, now);
                            }
                        }
                    }
                }
            }
            sqlx::query("UPDATE ledger_cursor SET sequence = $1 WHERE sequence < $1")
                .bind(upto)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            tx.append_events(&told, now).await?;
        })
    }

    async fn ledger_totals(&self, accounts: &[LedgerAccount]) -> Result<Vec<Totals>, StorageError> {
        let mut all = Vec::with_capacity(accounts.len());
        for account in accounts {
            let kept: Option<(String, String)> = read!(self, |pool| sqlx::query_as(
                "SELECT debits, credits FROM ledger_accounts WHERE account = $1"
            )
            .bind(account.to_string())
            .fetch_optional(pool)
            .await)
            .map_err(storage)?;
            all.push(kept.map(totals).transpose()?.unwrap_or_default());
        }
        Ok(all)
    }

    async fn ledger_books(&self) -> Result<(Books, Books, i64), StorageError> {
        // One transaction, so that all is of one moment.
        let (kept, moved, cursor) = write!(self, |tx| {
            let cursor: i64 = sqlx::query_scalar("SELECT sequence FROM ledger_cursor")
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
            let kept: Vec<(String, String, String)> =
                sqlx::query_as("SELECT account, debits, credits FROM ledger_accounts")
                    .fetch_all(&mut *tx)
                    .await
                    .map_err(storage)?;
            let moved: Vec<(String, String, String)> = sqlx::query_as(
                "SELECT debit, credit, amount FROM ledger_movements ORDER BY number",
            )
            .fetch_all(&mut *tx)
            .await
            .map_err(storage)?;
            (kept, moved, cursor)
        })?;
        let kept = kept
            .into_iter()
            .map(|(account, debits, credits)| {
                let account: LedgerAccount = account.parse().map_err(unreadable)?;
                Ok((account, totals((debits, credits))?))
            })
            .collect::<Result<Vec<_>, StorageError>>()?;
        let mut counted = Books::default();
        for (debit, credit, amount) in &moved {
            counted
                .enter(&movement(debit, credit, amount)?)
                .map_err(unreadable)?;
        }
        Ok((Books::new(kept), counted, cursor))
    }

    async fn ledger_page(
        &self,
        after: Option<LedgerAccount>,
        limit: u32,
    ) -> Result<AuditedPage, StorageError> {
        let after = after.map_or_else(String::new, |account| account.to_string());
        // One transaction, so that books and chain are of one moment.
        let (rows, cursor, last, head) = write!(self, |tx| {
            let cursor: i64 = sqlx::query_scalar("SELECT sequence FROM ledger_cursor")
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
            let last: Option<i64> = sqlx::query_scalar("SELECT MAX(sequence) FROM chain_events")
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
            let head: Option<(i64, Vec<u8>, i64)> =
                sqlx::query_as("SELECT head_number, head_hash, head_time FROM chain_cursor")
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(storage)?;
            let rows: Vec<(String, String, String)> = sqlx::query_as(
                "SELECT account, debits, credits FROM ledger_accounts WHERE account > $1 \
                 ORDER BY account LIMIT $2",
            )
            .bind(&after)
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await
            .map_err(storage)?;
            (rows, cursor, last, head)
        })?;
        let head = head.map(|(number, hash, time)| {
            Ok::<_, StorageError>(BlockRef {
                number: u64::try_from(number).map_err(unreadable)?,
                hash: columns::read_bytes::<32>(&hash)?.into(),
                time: columns::read_time(time)?,
            })
        });
        Ok(AuditedPage {
            accounts: rows
                .into_iter()
                .map(|(account, debits, credits)| {
                    let account = account.parse().map_err(unreadable)?;
                    Ok((account, totals((debits, credits))?))
                })
                .collect::<Result<_, StorageError>>()?,
            head: head.transpose()?,
            is_current: last.unwrap_or_default() <= cursor,
        })
    }

    async fn ledger_statement(
        &self,
        account: LedgerAccount,
        cursor: i64,
        limit: u32,
    ) -> Result<Vec<Entered>, StorageError> {
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(STATEMENT)
            .bind(account.to_string())
            .bind(cursor)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(entered).collect()
    }
}
