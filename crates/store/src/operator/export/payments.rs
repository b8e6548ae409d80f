//! Cleared payments in the order in which they were written.

use std::{collections::BTreeMap, iter};

use offpay_operator::storage::{
    ExportedPayment, PaymentPlace, StorageError, clearing::StoredPayment,
};
use sqlx::QueryBuilder;

use super::super::{
    Database,
    clearing::{filled, read::PaymentRow},
    columns::read_time,
    error::{storage, unreadable},
    read,
};

/// `position first payments cleared_at`: a commit, or a payment that was moved here.
type Commit = (i64, i64, i64, i64);

/// The next payments after a place.
pub(super) async fn page(
    database: &Database,
    after: PaymentPlace,
    upto: i64,
    limit: u32,
) -> Result<Vec<ExportedPayment>, StorageError> {
    if after.position > upto {
        return Ok(Vec::new());
    }
    let mut commits = Vec::new();
    // What is left of the one that the place is in.
    commits.extend(database.commit_at(after).await?);
    commits.extend(database.commits_after(after, upto, limit).await?);
    commits.extend(database.moved_after(after, upto, limit).await?);
    commits.sort_unstable();
    let places = commits
        .into_iter()
        .flat_map(|(position, first, payments, cleared_at)| {
            let numbers = first..first.saturating_add(payments);
            numbers.zip(iter::repeat((position, cleared_at)))
        })
        .map(|(number, (position, cleared_at))| (PaymentPlace { position, number }, cleared_at))
        .filter(|(place, _)| *place > after)
        .take(usize::try_from(limit).unwrap_or(usize::MAX));
    let places: Vec<_> = places.collect();
    let numbers: Vec<_> = places.iter().map(|(place, _)| place.number).collect();
    let mut payments = database.payments_numbered(&numbers).await?;
    let mut exported = Vec::with_capacity(places.len());
    for (place, cleared_at) in places {
        let stored = payments
            .remove(&place.number)
            .ok_or_else(|| unreadable("a clearance without its payments"))?;
        exported.push(ExportedPayment {
            place,
            id: stored.id,
            purse: stored.purse,
            payment: stored.payment,
            signature: stored.signature,
            cleared_at: read_time(cleared_at)?,
        });
    }
    Ok(exported)
}

impl Database {
    async fn commit_at(&self, place: PaymentPlace) -> Result<Option<Commit>, StorageError> {
        read!(self, |pool| sqlx::query_as(
            "SELECT position, first, payments, cleared_at FROM clearances \
             WHERE position = $1 AND first <= $2 ORDER BY first DESC LIMIT 1"
        )
        .bind(place.position)
        .bind(place.number)
        .fetch_optional(pool)
        .await)
        .map_err(storage)
    }

    async fn commits_after(
        &self,
        place: PaymentPlace,
        upto: i64,
        limit: u32,
    ) -> Result<Vec<Commit>, StorageError> {
        read!(self, |pool| sqlx::query_as(
            "SELECT position, first, payments, cleared_at FROM clearances \
             WHERE (position, first) > ($1, $2) AND position <= $3 ORDER BY position, first LIMIT $4"
        )
        .bind(place.position)
        .bind(place.number)
        .bind(upto)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)
    }

    /// Each is a commit of its own here.
    async fn moved_after(
        &self,
        place: PaymentPlace,
        upto: i64,
        limit: u32,
    ) -> Result<Vec<Commit>, StorageError> {
        let rows: Vec<(i64, i64, i64)> = read!(self, |pool| sqlx::query_as(
            "SELECT position, number, cleared_at FROM moved_clearances \
             WHERE (position, number) > ($1, $2) AND position <= $3 ORDER BY position, number LIMIT $4"
        )
        .bind(place.position)
        .bind(place.number)
        .bind(upto)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let commit = |(position, number, cleared_at)| (position, number, 1, cleared_at);
        Ok(rows.into_iter().map(commit).collect())
    }

    async fn payments_numbered(
        &self,
        numbers: &[i64],
    ) -> Result<BTreeMap<i64, StoredPayment>, StorageError> {
        if numbers.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows: Vec<PaymentRow> = read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT number, id, purse, payee, start, amount, cumulative, reference, signature \
                 FROM payments WHERE number IN (",
            );
            let mut list = query.separated(", ");
            for number in filled(numbers) {
                list.push_bind(*number);
            }
            list.push_unseparated(")");
            query.build_query_as().fetch_all(pool).await
        })
        .map_err(storage)?;
        rows.into_iter().map(PaymentRow::read).collect()
    }
}
