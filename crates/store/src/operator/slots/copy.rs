//! Cleared payments are copied before the slot leaves: they only ever come to be, so what is copied stays right.

use std::collections::{BTreeMap, BTreeSet};

use offpay_operator::{
    slots::Slot,
    storage::{
        SlotStorage as _, StorageError,
        clearing::{ClearingStorage as _, StoredClearance, StoredPayment},
        slots::MovedClearance,
    },
};
use offpay_protocol::clearance::ClearanceTree;

use super::super::{
    Database,
    clearing::{insert::Insert as _, read::PaymentRow},
    columns,
    connect::BEGIN_LOCKED,
    error::{storage, unreadable},
    read, write,
};

/// How many payments one transaction copies.
const PAGE: usize = 500;
/// How many trees are held, of up to 4,096 payments each.
const TREES: usize = 64;

/// Where the reading of a slot's payments goes on: after this purse and id.
type Mark = (Vec<u8>, Vec<u8>);

/// The trees of the clearances that were met.
#[derive(Default)]
struct Trees(BTreeMap<i64, (StoredClearance, ClearanceTree)>);

impl Trees {
    /// What proves that the payment with this number is cleared.
    async fn proof(
        &mut self,
        from: &Database,
        number: i64,
    ) -> Result<MovedClearance, StorageError> {
        if let Some(moved) = self.held(number) {
            return Ok(moved);
        }
        if let Some((clearance, recorded)) = from.clearance_of(number).await? {
            let tree = ClearanceTree::new(&recorded)
                .filter(|tree| tree.root() == clearance.clearance.root)
                .ok_or_else(|| unreadable("a clearance without its payments"))?;
            if self.0.len() >= TREES {
                self.0.pop_first();
            }
            self.0.insert(clearance.first, (clearance, tree));
            return self
                .held(number)
                .ok_or_else(|| unreadable("a payment beside its clearance"));
        }
        from.moved_clearance(number)
            .await?
            .ok_or_else(|| unreadable("a cleared payment without a clearance"))
    }

    fn held(&self, number: i64) -> Option<MovedClearance> {
        let (first, (clearance, tree)) = self.0.range(..=number).next_back()?;
        let place = usize::try_from(number.checked_sub(*first)?).ok()?;
        let path = tree.path(place)?;
        Some(MovedClearance {
            clearance: *clearance,
            path: path.iter().map(|hash| hash.0).collect(),
        })
    }
}

/// Copies the slot's cleared payments that are not there yet, with what proves them; how many.
pub(super) async fn payments(
    from: &Database,
    to: &Database,
    slot: Slot,
) -> Result<u64, StorageError> {
    let mut trees = Trees::default();
    let mut copied = 0_u64;
    let mut mark: Mark = (slot.keys().0.to_vec(), Vec::new());
    loop {
        let page = from.page_of(slot, &mark).await?;
        let Some((_, last)) = page.last() else {
            return Ok(copied);
        };
        let end = (last.purse.address().to_vec(), last.id.bytes().to_vec());
        let there = to.among(&mark, &end).await?;
        let mut missing = Vec::new();
        for (number, stored) in page {
            if !there.contains(&stored.recorded()) {
                missing.push((stored, trees.proof(from, number).await?));
            }
        }
        to.take_payments(&missing).await?;
        copied = copied.saturating_add(u64::try_from(missing.len()).unwrap_or(u64::MAX));
        mark = end;
    }
}

impl Database {
    /// The slot's next cleared payments after a mark.
    async fn page_of(
        &self,
        slot: Slot,
        (purse, id): &Mark,
    ) -> Result<Vec<(i64, StoredPayment)>, StorageError> {
        let rows: Vec<PaymentRow> = read!(self, |pool| sqlx::query_as(
            "SELECT number, id, purse, payee, start, amount, cumulative, reference, signature \
             FROM payments WHERE (purse, id) > ($1, $2) AND purse <= $3 ORDER BY purse, id LIMIT $4"
        )
        .bind(purse)
        .bind(id)
        .bind(slot.keys().1.to_vec())
        .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(PaymentRow::read).collect()
    }

    /// Which payments there are after one and up to another.
    async fn among(
        &self,
        after: &Mark,
        end: &Mark,
    ) -> Result<BTreeSet<offpay_protocol::clearance::RecordedPayment>, StorageError> {
        let rows: Vec<Mark> = read!(self, |pool| sqlx::query_as(
            "SELECT purse, id FROM payments WHERE (purse, id) > ($1, $2) AND (purse, id) <= ($3, $4)"
        )
        .bind(&after.0)
        .bind(&after.1)
        .bind(&end.0)
        .bind(&end.1)
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.iter()
            .map(|(purse, id)| {
                Ok(offpay_protocol::clearance::RecordedPayment {
                    purse: columns::read_bytes::<20>(purse)
                        .map(|purse| offpay_protocol::PurseKey::new(purse.into()))?,
                    id: columns::read_bytes::<32>(id)
                        .map(|id| offpay_protocol::PaymentId::new(id.into()))?,
                })
            })
            .collect()
    }

    /// Enters payments that another shard cleared, under numbers of this one's.
    async fn take_payments(
        &self,
        payments: &[(StoredPayment, MovedClearance)],
    ) -> Result<(), StorageError> {
        if payments.is_empty() {
            return Ok(());
        }
        let rows: Vec<StoredPayment> = payments.iter().map(|(stored, _)| *stored).collect();
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        write!(self, BEGIN_LOCKED, |tx| {
            let first: i64 = sqlx::query_scalar(
                "UPDATE clearing_numbers SET next = next + $1 WHERE one = 1 RETURNING next - $1",
            )
            .bind(count)
            .fetch_one(&mut *tx)
            .await
            .map_err(storage)?;
            tx.insert_payments(first, &rows).await?;
            for ((_, moved), number) in payments.iter().zip(first..) {
                let clearance = &moved.clearance;
                sqlx::query(
                    "INSERT INTO moved_clearances (number, root, cleared_at, operator, signature, path) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(number)
                .bind(clearance.clearance.root.to_vec())
                .bind(columns::time(clearance.clearance.cleared_at))
                .bind(clearance.operator.address().to_vec())
                .bind(clearance.signature.to_compact().to_vec())
                .bind(moved.path.concat())
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            }
        })
    }
}
