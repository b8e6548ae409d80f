//! What clearing decided.

pub(super) mod insert;
mod keys;
pub(super) mod read;
mod revocations;

use std::collections::BTreeMap;

use offpay_operator::{
    clearing::{DoubleSpend, Seen},
    storage::{
        StorageError,
        clearing::{
            ClearingCommit, ClearingStorage, OwedPair, PaymentStanding, PurseFrontier,
            PurseHistory, StoredClearance, StoredPayment,
        },
    },
};
use offpay_protocol::{AccountId, Amount, PaymentId, PurseKey, clearance::RecordedPayment};
use sqlx::QueryBuilder;

use self::{
    insert::Insert as _,
    read::{ClearanceRow, EvidenceRow, FrontierRow, KeptRow, OwedRow, PaymentRow},
};
use super::{
    Database, columns,
    connect::{BEGIN_LOCKED, Connection as _},
    error::{storage, unreadable},
    read, write,
};

/// How many purses one statement asks for.
const PURSES_AT_ONCE: usize = 256;

/// These, the last of them again and again up to a power of two: few different statements, each prepared once.
pub(in crate::operator) fn filled<T>(asked: &[T]) -> impl Iterator<Item = &T> {
    let fill = asked.last().into_iter().cycle();
    let count = asked.len().next_power_of_two();
    asked.iter().chain(fill).take(count)
}

impl Database {
    async fn cleared_of(&self, purses: &[PurseKey]) -> Result<Vec<PaymentRow>, StorageError> {
        read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT number, id, purse, payee, start, amount, cumulative, reference, signature \
                 FROM payments WHERE purse IN (",
            );
            let mut list = query.separated(", ");
            for purse in filled(purses) {
                list.push_bind(purse.address().to_vec());
            }
            list.push_unseparated(")");
            query.build_query_as().fetch_all(pool).await
        })
        .map_err(storage)
    }

    async fn kept_of(&self, purses: &[PurseKey]) -> Result<Vec<KeptRow>, StorageError> {
        read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT kept_for, id, purse, payee, start, amount, cumulative, reference, signature \
                 FROM kept_payments WHERE purse IN (",
            );
            let mut list = query.separated(", ");
            for purse in filled(purses) {
                list.push_bind(purse.address().to_vec());
            }
            list.push_unseparated(")");
            query.build_query_as().fetch_all(pool).await
        })
        .map_err(storage)
    }

    async fn stopped_of(&self, purses: &[PurseKey]) -> Result<Vec<Vec<u8>>, StorageError> {
        read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT purse FROM double_spends WHERE purse IN (");
            let mut list = query.separated(", ");
            for purse in filled(purses) {
                list.push_bind(purse.address().to_vec());
            }
            list.push_unseparated(")");
            query.build_query_scalar().fetch_all(pool).await
        })
        .map_err(storage)
    }
}

impl Database {
    async fn versions_of(&self, purses: &[PurseKey]) -> Result<Vec<(Vec<u8>, i64)>, StorageError> {
        read!(self, |pool| {
            let mut query =
                QueryBuilder::new("SELECT purse, version FROM purse_heads WHERE purse IN (");
            let mut list = query.separated(", ");
            for purse in purses {
                list.push_bind(purse.address().to_vec());
            }
            list.push_unseparated(")");
            query.build_query_as().fetch_all(pool).await
        })
        .map_err(storage)
    }
}

