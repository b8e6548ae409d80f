use offpay_operator::{
    identity::guessing::{Guess, Guesses, guess},
    storage::{StorageError, identity::GuessStorage},
};
use offpay_protocol::Timestamp;

use crate::operator::{
    Database,
    columns::{read_time, time},
    error::{storage, unreadable},
    write,
};

impl GuessStorage for Database {
    async fn count_guess(&self, subject: &str, now: Timestamp) -> Result<Guess, StorageError> {
        write!(self, |tx| {
            let row: Option<(i64, i64)> =
                sqlx::query_as("SELECT count, last_at FROM guesses WHERE subject = $1")
                    .bind(subject)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(storage)?;
            let so_far = match row {
                Some((count, last_at)) => Some(Guesses {
                    count: u32::try_from(count).map_err(unreadable)?,
                    last_at: read_time(last_at)?,
                }),
                None => None,
            };
            let decided = guess(so_far, now);
            if let Guess::Check(guesses) = decided {
                sqlx::query(
                    "INSERT INTO guesses (subject, count, last_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (subject) DO UPDATE SET count = excluded.count, last_at = excluded.last_at",
                )
                .bind(subject)
                .bind(i64::from(guesses.count))
                .bind(time(guesses.last_at))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            }
            decided
        })
    }

    async fn forget_guesses(&self, subject: &str) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query("DELETE FROM guesses WHERE subject = $1")
                .bind(subject)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
        })
    }

    async fn use_nonce(&self, nonce: &str, expires_at: Timestamp) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO used_nonces (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING",
            )
            .bind(nonce)
            .bind(time(expires_at))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
                > 0
        })
    }
}
