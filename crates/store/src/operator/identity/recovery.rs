use offpay_operator::{
    UserId,
    event::NewEvent,
    identity::{RecoveryId, TokenHash, recovery::Recovery},
    storage::{
        StorageError,
        identity::{Begun, NewRecovery, NewSession, RecoveryStorage, SealedSecret},
    },
};
use offpay_protocol::Timestamp;

use super::rows::{delete_of, insert_codes, insert_session, put_secret, uuid};
use crate::operator::{
    Database,
    columns::{read_time, time},
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

type Row = (String, String, i64, i64, i64);

fn recovery(row: Row) -> Result<Recovery, StorageError> {
    let (id, user, began_at, ready_at, expires_at) = row;
    Ok(Recovery {
        id: RecoveryId(uuid(&id)?),
        user: UserId(uuid(&user)?),
        began_at: read_time(began_at)?,
        ready_at: read_time(ready_at)?,
        expires_at: read_time(expires_at)?,
    })
}

impl RecoveryStorage for Database {
    async fn set_recovery_codes(
        &self,
        user: UserId,
        codes: &[TokenHash],
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            delete_of!(tx, user, "DELETE FROM recovery_codes WHERE user_id = $1");
            insert_codes!(tx, user, codes);
            tx.append_events(events, now).await?;
        })
    }

    async fn recovery_codes_left(&self, user: UserId) -> Result<u32, StorageError> {
        let left: i64 = read!(self, |pool| sqlx::query_scalar(
            "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1"
        )
        .bind(user.to_string())
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        u32::try_from(left).map_err(unreadable)
    }

    async fn begin_recovery(
        &self,
        new: &NewRecovery,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<Begun, StorageError> {
        let recovery = &new.recovery;
        write!(self, |tx| {
            let codes: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND code = $2",
            )
            .bind(recovery.user.to_string())
            .bind(&new.code.0[..])
            .fetch_one(&mut *tx)
            .await
            .map_err(storage)?;
            if codes == 0 {
                Begun::NoSuchCode
            } else {
                // One that nobody completed in time makes room.
                sqlx::query("DELETE FROM recoveries WHERE user_id = $1 AND expires_at <= $2")
                    .bind(recovery.user.to_string())
                    .bind(time(now))
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                let begun = sqlx::query(
                    "INSERT INTO recoveries (user_id, id, token_hash, began_at, ready_at, expires_at) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id) DO NOTHING",
                )
                .bind(recovery.user.to_string())
                .bind(recovery.id.to_string())
                .bind(&new.token.0[..])
                .bind(time(recovery.began_at))
                .bind(time(recovery.ready_at))
                .bind(time(recovery.expires_at))
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected();
                if begun == 0 {
                    Begun::UnderWay
                } else {
                    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code = $2")
                        .bind(recovery.user.to_string())
                        .bind(&new.code.0[..])
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                    tx.append_events(events, now).await?;
                    Begun::Yes
                }
            }
        })
    }

    async fn recovery(&self, token: &TokenHash) -> Result<Option<Recovery>, StorageError> {
        let row: Option<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT id, user_id, began_at, ready_at, expires_at FROM recoveries WHERE token_hash = $1"
        )
        .bind(&token.0[..])
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(recovery).transpose()
    }

    async fn recovery_of(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<Recovery>, StorageError> {
        let row: Option<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT id, user_id, began_at, ready_at, expires_at FROM recoveries \
             WHERE user_id = $1 AND expires_at > $2"
        )
        .bind(user.to_string())
        .bind(time(now))
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(recovery).transpose()
    }

    async fn cancel_recovery(
        &self,
        user: UserId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let cancelled = sqlx::query("DELETE FROM recoveries WHERE user_id = $1")
                .bind(user.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                > 0;
            if cancelled {
                tx.append_events(events, now).await?;
            }
            cancelled
        })
    }

    async fn complete_recovery(
        &self,
        id: RecoveryId,
        password: &SealedSecret,
        session: &NewSession,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let user = session.session.user;
        write!(self, |tx| {
            let completed = sqlx::query(
                "DELETE FROM recoveries WHERE id = $1 AND user_id = $2 AND ready_at <= $3 AND expires_at > $3",
            )
            .bind(id.to_string())
            .bind(user.to_string())
            .bind(time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0;
            if completed {
                delete_of!(
                    tx,
                    user,
                    "DELETE FROM sessions WHERE user_id = $1",
                    "DELETE FROM access_tokens WHERE user_id = $1",
                    "DELETE FROM passkeys WHERE user_id = $1",
                    "DELETE FROM secrets WHERE user_id = $1 AND purpose = 'second-factor'",
                    "UPDATE users SET second_factor = 0 WHERE id = $1",
                );
                put_secret!(tx, user, password, now);
                insert_session!(tx, session);
                tx.append_events(events, now).await?;
            }
            completed
        })
    }
}
