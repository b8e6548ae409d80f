//! Writing many payments in few statements, in each engine's own way.
//!
//! SQLite is handed all rows in one value, cut into fixed widths by the statement: binding and stepping once costs a
//! fraction of what a thousand single inserts do. PostgreSQL is handed a column at a time.

use std::collections::BTreeMap;

use offpay_operator::{
    clearing::{DoubleSpend, KeptFor},
    storage::{
        StorageError,
        clearing::{ClearingCommit, PurseHead, StoredClearance, StoredPayment},
    },
};
use offpay_protocol::{AccountId, Amount, PaymentId, PurseKey, Timestamp};
use sqlx::{PgConnection, SqliteConnection};

use super::super::{
    columns,
    error::{storage, unreadable},
};

/// The highest cumulative of a purse to a payee in a commit, and the payment with it.
#[derive(Clone, Copy, Debug)]
pub(in crate::operator) struct HighestPair {
    purse: PurseKey,
    payee: AccountId,
    cumulative: Amount,
    payment: PaymentId,
}

/// What the payments of a commit that can be presented raise.
pub(super) fn highest_pairs(commit: &ClearingCommit) -> Vec<HighestPair> {
    let presentable = commit
        .kept
        .iter()
        .filter(|(_, kept_for)| *kept_for == KeptFor::Presenting)
        .map(|(stored, _)| stored);
    let mut highest: BTreeMap<(PurseKey, AccountId), HighestPair> = BTreeMap::new();
    for stored in commit.cleared.iter().chain(presentable) {
        let pair = HighestPair {
            purse: stored.purse,
            payee: stored.payment.payee,
            cumulative: stored.payment.cumulative,
            payment: stored.id,
        };
        let entry = highest.entry((pair.purse, pair.payee)).or_insert(pair);
        if pair.cumulative > entry.cumulative {
            *entry = pair;
        }
    }
    highest.into_values().collect()
}

/// What is said of pairs, in both engines, after the rows that are to be inserted.
const RAISE: &str = " ON CONFLICT (purse, payee) DO UPDATE SET \
    owed_since = CASE WHEN pairs.cumulative > pairs.settled THEN pairs.owed_since ELSE excluded.owed_since END, \
    cumulative = excluded.cumulative, payment = excluded.payment \
    WHERE excluded.cumulative > pairs.cumulative";

/// What is said of purses' versions, in both engines, after the rows that are to be inserted.
const MOVE: &str = " ON CONFLICT (purse) DO UPDATE SET version = excluded.version, \
    frontier_version = excluded.frontier_version, spent = excluded.spent, promised = excluded.promised, \
    payments = excluded.payments WHERE purse_heads.version = excluded.version - 1";

/// Another program recorded something of a purse first.
#[derive(Debug, thiserror::Error)]
#[error("another server recorded something of one of these purses first, or a slot was moved")]
struct Moved;

fn moved(rows: u64, heads: usize) -> Result<(), StorageError> {
    if usize::try_from(rows) == Ok(heads) {
        Ok(())
    } else {
        Err(StorageError::Refused(Moved.into()))
    }
}

/// What one commit writes.
pub(in crate::operator) trait Insert: Sized {
    /// Raises the versions of purses; refused if one is not what it was, or the slot map is not of this version.
    async fn move_heads(&mut self, heads: &[PurseHead], slots: i64) -> Result<(), StorageError>;

    async fn insert_payments(
        &mut self,
        first: i64,
        payments: &[StoredPayment],
    ) -> Result<(), StorageError>;

    async fn raise_pairs(
        &mut self,
        pairs: &[HighestPair],
        now: Timestamp,
    ) -> Result<(), StorageError>;

    async fn insert_clearance(&mut self, clearance: &StoredClearance) -> Result<(), StorageError>;

    async fn insert_kept(
        &mut self,
        kept: &[(StoredPayment, KeptFor)],
        now: Timestamp,
    ) -> Result<(), StorageError>;

    async fn move_kept(&mut self, cleared: &[(PurseKey, PaymentId)]) -> Result<(), StorageError>;

