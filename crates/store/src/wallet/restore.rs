use offpay_wallet::{records::OwnPurse, storage::StorageError, use_case::Restored};
use rusqlite::{Transaction, params};
use serde::Serialize;

use super::{
    error::failed,
    json::to_json,
    load::one,
    record::{
        add_channel, insert_made, insert_note, record_accepted, record_evidence, record_request,
        run,
    },
};

/// Adds what is not there yet. What the file has itself is newer than any backup, and stays.
pub(super) fn restore_backup(t: &Transaction<'_>, restored: &Restored) -> Result<(), StorageError> {
    for request in &restored.requests {
        if is_new(t, "requests", "reference", &request.reference)? {
            record_request(t, request)?;
        }
    }
    for received in &restored.received {
        if is_new(t, "payments_received", "payment", &received.id)? {
            record_accepted(t, received)?;
        }
    }
    for made in &restored.made {
        if is_new(t, "payments_made", "payment", &made.id)? {
            insert_made(t, made)?;
        }
    }
    for pair in &restored.pairs {
        run(
            t,
            "INSERT OR IGNORE INTO pairs (purse, payee, record) VALUES (?1, ?2, ?3)",
            params![
                pair.purse.to_string(),
                pair.payee.to_string(),
                to_json(pair)?
            ],
        )?;
    }
    for evidence in &restored.evidence {
        let known: bool = t
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM evidence WHERE record = ?1)",
                [to_json(evidence)?],
                |row| row.get(0),
            )
            .map_err(failed)?;
        if !known {
            record_evidence(t, evidence)?;
        }
    }
    restore_channels(t, restored)?;
    for purse in &restored.retired {
        retire(t, &purse.to_string())?;
    }
    for payer in &restored.payers {
        add(t, "payers (purse, record)", &payer.purse, payer)?;
    }
    for contact in &restored.contacts {
        add(t, "contacts (account, record)", &contact.account, contact)?;
    }
    for circle in &restored.circles {
        add(t, "circles (circle, record)", &circle.circle, circle)?;
    }
    Ok(())
}

fn restore_channels(t: &Transaction<'_>, restored: &Restored) -> Result<(), StorageError> {
    for channel in &restored.channels {
        if is_new(t, "channels", "channel", &channel.id)? {
            add_channel(t, channel)?;
        }
    }
    let has_vouchers: bool = t
        .query_row("SELECT EXISTS (SELECT 1 FROM vouchers)", [], |row| {
            row.get(0)
        })
        .map_err(failed)?;
    if !has_vouchers {
        for note in &restored.vouchers {
            insert_note(t, note)?;
        }
    }
    Ok(())
}

fn retire(t: &Transaction<'_>, key: &str) -> Result<(), StorageError> {
    let purse: Option<OwnPurse> = one(t, "SELECT record FROM purses WHERE purse = ?1", key)?;
    let Some(purse) = purse else {
        return Ok(());
    };
    let retired = to_json(&OwnPurse {
        retired: true,
        ..purse
    })?;
    run(
        t,
        "UPDATE purses SET record = ?2 WHERE purse = ?1",
        [key, &retired],
    )
    .map(drop)
}

fn is_new(
    t: &Transaction<'_>,
    table: &str,
    column: &str,
    key: &impl ToString,
) -> Result<bool, StorageError> {
    let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {table} WHERE {column} = ?1)");
    t.query_row(&sql, [key.to_string()], |row| row.get(0))
        .map_err(failed)
}

fn add(
    t: &Transaction<'_>,
    table: &str,
    key: &impl ToString,
    record: &impl Serialize,
) -> Result<(), StorageError> {
    let sql = format!("INSERT OR IGNORE INTO {table} VALUES (?1, ?2)");
    run(t, &sql, [key.to_string(), to_json(record)?]).map(drop)
}
