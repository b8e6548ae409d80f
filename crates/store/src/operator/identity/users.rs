use offpay_operator::{
    UserId,
    event::NewEvent,
    identity::{Handle, User},
    storage::{
        StorageError,
        identity::{NewUser, Registered, UserStorage},
    },
};
use offpay_protocol::{AccountId, Timestamp};

use super::rows::{self, UserRow, delete_of, insert_codes, insert_session, put_secret};
use crate::operator::{
    Database, columns::time, connect::Connection as _, error::storage, read, write,
};

impl UserStorage for Database {
    async fn register(
        &self,
        user: &NewUser,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<Registered, StorageError> {
        write!(self, |tx| {
            let inserted = sqlx::query(
                "INSERT INTO users (id, handle, account, custody, master_key, data_key, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            )
            .bind(user.id.to_string())
            .bind(user.handle.as_ref().map(Handle::as_str))
            .bind(user.account.address().as_slice())
            .bind(user.custody.name())
            .bind(&user.data_key.master)
            .bind(&user.data_key.sealed)
            .bind(time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            if inserted == 0 {
                Registered::Taken
            } else {
                for secret in &user.secrets {
                    put_secret!(tx, user.id, secret, now);
                }
                insert_codes!(tx, user.id, &user.recovery_codes);
                if let Some(session) = &user.session {
                    insert_session!(tx, session);
                }
                tx.append_events(events, now).await?;
                Registered::Yes
            }
        })
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StorageError> {
        let row: Option<UserRow> = read!(self, |pool| sqlx::query_as(
            "SELECT handle, account, custody, second_factor, created_at, frozen_at, deleted_at \
             FROM users WHERE id = $1"
        )
        .bind(id.to_string())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(|row| rows::user(id, row)).transpose()
    }

    async fn user_by_handle(&self, handle: &Handle) -> Result<Option<User>, StorageError> {
        let id: Option<String> = read!(self, |pool| sqlx::query_scalar(
            "SELECT id FROM users WHERE handle = $1"
        )
        .bind(handle.as_str())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        match id {
            Some(id) => self.user(UserId(rows::uuid(&id)?)).await,
            None => Ok(None),
        }
    }

    async fn user_by_account(&self, account: AccountId) -> Result<Option<User>, StorageError> {
        let id: Option<String> = read!(self, |pool| sqlx::query_scalar(
            "SELECT id FROM users WHERE account = $1"
        )
        .bind(account.address().as_slice())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        match id {
            Some(id) => self.user(UserId(rows::uuid(&id)?)).await,
            None => Ok(None),
        }
    }

    async fn set_second_factor(
        &self,
        id: UserId,
        on: bool,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query("UPDATE users SET second_factor = $2 WHERE id = $1 AND deleted_at IS NULL")
                .bind(id.to_string())
                .bind(i64::from(on))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            tx.append_events(events, now).await?;
        })
    }

    async fn use_second_factor_step(&self, id: UserId, step: u64) -> Result<bool, StorageError> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        write!(self, |tx| {
            sqlx::query(
                "UPDATE users SET second_factor_step = $2 WHERE id = $1 AND second_factor_step < $2",
            )
            .bind(id.to_string())
            .bind(step)
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0
        })
    }

    async fn delete_personal(&self, id: UserId, now: Timestamp) -> Result<(), StorageError> {
        write!(self, |tx| {
            delete_of!(
                tx,
                id,
                "DELETE FROM webhooks WHERE owner = $1",
                "DELETE FROM secrets WHERE user_id = $1",
                "DELETE FROM sessions WHERE user_id = $1",
                "DELETE FROM access_tokens WHERE user_id = $1",
                "DELETE FROM passkeys WHERE user_id = $1",
                "DELETE FROM recovery_codes WHERE user_id = $1",
                "DELETE FROM recoveries WHERE user_id = $1",
                "DELETE FROM events WHERE audience = $1",
            );
            sqlx::query(
                "UPDATE users SET handle = NULL, master_key = '', data_key = $3, second_factor = 0, deleted_at = $2 \
                 WHERE id = $1",
            )
            .bind(id.to_string())
            .bind(time(now))
            .bind(Vec::<u8>::new())
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }
}
