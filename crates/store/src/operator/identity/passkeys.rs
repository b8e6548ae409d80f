use offpay_operator::{
    UserId,
    event::NewEvent,
    identity::PasskeyId,
    storage::{
        StorageError,
        identity::{NewPasskey, Passkey, PasskeyStorage},
    },
};
use offpay_protocol::Timestamp;

use super::rows::uuid;
use crate::operator::{
    Database,
    columns::{read_time, time},
    connect::Connection as _,
    error::storage,
    read, write,
};

type Row = (
    String,
    String,
    Vec<u8>,
    String,
    Vec<u8>,
    Vec<u8>,
    i64,
    Option<i64>,
);

fn passkey(row: Row) -> Result<Passkey, StorageError> {
    let (id, user, credential, name, fixed, changing, created_at, last_used_at) = row;
    Ok(Passkey {
        id: PasskeyId(uuid(&id)?),
        user: UserId(uuid(&user)?),
        credential,
        name,
        fixed,
        changing,
        created_at: read_time(created_at)?,
        last_used_at: last_used_at.map(read_time).transpose()?,
    })
}

impl PasskeyStorage for Database {
    async fn add_passkey(
        &self,
        new: &NewPasskey,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let passkey = &new.passkey;
        write!(self, |tx| {
            let has: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM passkeys WHERE user_id = $1")
                .bind(passkey.user.to_string())
                .fetch_one(&mut *tx)
                .await
                .map_err(storage)?;
            if has >= i64::from(new.most) {
                false
            } else {
                let added = sqlx::query(
                    "INSERT INTO passkeys (id, user_id, credential, name, fixed, changing, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                )
                .bind(passkey.id.to_string())
                .bind(passkey.user.to_string())
                .bind(&passkey.credential)
                .bind(&passkey.name)
                .bind(&passkey.fixed)
                .bind(&passkey.changing)
                .bind(time(passkey.created_at))
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                    > 0;
                if added {
                    tx.append_events(events, now).await?;
                }
                added
            }
        })
    }

    async fn passkey(&self, credential: &[u8]) -> Result<Option<Passkey>, StorageError> {
        let row: Option<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT id, user_id, credential, name, fixed, changing, created_at, last_used_at FROM passkeys \
             WHERE credential = $1"
        )
        .bind(credential)
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(passkey).transpose()
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>, StorageError> {
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT id, user_id, credential, name, fixed, changing, created_at, last_used_at FROM passkeys \
             WHERE user_id = $1 ORDER BY created_at, id"
        )
        .bind(user.to_string())
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(passkey).collect()
    }

    async fn use_passkey(
        &self,
        id: PasskeyId,
        before: &[u8],
        after: &[u8],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "UPDATE passkeys SET changing = $3, last_used_at = $4 WHERE id = $1 AND changing = $2",
            )
            .bind(id.to_string())
            .bind(before)
            .bind(after)
            .bind(time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0
        })
    }

    async fn remove_passkey(
        &self,
        user: UserId,
        id: PasskeyId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let removed = sqlx::query("DELETE FROM passkeys WHERE user_id = $1 AND id = $2")
                .bind(user.to_string())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                > 0;
            if removed {
                tx.append_events(events, now).await?;
            }
            removed
        })
    }
}
