use offpay_operator::{
    UserId,
    event::NewEvent,
    identity::{Session, SessionId, TokenHash, User, guessing},
    storage::{
        StorageError,
        identity::{NewSession, SessionStorage},
    },
};
use offpay_protocol::Timestamp;

use super::rows::{self, SessionRow, UserRow, insert_session};
use crate::operator::{
    Database, columns::time, connect::Connection as _, error::storage, read, write,
};

/// A session and its user, side by side.
#[derive(sqlx::FromRow)]
struct Signed {
    id: String,
    user_id: String,
    method: String,
    label: String,
    session_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    handle: Option<String>,
    account: Vec<u8>,
    custody: String,
    second_factor: i64,
    created_at: i64,
    frozen_at: Option<i64>,
}

impl Signed {
    fn read(self) -> Result<(Session, User), StorageError> {
        let session: SessionRow = (
            self.id,
            self.user_id,
            self.method,
            self.label,
            self.session_at,
            self.last_seen_at,
            self.expires_at,
        );
        let user: UserRow = (
            self.handle,
            self.account,
            self.custody,
            self.second_factor,
            self.created_at,
            self.frozen_at,
            None,
        );
        let session = rows::session(session)?;
        let user = rows::user(session.user, user)?;
        Ok((session, user))
    }
}

impl SessionStorage for Database {
    async fn open_session(
        &self,
        session: &NewSession,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            insert_session!(tx, session);
            tx.append_events(events, now).await?;
        })
    }

    async fn session(&self, token: &TokenHash) -> Result<Option<(Session, User)>, StorageError> {
        let row: Option<Signed> = read!(self, |pool| sqlx::query_as(
            "SELECT s.id, s.user_id, s.method, s.label, s.created_at AS session_at, s.last_seen_at, s.expires_at, \
             u.handle, u.account, u.custody, u.second_factor, u.created_at, u.frozen_at \
             FROM sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND u.deleted_at IS NULL"
        )
        .bind(&token.0[..])
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(Signed::read).transpose()
    }

    async fn touch_session(&self, id: SessionId, now: Timestamp) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
            )
            .bind(id.to_string())
            .bind(time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn sessions(&self, user: UserId) -> Result<Vec<Session>, StorageError> {
        let rows: Vec<SessionRow> = read!(self, |pool| {
            sqlx::query_as(
            "SELECT id, user_id, method, label, created_at, last_seen_at, expires_at FROM sessions \
             WHERE user_id = $1 ORDER BY created_at DESC, id DESC"
        )
        .bind(user.to_string())
        .fetch_all(pool)
        .await
        })
        .map_err(storage)?;
        rows.into_iter().map(rows::session).collect()
    }

    async fn end_session(&self, user: UserId, id: SessionId) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2")
                .bind(user.to_string())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                > 0
        })
    }

    async fn end_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<u64, StorageError> {
        let except = except.map_or_else(String::new, |id| id.to_string());
        write!(self, |tx| {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
                .bind(user.to_string())
                .bind(&except)
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
        })
    }

    async fn sweep(&self, now: Timestamp) -> Result<(), StorageError> {
        let forgotten = time(guessing::forgotten_before(now));
        write!(self, |tx| {
            for statement in [
                "DELETE FROM sessions WHERE expires_at <= $1",
                "DELETE FROM access_tokens WHERE expires_at <= $1",
                "DELETE FROM recoveries WHERE expires_at <= $1",
                "DELETE FROM used_nonces WHERE expires_at <= $1",
            ] {
                sqlx::query(statement)
                    .bind(time(now))
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
            }
            sqlx::query("DELETE FROM guesses WHERE last_at < $1")
                .bind(forgotten)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
        })
    }
}
