//! Gas that was spent and fees that were paid, day by day.

use std::collections::BTreeMap;

use offpay_operator::{
    admin::{FeeDay, GasDay, day_of},
    outbox::Purpose,
    storage::StorageError,
};
use offpay_protocol::Timestamp;

use super::count;
use crate::operator::{
    Database,
    columns::{read_amount, read_time, time},
    error::{storage, unreadable},
    read,
};

/// Sums are made here: wei outgrow the databases' 64 bits.
pub(super) async fn by_day(
    database: &Database,
    since: Timestamp,
) -> Result<Vec<GasDay>, StorageError> {
    let rows: Vec<(String, i64, i64, i64)> = read!(database, |pool| sqlx::query_as(
        "SELECT t.purpose, a.signed_at, a.gas_used, a.gas_price FROM attempts a \
         JOIN nonces n ON n.sender = a.sender AND n.nonce = a.nonce \
         JOIN transactions t ON t.number = n.transaction_number \
         WHERE a.signed_at >= $1 AND a.gas_used IS NOT NULL AND n.state = 'final'"
    )
    .bind(time(since))
    .fetch_all(pool)
    .await)
    .map_err(storage)?;
    let mut days: BTreeMap<(Timestamp, Purpose), GasDay> = BTreeMap::new();
    for (purpose, signed_at, used, price) in rows {
        let purpose = Purpose::named(&purpose).ok_or_else(|| unreadable("a purpose"))?;
        let day = day_of(read_time(signed_at)?);
        let (used, price) = (u128::from(count(used)?), u128::from(count(price)?));
        let sum = days.entry((day, purpose)).or_insert(GasDay {
            day,
            purpose,
            transactions: 0,
            gas: 0,
            wei: 0,
        });
        sum.transactions = sum.transactions.saturating_add(1);
        sum.gas = sum.gas.saturating_add(used);
        sum.wei = sum.wei.saturating_add(used.saturating_mul(price));
    }
    Ok(days.into_values().collect())
}

pub(super) async fn fees_by_day(
    database: &Database,
    since: Timestamp,
) -> Result<Vec<FeeDay>, StorageError> {
    let rows: Vec<(i64, String)> = read!(database, |pool| sqlx::query_as(
        "SELECT created_at, fee FROM operations WHERE state = 'final' AND created_at >= $1"
    )
    .bind(time(since))
    .fetch_all(pool)
    .await)
    .map_err(storage)?;
    let mut days: BTreeMap<Timestamp, FeeDay> = BTreeMap::new();
    for (created_at, fee) in rows {
        let fee = read_amount(&fee)?.get();
        if fee == 0 {
            continue;
        }
        let day = day_of(read_time(created_at)?);
        let sum = days.entry(day).or_insert(FeeDay {
            day,
            operations: 0,
            fees: 0,
        });
        sum.operations = sum.operations.saturating_add(1);
        sum.fees = sum.fees.saturating_add(fee);
    }
    Ok(days.into_values().collect())
}