impl ClearingStorage for Database {
    async fn last_cleared(&self) -> Result<i64, StorageError> {
        let last: Option<i64> = read!(self, |pool| sqlx::query_scalar(
            "SELECT MAX(number) FROM payments"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        Ok(last.unwrap_or(0))
    }

    async fn cleared_count(&self) -> Result<u64, StorageError> {
        let count: i64 = read!(self, |pool| sqlx::query_scalar(
            "SELECT COUNT(*) FROM payments"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        u64::try_from(count).map_err(unreadable)
    }

    async fn purse_histories(
        &self,
        purses: &[PurseKey],
    ) -> Result<Vec<PurseHistory>, StorageError> {
        let mut histories: BTreeMap<PurseKey, PurseHistory> = BTreeMap::new();
        for some in purses.chunks(PURSES_AT_ONCE) {
            // First: what comes in between makes the rest newer than the version, and the commit is refused.
            for (purse, version) in self.versions_of(some).await? {
                histories.entry(read::purse(&purse)?).or_default().version = version;
            }
            for row in self.cleared_of(some).await? {
                let (number, stored) = row.read()?;
                let (id, number) = (stored.id, Some(number));
                let history = histories.entry(stored.purse).or_default();
                history.payments.push((stored.payment, Seen { id, number }));
            }
            for row in self.kept_of(some).await? {
                let (_, stored) = row.read()?;
                let (id, number) = (stored.id, None);
                let history = histories.entry(stored.purse).or_default();
                history.payments.push((stored.payment, Seen { id, number }));
            }
            for purse in self.stopped_of(some).await? {
                histories.entry(read::purse(&purse)?).or_default().stopped = true;
            }
        }
        let take = |purse| histories.remove(purse).unwrap_or_default();
        Ok(purses.iter().map(take).collect())
    }

    async fn purse_frontiers(
        &self,
        purses: &[PurseKey],
    ) -> Result<Vec<PurseFrontier>, StorageError> {
        let mut frontiers = Vec::with_capacity(purses.len());
        for some in purses.chunks(PURSES_AT_ONCE) {
            let rows: Vec<FrontierRow> = read!(self, |pool| {
                let mut query = QueryBuilder::new(
                    "SELECT purse, version, spent, promised, payments FROM purse_heads h \
                     WHERE frontier_version = version \
                     AND NOT EXISTS (SELECT 1 FROM double_spends d WHERE d.purse = h.purse) AND purse IN (",
                );
                let mut list = query.separated(", ");
                for purse in filled(some) {
                    list.push_bind(purse.address().to_vec());
                }
                list.push_unseparated(")");
                query.build_query_as().fetch_all(pool).await
            })
            .map_err(storage)?;
            for row in rows {
                frontiers.push(row.read()?);
            }
        }
        Ok(frontiers)
    }

    async fn highest_promises(
        &self,
        pairs: &[(PurseKey, AccountId)],
    ) -> Result<Vec<(PurseKey, AccountId, Amount)>, StorageError> {
        let mut promises = Vec::with_capacity(pairs.len());
        for some in pairs.chunks(PURSES_AT_ONCE) {
            let rows: Vec<(Vec<u8>, Vec<u8>, String)> = read!(self, |pool| {
                let mut query = QueryBuilder::new(
                    "SELECT purse, payee, cumulative FROM pairs WHERE (purse, payee) IN (",
                );
                query.push_values(filled(some), |mut row, (purse, payee)| {
                    row.push_bind(purse.address().to_vec());
                    row.push_bind(payee.address().to_vec());
                });
                query.push(")");
                query.build_query_as().fetch_all(pool).await
            })
            .map_err(storage)?;
            for (purse, payee, cumulative) in rows {
                promises.push((
                    read::purse(&purse)?,
                    read::account(&payee)?,
                    columns::read_amount(&cumulative)?,
                ));
            }
        }
        Ok(promises)
    }

    async fn reserve_numbers(&self, count: u32) -> Result<i64, StorageError> {
        write!(self, BEGIN_LOCKED, |tx| {
            let first: i64 = sqlx::query_scalar(
                "UPDATE clearing_numbers SET next = next + $1 WHERE one = 1 RETURNING next - $1",
            )
            .bind(i64::from(count))
            .fetch_one(&mut *tx)
            .await
            .map_err(storage)?;
            first
        })
    }

    async fn commit_clearing(&self, commit: &ClearingCommit) -> Result<(), StorageError> {
        let pairs = insert::highest_pairs(commit);
        // The heads of its purses stay locked until it is over.
        write!(self, BEGIN_LOCKED, |tx| {
            tx.move_heads(&commit.heads, commit.slots).await?;
            if let Some(clearance) = &commit.clearance {
                tx.insert_clearance(clearance).await?;
                tx.insert_payments(clearance.first, &commit.cleared).await?;
            }
            tx.move_kept(&commit.no_longer_kept).await?;
            tx.insert_kept(&commit.kept, commit.now).await?;
            tx.raise_pairs(&pairs, commit.now).await?;
            tx.insert_evidence(&commit.double_spends).await?;
            tx.append_transactions(&commit.transactions, commit.now)
                .await?;
            tx.append_events(&commit.events, commit.now).await?;
        })
    }

    async fn payment(
        &self,
        purse: PurseKey,
        id: PaymentId,
    ) -> Result<Option<(StoredPayment, PaymentStanding)>, StorageError> {
        let cleared: Option<PaymentRow> = read!(self, |pool| sqlx::query_as(
            "SELECT number, id, purse, payee, start, amount, cumulative, reference, signature \
             FROM payments WHERE purse = $1 AND id = $2"
        )
        .bind(purse.address().to_vec())
        .bind(id.bytes().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        if let Some(row) = cleared {
            let (number, stored) = row.read()?;
            return Ok(Some((stored, PaymentStanding::Cleared(number))));
        }
        let kept: Option<KeptRow> = read!(self, |pool| {
            sqlx::query_as(
            "SELECT kept_for, id, purse, payee, start, amount, cumulative, reference, signature \
             FROM kept_payments WHERE purse = $1 AND id = $2"
        )
        .bind(purse.address().to_vec())
        .bind(id.bytes().to_vec())
        .fetch_optional(pool)
        .await
        })
        .map_err(storage)?;
        kept.map(|row| {
            let (kept_for, stored) = row.read()?;
            Ok((stored, PaymentStanding::Kept(kept_for)))
        })
        .transpose()
    }

    async fn clearance_of(
        &self,
        number: i64,
    ) -> Result<Option<(StoredClearance, Vec<RecordedPayment>)>, StorageError> {
        let row: Option<ClearanceRow> = read!(self, |pool| sqlx::query_as(
            "SELECT first, payments, root, cleared_at, operator, signature FROM clearances \
             WHERE first <= $1 ORDER BY first DESC LIMIT 1"
        )
        .bind(number)
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        let Some(clearance) = row.map(ClearanceRow::read).transpose()? else {
            return Ok(None);
        };
        let after_last = clearance
            .first
            .saturating_add(i64::from(clearance.payments));
        if number >= after_last {
            return Ok(None);
        }
        let rows: Vec<(Vec<u8>, Vec<u8>)> = read!(self, |pool| sqlx::query_as(
            "SELECT purse, id FROM payments WHERE number >= $1 AND number < $2 ORDER BY number"
        )
        .bind(clearance.first)
        .bind(after_last)
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let recorded = |(purse, id): &(Vec<u8>, Vec<u8>)| {
            Ok(RecordedPayment {
                purse: PurseKey::new(columns::read_bytes(purse)?.into()),
                id: read::payment_id(id)?,
            })
        };
        let recorded: Result<Vec<_>, StorageError> = rows.iter().map(recorded).collect();
        Ok(Some((clearance, recorded?)))
    }

    async fn cleared_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredPayment)>, StorageError> {
        let rows: Vec<PaymentRow> = read!(self, |pool| sqlx::query_as(
            "SELECT number, id, purse, payee, start, amount, cumulative, reference, signature \
             FROM payments WHERE number > $1 ORDER BY number LIMIT $2"
        )
        .bind(number)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(PaymentRow::read).collect()
    }

    async fn double_spend(&self, purse: PurseKey) -> Result<Option<DoubleSpend>, StorageError> {
        let row: Option<EvidenceRow> = read!(self, |pool| sqlx::query_as(
            "SELECT purse, first, second, found_at FROM double_spends WHERE purse = $1"
        )
        .bind(purse.address().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(EvidenceRow::read).transpose()
    }

    async fn stopped_purses(&self) -> Result<Vec<PurseKey>, StorageError> {
        let purses: Vec<Vec<u8>> = read!(self, |pool| sqlx::query_scalar(
            "SELECT purse FROM double_spends ORDER BY purse"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        purses.iter().map(|purse| read::purse(purse)).collect()
    }

    async fn owed_pairs(&self, limit: u32) -> Result<Vec<OwedPair>, StorageError> {
        let rows: Vec<OwedRow> = read!(self, |pool| sqlx::query_as(
            "SELECT purse, payee, cumulative, payment, settled, owed_since FROM pairs \
             WHERE cumulative > settled ORDER BY owed_since LIMIT $1"
        )
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(OwedRow::read).collect()
    }
}