    async fn insert_evidence(&mut self, evidence: &[DoubleSpend]) -> Result<(), StorageError>;
}

/// What is written a row at a time, alike in both engines.
macro_rules! rare_rows {
    () => {
        async fn insert_clearance(
            &mut self,
            clearance: &StoredClearance,
        ) -> Result<(), StorageError> {
            sqlx::query(
                "INSERT INTO clearances (first, payments, root, cleared_at, operator, signature) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(clearance.first)
            .bind(i64::from(clearance.payments))
            .bind(clearance.clearance.root.to_vec())
            .bind(columns::time(clearance.clearance.cleared_at))
            .bind(clearance.operator.address().to_vec())
            .bind(clearance.signature.to_compact().to_vec())
            .execute(&mut *self)
            .await
            .map(drop)
            .map_err(storage)
        }

        async fn insert_kept(
            &mut self,
            kept: &[(StoredPayment, KeptFor)],
            now: Timestamp,
        ) -> Result<(), StorageError> {
            for (stored, kept_for) in kept {
                sqlx::query(
                    "INSERT INTO kept_payments (id, purse, payee, start, amount, cumulative, reference, signature, \
                     kept_for, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (purse, id) DO NOTHING",
                )
                .bind(stored.id.bytes().to_vec())
                .bind(stored.purse.address().to_vec())
                .bind(stored.payment.payee.address().to_vec())
                .bind(columns::amount(stored.payment.start))
                .bind(columns::amount(stored.payment.amount))
                .bind(columns::amount(stored.payment.cumulative))
                .bind(stored.payment.reference.bytes().to_vec())
                .bind(stored.signature.to_compact().to_vec())
                .bind(kept_for.name())
                .bind(columns::time(now))
                .execute(&mut *self)
                .await
                .map_err(storage)?;
            }
            Ok(())
        }

        async fn move_kept(&mut self, cleared: &[(PurseKey, PaymentId)]) -> Result<(), StorageError> {
            for (purse, id) in cleared {
                sqlx::query("DELETE FROM kept_payments WHERE purse = $1 AND id = $2")
                    .bind(purse.address().to_vec())
                    .bind(id.bytes().to_vec())
                    .execute(&mut *self)
                    .await
                    .map_err(storage)?;
            }
            Ok(())
        }

        async fn insert_evidence(&mut self, evidence: &[DoubleSpend]) -> Result<(), StorageError> {
            for double_spend in evidence {
                let json = |signed| serde_json::to_string(signed).map_err(unreadable);
                sqlx::query(
                    "INSERT INTO double_spends (purse, first, second, found_at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (purse) DO NOTHING",
                )
                .bind(double_spend.purse.address().to_vec())
                .bind(json(&double_spend.first)?)
                .bind(json(&double_spend.second)?)
                .bind(columns::time(double_spend.found_at))
                .execute(&mut *self)
                .await
                .map_err(storage)?;
            }
            Ok(())
        }
    };
}

/// `id purse payee start amount cumulative reference signature`
const PAYMENT_WIDTH: usize = 32 + 20 + 20 + 29 + 29 + 29 + 32 + 64;
/// `purse payee cumulative payment`
const PAIR_WIDTH: usize = 20 + 20 + 29 + 32;
/// `purse version frontier_version payments spent promised`, the first numbers as text of 19 digits
const HEAD_WIDTH: usize = 20 + 3 * 19 + 2 * 29;

/// A row of `purse_heads`, as a commit leaves it.
struct Head {
    purse: PurseKey,
    version: i64,
    /// 0, which no version is, where there is no frontier.
    frontier_version: i64,
    payments: i64,
    spent: Amount,
    promised: Amount,
}

impl Head {
    fn new(head: &PurseHead) -> Self {
        let version = head.version.saturating_add(1);
        let frontier = head.frontier;
        Self {
            purse: head.purse,
            version,
            frontier_version: frontier.map_or(0, |_| version),
            payments: frontier
                .and_then(|frontier| i64::try_from(frontier.payments).ok())
                .unwrap_or_default(),
            spent: frontier.map_or(Amount::ZERO, |frontier| frontier.spent),
            promised: frontier.map_or(Amount::ZERO, |frontier| frontier.promised),
        }
    }
}

/// The rows `0..$2`.
macro_rules! each_row {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE row(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM row WHERE i + 1 < $2) ",
            $rest
        )
    };
}

