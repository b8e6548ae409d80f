//! How users, sessions and tokens stand in rows, and what several of them write alike.

use offpay_operator::{
    UserId,
    identity::{Custody, Scopes, Session, SessionId, SignInMethod, User, token::AccessToken},
    storage::StorageError,
};
use offpay_protocol::AccountId;
use uuid::Uuid;

use crate::operator::{
    columns::{read_amount, read_bytes, read_time},
    error::unreadable,
};

/// A user but for the id: handle, account, custody, second factor, created, frozen, deleted.
pub(super) type UserRow = (
    Option<String>,
    Vec<u8>,
    String,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
);

/// A session: id, user, method, label, created, last seen, expires.
pub(super) type SessionRow = (String, String, String, String, i64, i64, i64);

/// An access token: id, user, name, scopes, budget, spent, created, expires.
pub(super) type TokenRow = (String, String, String, String, String, String, i64, i64);

pub(super) fn uuid(text: &str) -> Result<Uuid, StorageError> {
    text.parse().map_err(unreadable)
}

pub(super) fn user(id: UserId, row: UserRow) -> Result<User, StorageError> {
    let (handle, account, custody, second_factor, created_at, frozen_at, deleted_at) = row;
    Ok(User {
        id,
        handle: handle
            .map(|handle| handle.parse())
            .transpose()
            .map_err(unreadable)?,
        account: AccountId::new(read_bytes::<20>(&account)?.into()),
        custody: Custody::from_name(&custody).ok_or_else(|| unreadable("no such custody"))?,
        created_at: read_time(created_at)?,
        frozen_at: frozen_at.map(read_time).transpose()?,
        deleted_at: deleted_at.map(read_time).transpose()?,
        second_factor: second_factor != 0,
    })
}

pub(super) fn session(row: SessionRow) -> Result<Session, StorageError> {
    let (id, user, method, label, created_at, last_seen_at, expires_at) = row;
    Ok(Session {
        id: SessionId(uuid(&id)?),
        user: UserId(uuid(&user)?),
        method: SignInMethod::from_name(&method).ok_or_else(|| unreadable("no such method"))?,
        label,
        created_at: read_time(created_at)?,
        last_seen_at: read_time(last_seen_at)?,
        expires_at: read_time(expires_at)?,
    })
}

pub(super) fn token(row: TokenRow) -> Result<AccessToken, StorageError> {
    let (id, user, name, scopes, budget, spent, created_at, expires_at) = row;
    Ok(AccessToken {
        id: offpay_operator::identity::AccessTokenId(uuid(&id)?),
        user: UserId(uuid(&user)?),
        name,
        scopes: Scopes::from_text(&scopes).ok_or_else(|| unreadable("no such scope"))?,
        budget: read_amount(&budget)?,
        spent: read_amount(&spent)?,
        created_at: read_time(created_at)?,
        expires_at: read_time(expires_at)?,
    })
}

/// Inserts a session.
macro_rules! insert_session {
    ($connection:expr, $new:expr) => {{
        let session = &$new.session;
        sqlx::query(
            "INSERT INTO sessions (id, user_id, token_hash, method, label, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(session.id.to_string())
        .bind(session.user.to_string())
        .bind(&$new.token.0[..])
        .bind(session.method.name())
        .bind(&session.label)
        .bind($crate::operator::columns::time(session.created_at))
        .bind($crate::operator::columns::time(session.last_seen_at))
        .bind($crate::operator::columns::time(session.expires_at))
        .execute(&mut *$connection)
        .await
        .map_err($crate::operator::error::storage)?;
    }};
}

/// Inserts or replaces a secret.
macro_rules! put_secret {
    ($connection:expr, $user:expr, $secret:expr, $now:expr) => {{
        sqlx::query(
            "INSERT INTO secrets (user_id, purpose, sealed, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, purpose) DO UPDATE \
             SET sealed = excluded.sealed, created_at = excluded.created_at",
        )
        .bind($user.to_string())
        .bind(&$secret.purpose)
        .bind(&$secret.sealed)
        .bind($crate::operator::columns::time($now))
        .execute(&mut *$connection)
        .await
        .map_err($crate::operator::error::storage)?;
    }};
}

/// Inserts recovery codes.
macro_rules! insert_codes {
    ($connection:expr, $user:expr, $codes:expr) => {{
        for code in $codes {
            sqlx::query("INSERT INTO recovery_codes (user_id, code) VALUES ($1, $2)")
                .bind($user.to_string())
                .bind(&code.0[..])
                .execute(&mut *$connection)
                .await
                .map_err($crate::operator::error::storage)?;
        }
    }};
}

/// Deletes a user's rows from a table: the statement takes the id as `$1`.
macro_rules! delete_of {
    ($connection:expr, $user:expr, $($statement:literal),+ $(,)?) => {{
        $(
            sqlx::query($statement)
                .bind($user.to_string())
                .execute(&mut *$connection)
                .await
                .map_err($crate::operator::error::storage)?;
        )+
    }};
}

pub(super) use {delete_of, insert_codes, insert_session, put_secret};
