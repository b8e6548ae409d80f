//! Channels and the vouchers in them.

use offpay_wallet::{
    records::{Channel, VoucherDirection, VoucherNote},
    storage::StorageError,
    use_case::VoucherRecord,
};
use rusqlite::{Transaction, params};

use super::run;
use crate::wallet::{
    error::inconsistent,
    json::{sortable, to_json},
    load::one,
};

pub(in crate::wallet) fn add_channel(
    t: &Transaction<'_>,
    channel: &Channel,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT INTO channels (channel, sent, received, record) VALUES (?1, ?2, ?3, ?4)",
        params![
            channel.id.to_string(),
            sortable(channel.sent),
            sortable(channel.received),
            to_json(channel)?
        ],
    )
    .map(drop)
}

pub(super) fn update_channel(t: &Transaction<'_>, channel: &Channel) -> Result<(), StorageError> {
    let changed = run(
        t,
        "UPDATE channels SET record = ?4 WHERE channel = ?1 AND sent = ?2 AND received = ?3",
        params![
            channel.id.to_string(),
            sortable(channel.sent),
            sortable(channel.received),
            to_json(channel)?
        ],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(inconsistent(
            "only vouchers move what was sent and received",
        ))
    }
}

pub(super) fn record_voucher(
    t: &Transaction<'_>,
    record: &VoucherRecord,
    direction: VoucherDirection,
) -> Result<(), StorageError> {
    let key = record.channel.to_string();
    let sql = "SELECT record FROM channels WHERE channel = ?1";
    let channel: Option<Channel> = one(t, sql, &key)?;
    let mut channel = channel.ok_or(inconsistent("a channel is added before it is used"))?;
    let (reached, newest) = match direction {
        VoucherDirection::Sent => (&mut channel.sent, &mut channel.newest_sent),
        VoucherDirection::Received => (&mut channel.received, &mut channel.newest_received),
    };
    let cumulative = record.voucher.voucher.cumulative;
    if *reached != record.before || cumulative <= *reached {
        return Err(inconsistent("a voucher follows the newest one"));
    }
    *reached = cumulative;
    *newest = Some(record.voucher);
    run(
        t,
        "UPDATE channels SET sent = ?2, received = ?3, record = ?4 WHERE channel = ?1",
        params![
            key,
            sortable(channel.sent),
            sortable(channel.received),
            to_json(&channel)?
        ],
    )?;
    insert_note(t, &record.note)
}

pub(in crate::wallet) fn insert_note(
    t: &Transaction<'_>,
    note: &VoucherNote,
) -> Result<(), StorageError> {
    let key = note.channel.to_string();
    run(
        t,
        "INSERT INTO vouchers (channel, record) VALUES (?1, ?2)",
        [key, to_json(note)?],
    )
    .map(drop)
}
