//! Requests with idempotency keys.

use offpay_operator::storage::{
    StorageError,
    idempotency::{Begun, IdempotencyStorage, KeptAnswer, KeyedRequest},
};
use offpay_protocol::Timestamp;

use super::{Database, columns, error::storage, write};

type Row = (Vec<u8>, Option<Vec<u8>>, i64);

impl IdempotencyStorage for Database {
    async fn begin_request(
        &self,
        request: KeyedRequest,
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Begun, StorageError> {
        let (now, lease) = (columns::time(now), columns::time(lease));
        write!(self, |tx| {
            let found: Option<Row> = sqlx::query_as(
                "SELECT request, answer, expires_at FROM keyed_requests WHERE key = $1",
            )
            .bind(&request.key[..])
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            match found {
                Some((known, _, expires)) if expires > now && known != request.request => {
                    Begun::Mismatch
                }
                Some((_, Some(sealed), expires)) if expires > now => {
                    Begun::Done(KeptAnswer { sealed })
                }
                Some((_, None, expires)) if expires > now => Begun::InProgress,
                _ => {
                    sqlx::query(
                        "INSERT INTO keyed_requests (key, request, expires_at) VALUES ($1, $2, $3) \
                         ON CONFLICT (key) DO UPDATE SET request = excluded.request, answer = NULL, \
                         expires_at = excluded.expires_at",
                    )
                    .bind(&request.key[..])
                    .bind(&request.request[..])
                    .bind(lease)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                    Begun::Fresh
                }
            }
        })
    }

    async fn keep_answer(
        &self,
        request: KeyedRequest,
        answer: &KeptAnswer,
        expires: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "UPDATE keyed_requests SET answer = $1, expires_at = $2 WHERE key = $3 AND request = $4",
            )
            .bind(&answer.sealed)
            .bind(columns::time(expires))
            .bind(&request.key[..])
            .bind(&request.request[..])
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn forget_request(&self, request: KeyedRequest) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "DELETE FROM keyed_requests WHERE key = $1 AND request = $2 AND answer IS NULL",
            )
            .bind(&request.key[..])
            .bind(&request.request[..])
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn forget_old_requests(&self, now: Timestamp) -> Result<u64, StorageError> {
        write!(self, |tx| {
            sqlx::query("DELETE FROM keyed_requests WHERE expires_at <= $1")
                .bind(columns::time(now))
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
        })
    }
}