impl Insert for SqliteConnection {
    async fn move_heads(&mut self, heads: &[PurseHead], slots: i64) -> Result<(), StorageError> {
        if heads.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(heads.len() * HEAD_WIDTH);
        for head in heads.iter().map(Head::new) {
            rows.extend(head.purse.address());
            for number in [head.version, head.frontier_version, head.payments] {
                rows.extend(format!("{number:019}").into_bytes());
            }
            columns::write_amount(head.spent, &mut rows);
            columns::write_amount(head.promised, &mut rows);
        }
        // "WHERE" tells SQLite that "ON CONFLICT" is no join.
        let statement = each_row!(
            "INSERT INTO purse_heads (purse, version, frontier_version, payments, spent, promised) \
             SELECT substr($1, i*135+1, 20), CAST(CAST(substr($1, i*135+21, 19) AS TEXT) AS INTEGER), \
             CAST(CAST(substr($1, i*135+40, 19) AS TEXT) AS INTEGER), \
             CAST(CAST(substr($1, i*135+59, 19) AS TEXT) AS INTEGER), \
             CAST(substr($1, i*135+78, 29) AS TEXT), CAST(substr($1, i*135+107, 29) AS TEXT) FROM row \
             WHERE $3 = (SELECT version FROM slot_map WHERE one = 1)"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(format!("{statement}{MOVE}")))
            .bind(rows)
            .bind(count(heads.len()))
            .bind(slots)
            .execute(&mut *self)
            .await
            .map_err(storage)?;
        moved(done.rows_affected(), heads.len())
    }

    async fn insert_payments(
        &mut self,
        first: i64,
        payments: &[StoredPayment],
    ) -> Result<(), StorageError> {
        let mut rows = Vec::with_capacity(payments.len() * PAYMENT_WIDTH);
        for stored in payments {
            let payment = &stored.payment;
            rows.extend(stored.id.bytes());
            rows.extend(stored.purse.address());
            rows.extend(payment.payee.address());
            for amount in [payment.start, payment.amount, payment.cumulative] {
                columns::write_amount(amount, &mut rows);
            }
            rows.extend(payment.reference.bytes());
            rows.extend(stored.signature.to_compact());
        }
        sqlx::query(each_row!(
            "INSERT INTO payments (number, id, purse, payee, start, amount, cumulative, reference, signature) \
             SELECT $3 + i, substr($1, i*255+1, 32), substr($1, i*255+33, 20), substr($1, i*255+53, 20), \
             CAST(substr($1, i*255+73, 29) AS TEXT), CAST(substr($1, i*255+102, 29) AS TEXT), \
             CAST(substr($1, i*255+131, 29) AS TEXT), substr($1, i*255+160, 32), substr($1, i*255+192, 64) FROM row"
        ))
        .bind(rows)
        .bind(count(payments.len()))
        .bind(first)
        .execute(&mut *self)
        .await
        .map(drop)
        .map_err(storage)
    }

    async fn raise_pairs(
        &mut self,
        pairs: &[HighestPair],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(pairs.len() * PAIR_WIDTH);
        for pair in pairs {
            rows.extend(pair.purse.address());
            rows.extend(pair.payee.address());
            columns::write_amount(pair.cumulative, &mut rows);
            rows.extend(pair.payment.bytes());
        }
        // "WHERE true" tells SQLite that "ON CONFLICT" is no join.
        let statement = each_row!(
            "INSERT INTO pairs (purse, payee, cumulative, payment, owed_since) \
             SELECT substr($1, i*101+1, 20), substr($1, i*101+21, 20), CAST(substr($1, i*101+41, 29) AS TEXT), \
             substr($1, i*101+70, 32), $3 FROM row WHERE true"
        );
        sqlx::query(sqlx::AssertSqlSafe(format!("{statement}{RAISE}")))
            .bind(rows)
            .bind(count(pairs.len()))
            .bind(columns::time(now))
            .execute(&mut *self)
            .await
            .map(drop)
            .map_err(storage)
    }

