//! Where hosted users may withdraw to.

use offpay_operator::{
    UserId,
    event::NewEvent,
    storage::{AddressStorage, StorageError, WithdrawalAddress},
};
use offpay_protocol::{AccountId, Timestamp};

use super::{Database, columns, connect::Connection as _, error::storage, read, write};

type Row = (Vec<u8>, String, i64, i64, Option<i64>);

const ADDRESSES: &str = "SELECT address, label, added_at, usable_at, confirmed_at FROM withdrawal_addresses \
    WHERE user_id = $1 ORDER BY added_at, address LIMIT 1000";

fn address(
    (address, label, added_at, usable_at, confirmed_at): Row,
) -> Result<WithdrawalAddress, StorageError> {
    Ok(WithdrawalAddress {
        address: AccountId::new(columns::read_bytes::<20>(&address)?.into()),
        label,
        added_at: columns::read_time(added_at)?,
        usable_at: columns::read_time(usable_at)?,
        confirmed_at: confirmed_at.map(columns::read_time).transpose()?,
    })
}

impl AddressStorage for Database {
    async fn add_address(
        &self,
        user: UserId,
        new: &WithdrawalAddress,
        events: &[NewEvent],
    ) -> Result<WithdrawalAddress, StorageError> {
        let row: Row = write!(self, |tx| {
            let added = sqlx::query(
                "INSERT INTO withdrawal_addresses (user_id, address, label, added_at, usable_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, address) DO NOTHING",
            )
            .bind(user.to_string())
            .bind(new.address.address().to_vec())
            .bind(&new.label)
            .bind(columns::time(new.added_at))
            .bind(columns::time(new.usable_at))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            let row = sqlx::query_as(
                "SELECT address, label, added_at, usable_at, confirmed_at FROM withdrawal_addresses \
                 WHERE user_id = $1 AND address = $2",
            )
            .bind(user.to_string())
            .bind(new.address.address().to_vec())
            .fetch_one(&mut *tx)
            .await
            .map_err(storage)?;
            if added == 1 {
                tx.append_events(events, new.added_at).await?;
            }
            row
        })?;
        address(row)
    }

    async fn confirm_address(
        &self,
        user: UserId,
        confirmed: AccountId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "UPDATE withdrawal_addresses SET confirmed_at = $1 \
                 WHERE user_id = $2 AND address = $3 AND confirmed_at IS NULL",
            )
            .bind(columns::time(now))
            .bind(user.to_string())
            .bind(confirmed.address().to_vec())
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            if changed == 1 {
                tx.append_events(events, now).await?;
            }
        })
    }

    async fn remove_address(&self, user: UserId, gone: AccountId) -> Result<bool, StorageError> {
        write!(self, |tx| {
            sqlx::query("DELETE FROM withdrawal_addresses WHERE user_id = $1 AND address = $2")
                .bind(user.to_string())
                .bind(gone.address().to_vec())
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                == 1
        })
    }

    async fn addresses(&self, user: UserId) -> Result<Vec<WithdrawalAddress>, StorageError> {
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(ADDRESSES)
            .bind(user.to_string())
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(address).collect()
    }
}
