//! The operator's keys.

use offpay_operator::storage::{
    StorageError,
    clearing::{OperatorKeyStorage, StoredOperatorKey},
};
use offpay_protocol::{OperatorId, messages::OperatorKey};

use super::{
    super::{Database, columns, error::storage, read, write},
    read::signature,
};

type Row = (Vec<u8>, i64, Option<Vec<u8>>);

fn key((operator, valid_from, signed): Row) -> Result<StoredOperatorKey, StorageError> {
    let operator = OperatorId::new(columns::read_bytes::<20>(&operator)?.into());
    let valid_from = columns::read_time(valid_from)?;
    let rotation = OperatorKey {
        next: operator,
        valid_from,
    };
    let signed = signed.map(|signed| signature(&signed)).transpose()?;
    Ok(StoredOperatorKey {
        operator,
        valid_from,
        rotation: signed.map(|signature| (rotation, signature)),
    })
}

impl OperatorKeyStorage for Database {
    async fn operator_keys(&self) -> Result<Vec<StoredOperatorKey>, StorageError> {
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT operator, valid_from, signature FROM operator_keys ORDER BY position"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(key).collect()
    }

    async fn add_operator_key(&self, key: &StoredOperatorKey) -> Result<(), StorageError> {
        let signed = key
            .rotation
            .map(|(_, signature)| signature.to_compact().to_vec());
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO operator_keys (position, operator, valid_from, signature) \
                 SELECT COUNT(*) + 1, $1, $2, $3 FROM operator_keys",
            )
            .bind(key.operator.address().to_vec())
            .bind(columns::time(key.valid_from))
            .bind(signed.clone())
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }
}
