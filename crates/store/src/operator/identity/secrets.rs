use offpay_operator::{
    UserId,
    event::NewEvent,
    identity::SessionId,
    storage::{
        StorageError,
        identity::{SealedDataKey, SealedSecret, SecretStorage, Vaulted},
    },
};
use offpay_protocol::Timestamp;

use super::rows::{put_secret, uuid};
use crate::operator::{
    Database, columns::time, connect::Connection as _, error::storage, read, write,
};

type VaultedRow = (String, Vec<u8>, Option<i64>, Option<Vec<u8>>);

fn data_keys(
    rows: Vec<(String, String, Vec<u8>)>,
) -> Result<Vec<(UserId, SealedDataKey)>, StorageError> {
    rows.into_iter()
        .map(|(id, master, sealed)| Ok((UserId(uuid(&id)?), SealedDataKey { master, sealed })))
        .collect()
}

impl SecretStorage for Database {
    async fn secret(&self, user: UserId, purpose: &str) -> Result<Option<Vaulted>, StorageError> {
        let row: Option<VaultedRow> = read!(self, |pool| sqlx::query_as(
            "SELECT u.master_key, u.data_key, u.frozen_at, s.sealed FROM users u \
             LEFT JOIN secrets s ON s.user_id = u.id AND s.purpose = $2 \
             WHERE u.id = $1 AND u.deleted_at IS NULL"
        )
        .bind(user.to_string())
        .bind(purpose)
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        Ok(row.map(|(master, data_key, frozen_at, sealed)| Vaulted {
            data_key: SealedDataKey {
                master,
                sealed: data_key,
            },
            secret: sealed.map(|sealed| SealedSecret {
                purpose: purpose.to_owned(),
                sealed,
            }),
            frozen: frozen_at.is_some(),
        }))
    }

    async fn add_secret(
        &self,
        user: UserId,
        secret: &SealedSecret,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO secrets (user_id, purpose, sealed, created_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (user_id, purpose) DO NOTHING",
            )
            .bind(user.to_string())
            .bind(&secret.purpose)
            .bind(&secret.sealed)
            .bind(time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0
        })
    }

    async fn replace_secret(
        &self,
        user: UserId,
        secret: &SealedSecret,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            put_secret!(tx, user, secret, now);
            tx.append_events(events, now).await?;
        })
    }

    async fn replace_secret_and_sessions(
        &self,
        user: UserId,
        secret: &SealedSecret,
        except: SessionId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            put_secret!(tx, user, secret, now);
            sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
                .bind(user.to_string())
                .bind(except.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            tx.append_events(events, now).await?;
        })
    }

    async fn remove_secret(&self, user: UserId, purpose: &str) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query("DELETE FROM secrets WHERE user_id = $1 AND purpose = $2")
                .bind(user.to_string())
                .bind(purpose)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
        })
    }

    async fn data_keys_not_under(
        &self,
        master: &str,
        limit: u32,
    ) -> Result<Vec<(UserId, SealedDataKey)>, StorageError> {
        let rows = read!(self, |pool| sqlx::query_as(
            "SELECT id, master_key, data_key FROM users WHERE master_key <> $1 AND deleted_at IS NULL LIMIT $2"
        )
        .bind(master)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        data_keys(rows)
    }

    async fn data_keys_under(
        &self,
        master: &str,
        limit: u32,
    ) -> Result<Vec<(UserId, SealedDataKey)>, StorageError> {
        let rows = read!(self, |pool| sqlx::query_as(
            "SELECT id, master_key, data_key FROM users WHERE master_key = $1 AND deleted_at IS NULL LIMIT $2"
        )
        .bind(master)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        data_keys(rows)
    }

    async fn rewrap_data_key(
        &self,
        user: UserId,
        old: &SealedDataKey,
        new: &SealedDataKey,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "UPDATE users SET master_key = $2, data_key = $3 \
                 WHERE id = $1 AND master_key = $4 AND data_key = $5 AND deleted_at IS NULL",
            )
            .bind(user.to_string())
            .bind(&new.master)
            .bind(&new.sealed)
            .bind(&old.master)
            .bind(&old.sealed)
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0
        })
    }
}
