//! Requests that hosted payees made.

use offpay_operator::{
    UserId,
    hosted::{RequestId, StoredRequest},
    storage::{RequestStorage, StorageError},
};
use offpay_protocol::{AccountId, Nonce, Reference, Signature, messages::Request};
use sqlx::Row as _;

use super::{
    Database, columns,
    error::{storage, unreadable},
    read, write,
};

macro_rules! request {
    ($row:expr) => {{
        let row = $row;
        let text = |name: &str| row.try_get::<String, _>(name).map_err(storage);
        let number = |name: &str| row.try_get::<i64, _>(name).map_err(storage);
        let bytes = |name: &str| row.try_get::<Vec<u8>, _>(name).map_err(storage);
        let signature: [u8; 64] = columns::read_bytes(&bytes("signature")?)?;
        Ok::<_, StorageError>(StoredRequest {
            id: text("id")?.parse().map_err(unreadable)?,
            user: text("user_id")?.parse().map_err(unreadable)?,
            request: Request {
                payee: AccountId::new(columns::read_bytes::<20>(&bytes("payee")?)?.into()),
                amount: columns::read_amount(&text("amount")?)?,
                nonce: Nonce::new(columns::read_bytes::<32>(&bytes("nonce")?)?.into()),
                expires_at: columns::read_time(number("expires_at")?)?,
                name: text("name")?,
                memo: text("memo")?,
            },
            reference: Reference::new(columns::read_bytes::<32>(&bytes("reference")?)?.into()),
            signature: Signature::from_compact(signature).map_err(unreadable)?,
            created_at: columns::read_time(number("created_at")?)?,
        })
    }};
}

/// Fetches requests by a statement's tail and its parameters.
macro_rules! fetch {
    ($database:expr, $tail:literal $(, $parameter:expr)*) => {
        read!($database, |pool| {
            let rows = sqlx::query(concat!("SELECT * FROM payment_requests ", $tail))
                $(.bind($parameter))*
                .fetch_all(pool)
                .await
                .map_err(storage)?;
            rows.iter().map(|row| request!(row)).collect::<Result<Vec<StoredRequest>, StorageError>>()
        })
    };
}

impl RequestStorage for Database {
    async fn record_request(&self, stored: &StoredRequest) -> Result<(), StorageError> {
        let request = &stored.request;
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO payment_requests (id, user_id, payee, amount, nonce, expires_at, name, memo, reference, \
                 signature, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(stored.id.to_string())
            .bind(stored.user.to_string())
            .bind(request.payee.address().to_vec())
            .bind(columns::amount(request.amount))
            .bind(request.nonce.bytes().to_vec())
            .bind(columns::time(request.expires_at))
            .bind(&request.name)
            .bind(&request.memo)
            .bind(stored.reference.bytes().to_vec())
            .bind(stored.signature.to_compact().to_vec())
            .bind(columns::time(stored.created_at))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })
    }

    async fn request(&self, id: RequestId) -> Result<Option<StoredRequest>, StorageError> {
        let found = fetch!(self, "WHERE id = $1", id.to_string())?;
        Ok(found.into_iter().next())
    }

    async fn request_of_reference(
        &self,
        reference: Reference,
    ) -> Result<Option<StoredRequest>, StorageError> {
        let found = fetch!(self, "WHERE reference = $1", reference.bytes().to_vec())?;
        Ok(found.into_iter().next())
    }

    async fn requests(
        &self,
        user: UserId,
        before: Option<RequestId>,
        limit: u32,
    ) -> Result<Vec<StoredRequest>, StorageError> {
        fetch!(
            self,
            "WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            user.to_string(),
            before.map_or_else(|| "g".to_owned(), |id| id.to_string()),
            i64::from(limit)
        )
    }
}
