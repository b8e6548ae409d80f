//! What purses owe, and what is done about it.

use offpay_operator::{admin::OwedPair, storage::StorageError};
use offpay_protocol::{AccountId, PurseKey};
use sqlx::FromRow;

use crate::operator::{
    Database,
    columns::{read_amount, read_bytes, read_time},
    error::storage,
    read,
};

macro_rules! owed {
    ($which:literal) => {
        concat!(
            "SELECT p.purse, p.payee, p.cumulative, p.settled, p.owed_since, ",
            "CAST(CASE WHEN h.purse IS NULL THEN 0 ELSE 1 END AS BIGINT) AS hosted, ",
            "CAST(CASE WHEN d.purse IS NULL THEN 0 ELSE 1 END AS BIGINT) AS double_spent, ",
            "s.transaction_number, s.why, s.aside_until ",
            "FROM pairs p LEFT JOIN settling s ON s.purse = p.purse AND s.payee = p.payee ",
            "LEFT JOIN hosted_purses h ON h.purse = p.purse LEFT JOIN double_spends d ON d.purse = p.purse ",
            "WHERE p.cumulative > p.settled AND ",
            $which,
            " ORDER BY p.purse, p.payee"
        )
    };
}

#[derive(FromRow)]
struct OwedRow {
    purse: Vec<u8>,
    payee: Vec<u8>,
    cumulative: String,
    settled: String,
    owed_since: i64,
    hosted: i64,
    double_spent: i64,
    transaction_number: Option<i64>,
    why: Option<String>,
    aside_until: Option<i64>,
}

impl OwedRow {
    fn read(self) -> Result<OwedPair, StorageError> {
        Ok(OwedPair {
            purse: PurseKey::new(read_bytes::<20>(&self.purse)?.into()),
            payee: AccountId::new(read_bytes::<20>(&self.payee)?.into()),
            cumulative: read_amount(&self.cumulative)?,
            settled: read_amount(&self.settled)?,
            since: read_time(self.owed_since)?,
            is_hosted: self.hosted == 1,
            is_double_spent: self.double_spent == 1,
            transaction: self.transaction_number,
            why: self.why,
            aside_until: self.aside_until.map(read_time).transpose()?,
        })
    }
}

pub(super) async fn page(
    database: &Database,
    after: Option<PurseKey>,
    limit: u32,
) -> Result<Vec<OwedPair>, StorageError> {
    let rows: Vec<OwedRow> = read!(database, |pool| {
        sqlx::query_as(owed!(
            "p.purse IN (SELECT DISTINCT purse FROM pairs WHERE cumulative > settled AND purse > $1 \
             ORDER BY purse LIMIT $2)"
        ))
        .bind(after.map_or_else(Vec::new, |purse| purse.address().to_vec()))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await
    })
    .map_err(storage)?;
    rows.into_iter().map(OwedRow::read).collect()
}

pub(super) async fn of(
    database: &Database,
    purse: PurseKey,
) -> Result<Vec<OwedPair>, StorageError> {
    let rows: Vec<OwedRow> = read!(database, |pool| sqlx::query_as(owed!("p.purse = $1"))
        .bind(purse.address().to_vec())
        .fetch_all(pool)
        .await)
    .map_err(storage)?;
    rows.into_iter().map(OwedRow::read).collect()
}
