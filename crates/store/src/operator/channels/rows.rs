//! Rows as they are read.

use offpay_operator::{
    hosted::{ChannelPayment, HostedChannel, NewChannel},
    storage::StorageError,
};
use offpay_protocol::{ChannelId, PaymentId, channel::Side};
use serde::de::DeserializeOwned;

use crate::operator::{columns, error::unreadable};

#[derive(sqlx::FromRow)]
pub(super) struct EndRow {
    number: i64,
    channel: Vec<u8>,
    side: String,
    user_id: String,
    terms: String,
    operation: Option<String>,
    sent_voucher: Option<String>,
    received_voucher: Option<String>,
    close: Option<String>,
    close_until: Option<i64>,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct PaymentRow {
    number: i64,
    id: Vec<u8>,
    voucher: String,
    payer: String,
    amount: String,
    memo: String,
    created_at: i64,
}

/// What is stored as JSON.
pub(super) fn text(value: &impl serde::Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(unreadable)
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(unreadable)
}

fn optional<T: DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, StorageError> {
    text.map(json).transpose()
}

fn side(name: &str) -> Result<Side, StorageError> {
    Side::named(name).ok_or_else(|| unreadable("a side that is none"))
}

pub(super) fn channel_end(row: EndRow) -> Result<HostedChannel, StorageError> {
    Ok(HostedChannel {
        number: row.number,
        made: NewChannel {
            channel: ChannelId::new(columns::read_bytes::<32>(&row.channel)?.into()),
            side: side(&row.side)?,
            user: row.user_id.parse().map_err(unreadable)?,
            terms: json(&row.terms)?,
            operation: row
                .operation
                .map(|id| id.parse().map_err(unreadable))
                .transpose()?,
        },
        sent: optional(row.sent_voucher.as_deref())?,
        received: optional(row.received_voucher.as_deref())?,
        close: optional(row.close.as_deref())?,
        close_until: row.close_until.map(columns::read_time).transpose()?,
        created_at: columns::read_time(row.created_at)?,
    })
}

pub(super) fn payment(row: PaymentRow) -> Result<ChannelPayment, StorageError> {
    Ok(ChannelPayment {
        number: row.number,
        id: PaymentId::new(columns::read_bytes::<32>(&row.id)?.into()),
        voucher: json(&row.voucher)?,
        payer: side(&row.payer)?,
        amount: columns::read_amount(&row.amount)?,
        memo: row.memo,
        created_at: columns::read_time(row.created_at)?,
    })
}