    rare_rows!();
}

impl Insert for PgConnection {
    async fn move_heads(&mut self, heads: &[PurseHead], slots: i64) -> Result<(), StorageError> {
        if heads.is_empty() {
            return Ok(());
        }
        // In one order everywhere: who waits for one of them holds none that the other waits for.
        let mut heads: Vec<_> = heads.iter().map(Head::new).collect();
        heads.sort_unstable_by_key(|head| head.purse);
        // Who moves a slot raises the map's version, and waits for those that hold it.
        let statement = "WITH map AS (SELECT version FROM slot_map WHERE version = $7 FOR SHARE) \
             INSERT INTO purse_heads (purse, version, frontier_version, payments, spent, promised) \
             SELECT rows.purse, rows.version, rows.frontier_version, rows.payments, rows.spent, rows.promised \
             FROM UNNEST($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]) \
             AS rows(purse, version, frontier_version, payments, spent, promised), map";
        let done = sqlx::query(sqlx::AssertSqlSafe(format!("{statement}{MOVE}")))
            .bind(column(&heads, |head| head.purse.address().to_vec()))
            .bind(column(&heads, |head| head.version))
            .bind(column(&heads, |head| head.frontier_version))
            .bind(column(&heads, |head| head.payments))
            .bind(column(&heads, |head| columns::amount(head.spent)))
            .bind(column(&heads, |head| columns::amount(head.promised)))
            .bind(slots)
            .execute(&mut *self)
            .await
            .map_err(storage)?;
        moved(done.rows_affected(), heads.len())
    }

    async fn insert_payments(
        &mut self,
        first: i64,
        payments: &[StoredPayment],
    ) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO payments (number, id, purse, payee, start, amount, cumulative, reference, signature) \
             SELECT $1 + place - 1, id, purse, payee, start, amount, cumulative, reference, signature \
             FROM UNNEST($2::bytea[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::bytea[], \
             $9::bytea[]) WITH ORDINALITY \
             AS rows(id, purse, payee, start, amount, cumulative, reference, signature, place)",
        )
        .bind(first)
        .bind(column(payments, |stored| stored.id.bytes().to_vec()))
        .bind(column(payments, |stored| stored.purse.address().to_vec()))
        .bind(column(payments, |stored| stored.payment.payee.address().to_vec()))
        .bind(column(payments, |stored| columns::amount(stored.payment.start)))
        .bind(column(payments, |stored| columns::amount(stored.payment.amount)))
        .bind(column(payments, |stored| columns::amount(stored.payment.cumulative)))
        .bind(column(payments, |stored| stored.payment.reference.bytes().to_vec()))
        .bind(column(payments, |stored| stored.signature.to_compact().to_vec()))
        .execute(&mut *self)
        .await
        .map(drop)
        .map_err(storage)
    }

    async fn raise_pairs(
        &mut self,
        pairs: &[HighestPair],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let statement = "INSERT INTO pairs (purse, payee, cumulative, payment, owed_since) \
             SELECT purse, payee, cumulative, payment, $5::bigint \
             FROM UNNEST($1::bytea[], $2::bytea[], $3::text[], $4::bytea[]) \
             AS rows(purse, payee, cumulative, payment)";
        sqlx::query(sqlx::AssertSqlSafe(format!("{statement}{RAISE}")))
            .bind(column(pairs, |pair| pair.purse.address().to_vec()))
            .bind(column(pairs, |pair| pair.payee.address().to_vec()))
            .bind(column(pairs, |pair| columns::amount(pair.cumulative)))
            .bind(column(pairs, |pair| pair.payment.bytes().to_vec()))
            .bind(columns::time(now))
            .execute(&mut *self)
            .await
            .map(drop)
            .map_err(storage)
    }

    rare_rows!();
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// One column of rows, as PostgreSQL is handed it.
fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
