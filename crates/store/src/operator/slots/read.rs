//! The rows of a slot, as they stand in the tables: they are compared as they are.

/// `purse id payee start amount cumulative reference signature`
pub(super) type PaymentColumns = (
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    Vec<u8>,
    Vec<u8>,
);
/// The payment's, then `kept_for kept_at`.
pub(super) type KeptColumns = (
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    Vec<u8>,
    Vec<u8>,
    String,
    i64,
);
/// `purse payee cumulative payment settled owed_since`
pub(super) type PairColumns = (Vec<u8>, Vec<u8>, String, Vec<u8>, String, i64);
/// `purse payee cumulative planned_at why aside_until`, and whether a transaction is on its way.
pub(super) type SettlingColumns = (
    Vec<u8>,
    Vec<u8>,
    String,
    i64,
    Option<String>,
    Option<i64>,
    i64,
);
/// `purse version frontier_version spent promised payments`
pub(super) type HeadColumns = (Vec<u8>, i64, i64, String, String, i64);
/// `purse first second found_at`
pub(super) type EvidenceColumns = (Vec<u8>, String, String, i64);

/// Everything that clearing and settling know of a slot's purses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SlotRows {
    pub(super) payments: Vec<PaymentColumns>,
    pub(super) kept: Vec<KeptColumns>,
    pub(super) pairs: Vec<PairColumns>,
    pub(super) settling: Vec<SettlingColumns>,
    pub(super) heads: Vec<HeadColumns>,
    pub(super) evidence: Vec<EvidenceColumns>,
}

/// The rows of one table between two purses.
macro_rules! between {
    ($on:expr, $slot:expr, $columns:literal, $order:literal) => {{
        let (first, last) = $slot.keys();
        sqlx::query_as(concat!(
            "SELECT ",
            $columns,
            " WHERE purse >= $1 AND purse <= $2 ORDER BY ",
            $order
        ))
        .bind(first.to_vec())
        .bind(last.to_vec())
        .fetch_all($on)
        .await
        .map_err($crate::operator::error::storage)?
    }};
}

/// All rows of a slot, on a pool or in a transaction of either engine.
macro_rules! slot_rows {
    ($on:expr, $slot:expr) => {{
        use $crate::operator::slots::read::{SlotRows, between};
        SlotRows {
            payments: between!(
                $on,
                $slot,
                "purse, id, payee, start, amount, cumulative, reference, signature FROM payments",
                "purse, id"
            ),
            kept: between!(
                $on,
                $slot,
                "purse, id, payee, start, amount, cumulative, reference, signature, kept_for, kept_at \
                 FROM kept_payments",
                "purse, id"
            ),
            pairs: between!(
                $on,
                $slot,
                "purse, payee, cumulative, payment, settled, owed_since FROM pairs",
                "purse, payee"
            ),
            settling: between!(
                $on,
                $slot,
                "purse, payee, cumulative, planned_at, why, aside_until, \
                 CAST(CASE WHEN transaction_number IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM settling",
                "purse, payee"
            ),
            heads: between!(
                $on,
                $slot,
                "purse, version, frontier_version, spent, promised, payments FROM purse_heads",
                "purse"
            ),
            evidence: between!(
                $on,
                $slot,
                "purse, first, second, found_at FROM double_spends",
                "purse"
            ),
        }
    }};
}

pub(super) use {between, slot_rows};
