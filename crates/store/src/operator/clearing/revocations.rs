//! The revocation list.

use offpay_operator::storage::{
    StorageError,
    clearing::{RevocationChanges, RevocationStorage, StoredRevocations},
};
use offpay_protocol::messages::Revocations;

use super::{
    super::{
        Database, columns,
        error::{storage, unreadable},
        read, write,
    },
    read::{purse, signature},
};

fn column(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

impl RevocationStorage for Database {
    async fn newest_revocations(&self) -> Result<Option<StoredRevocations>, StorageError> {
        let row: Option<(i64, Vec<u8>, i64, Vec<u8>)> = read!(self, |pool| sqlx::query_as(
            "SELECT version, digest, as_of, signature FROM revocation_lists ORDER BY version DESC LIMIT 1"
        )
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(|(version, digest, as_of, signed)| {
            Ok(StoredRevocations {
                revocations: Revocations {
                    version: version.try_into().map_err(unreadable)?,
                    digest: columns::read_bytes::<32>(&digest)?.into(),
                    as_of: columns::read_time(as_of)?,
                },
                signature: signature(&signed)?,
            })
        })
        .transpose()
    }

    async fn revocation_changes(&self, since: u64) -> Result<RevocationChanges, StorageError> {
        let added: Vec<Vec<u8>> = read!(self, |pool| {
            sqlx::query_scalar(
            "SELECT purse FROM revoked_purses WHERE added > $1 AND removed IS NULL ORDER BY purse"
        )
        .bind(column(since))
        .fetch_all(pool)
        .await
        })
        .map_err(storage)?;
        let removed: Vec<Vec<u8>> = read!(self, |pool| sqlx::query_scalar(
            "SELECT purse FROM revoked_purses WHERE added <= $1 AND removed > $1 ORDER BY purse"
        )
        .bind(column(since))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        Ok(RevocationChanges {
            added: added
                .iter()
                .map(|bytes| purse(bytes))
                .collect::<Result<_, _>>()?,
            removed: removed
                .iter()
                .map(|bytes| purse(bytes))
                .collect::<Result<_, _>>()?,
        })
    }

    async fn add_revocations(
        &self,
        list: &StoredRevocations,
        changes: &RevocationChanges,
    ) -> Result<(), StorageError> {
        let version = column(list.revocations.version);
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO revocation_lists (version, digest, as_of, signature) VALUES ($1, $2, $3, $4)",
            )
            .bind(version)
            .bind(list.revocations.digest.to_vec())
            .bind(columns::time(list.revocations.as_of))
            .bind(list.signature.to_compact().to_vec())
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            for purse in &changes.added {
                sqlx::query(
                    "INSERT INTO revoked_purses (purse, added) VALUES ($1, $2) \
                     ON CONFLICT (purse) DO UPDATE SET added = excluded.added, removed = NULL",
                )
                .bind(purse.address().to_vec())
                .bind(version)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            }
            for purse in &changes.removed {
                sqlx::query("UPDATE revoked_purses SET removed = $2 WHERE purse = $1")
                    .bind(purse.address().to_vec())
                    .bind(version)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
            }
        })
    }
}
