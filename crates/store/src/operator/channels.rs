//! Channels of hosted users.

mod rows;
mod write;

use offpay_operator::{
    UserId,
    event::NewEvent,
    hosted::{
        ChannelChange, ChannelOffer, ChannelPayment, EndBefore, HostedChannel, NewChannel,
        NewOperation, NewVoucher, Operation, SignedClose,
    },
    ledger::channel::{Noted, vouched},
    outbox::NewTransaction,
    storage::{HostedChannelStorage, StorageError},
    watch::Watched,
};
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, PaymentId, Timestamp, channel::Side,
};

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    ledger::enter,
    operations::{insert_operation, started},
    read,
    watch::put_watched,
    write,
};
use rows::{EndRow, PaymentRow, channel_end, payment, text};

const END: &str = "SELECT number, channel, side, user_id, terms, operation, sent_voucher, received_voucher, close, \
    close_until, created_at FROM hosted_channels WHERE ";
const PAYMENT: &str =
    "SELECT number, id, voucher, payer, amount, memo, created_at FROM channel_payments WHERE ";

impl HostedChannelStorage for Database {
    async fn record_channel_offer(
        &self,
        offer: &ChannelOffer,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO channel_offers (key, user_id, account, created_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(offer.key.address().to_vec())
            .bind(offer.user.to_string())
            .bind(offer.account.address().to_vec())
            .bind(columns::time(now))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            tx.append_events(events, now).await?;
        })
    }

    async fn channel_offer(&self, key: ChannelKey) -> Result<Option<ChannelOffer>, StorageError> {
        let row: Option<(String, Vec<u8>, Option<Vec<u8>>)> = read!(self, |pool| sqlx::query_as(
            "SELECT user_id, account, channel FROM channel_offers WHERE key = $1"
        )
        .bind(key.address().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        let Some((user, account, channel)) = row else {
            return Ok(None);
        };
        Ok(Some(ChannelOffer {
            key,
            user: user.parse().map_err(unreadable)?,
            account: AccountId::new(columns::read_bytes::<20>(&account)?.into()),
            used_by: channel
                .map(|id| columns::read_bytes::<32>(&id).map(|id| ChannelId::new(id.into())))
                .transpose()?,
        }))
    }

    async fn open_channel_offers(&self, user: UserId) -> Result<u64, StorageError> {
        let count: i64 = read!(self, |pool| sqlx::query_scalar(
            "SELECT COUNT(*) FROM channel_offers WHERE user_id = $1 AND channel IS NULL"
        )
        .bind(user.to_string())
        .fetch_one(pool)
        .await)
        .map_err(storage)?;
        u64::try_from(count).map_err(unreadable)
    }

    async fn start_channel_operation(
        &self,
        operation: &NewOperation,
        transaction: &NewTransaction,
        change: &ChannelChange,
        now: Timestamp,
    ) -> Result<Option<Operation>, StorageError> {
        let number: Option<i64> = write!(self, |tx| {
            let fits = match change {
                ChannelChange::Open(ends) => {
                    let mut fits = true;
                    for end in ends {
                        fits = fits && write::fits!(tx, end);
                    }
                    if fits {
                        for end in ends {
                            write::insert_end!(tx, end, now);
                        }
                    }
                    fits
                }
                ChannelChange::Close { close, ends } => {
                    let mut fits = true;
                    for end in ends {
                        fits = fits && write::unchanged!(tx, close.close.channel, end);
                    }
                    if fits {
                        for end in ends {
                            write::put_close!(tx, close, end.side, end);
                        }
                    }
                    fits
                }
            };
            if fits {
                Some(insert_operation!(tx, operation, transaction, now))
            } else {
                None
            }
        })?;
        Ok(number.map(|number| started(operation, number, now)))
    }

    async fn join_channel(
        &self,
        end: &NewChannel,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let joined = write::fits!(tx, end);
            if joined {
                write::insert_end!(tx, end, now);
                tx.append_events(events, now).await?;
            }
            joined
        })
    }

    async fn channel_ends(&self, channel: ChannelId) -> Result<Vec<HostedChannel>, StorageError> {
        let rows: Vec<EndRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{END}channel = $1 ORDER BY side"
        )))
        .bind(channel.bytes().to_vec())
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(channel_end).collect()
    }

    async fn hosted_channels(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<HostedChannel>, StorageError> {
        let rows: Vec<EndRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{END}user_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
        )))
        .bind(user.to_string())
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(channel_end).collect()
    }

    async fn record_voucher(&self, new: &NewVoucher, now: Timestamp) -> Result<bool, StorageError> {
        let voucher = new.voucher.message;
        let mut watched = Watched {
            channel: voucher.channel,
            terms: new.terms,
            by_a: None,
            by_b: None,
        };
        match new.payer {
            Side::A => watched.by_a = Some(new.voucher),
            Side::B => watched.by_b = Some(new.voucher),
        }
        let noted = vouched(voucher.channel, new.payer, new.amount);
        write!(self, |tx| {
            let mut fits = true;
            for end in &new.ends {
                fits = fits && write::unchanged!(tx, voucher.channel, end);
            }
            if fits {
                for end in &new.ends {
                    write::put_voucher!(tx, new, end);
                }
                write::insert_payment!(tx, new, now);
                if let Some(movement) = &noted {
                    enter!(tx, format!("voucher/{}", new.id), movement, now);
                }
                put_watched!(tx, &watched, now);
                tx.append_events(&new.events, now).await?;
            }
            fits
        })
    }

    async fn channel_payment_once(
        &self,
        once: [u8; 32],
    ) -> Result<Option<ChannelPayment>, StorageError> {
        let row: Option<PaymentRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!("{PAYMENT}once = $1")
        ))
        .bind(once.to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(payment).transpose()
    }

    async fn channel_payment(&self, id: PaymentId) -> Result<Option<ChannelPayment>, StorageError> {
        let row: Option<PaymentRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!("{PAYMENT}id = $1")
        ))
        .bind(id.bytes().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(payment).transpose()
    }

    async fn channel_payments(
        &self,
        channel: ChannelId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ChannelPayment>, StorageError> {
        let rows: Vec<PaymentRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!("{PAYMENT}channel = $1 AND number < $2 ORDER BY number DESC LIMIT $3")
        ))
        .bind(channel.bytes().to_vec())
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(payment).collect()
    }

    async fn record_close(
        &self,
        close: &SignedClose,
        side: Side,
        before: &EndBefore,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let fits = write::unchanged!(tx, close.close.channel, before);
            if fits {
                write::put_close!(tx, close, side, before);
                tx.append_events(events, now).await?;
            }
            fits
        })
    }

    async fn channels_noted(
        &self,
        channels: &[ChannelId],
    ) -> Result<Vec<(ChannelId, Noted)>, StorageError> {
        let mut found = Vec::new();
        for id in channels {
            let ends = self.channel_ends(*id).await?;
            let Some(first) = ends.first() else { continue };
            let of = |side| {
                let newest = ends.iter().filter_map(|end| end.newest(side));
                let newest = newest.map(|voucher| voucher.message.cumulative);
                newest.max().unwrap_or(Amount::ZERO)
            };
            let noted = Noted {
                from_a: of(Side::A),
                from_b: of(Side::B),
                one_way: first.made.terms.is_one_way(),
            };
            found.push((*id, noted));
        }
        Ok(found)
    }
}
