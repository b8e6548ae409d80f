//! Own purses and the payments made out of them.

use offpay_protocol::PaymentId;
use offpay_wallet::{
    records::{MadePayment, OwnPurse, SignedReceipt},
    storage::StorageError,
};
use rusqlite::{Transaction, params};

use super::run;
use crate::wallet::{
    error::inconsistent,
    json::{sortable, to_json},
    load::one,
};

pub(super) fn prepare_purse(t: &Transaction<'_>, purse: &OwnPurse) -> Result<(), StorageError> {
    if !purse.next_serial.is_zero() {
        return Err(inconsistent("a device key is used for one purse"));
    }
    let key = purse.key.to_string();
    run(
        t,
        "INSERT INTO purses (purse, next_serial, record) VALUES (?1, ?2, ?3)",
        params![key, sortable(purse.next_serial), to_json(purse)?],
    )
    .map(drop)
}

pub(super) fn update_purse(t: &Transaction<'_>, purse: &OwnPurse) -> Result<(), StorageError> {
    let key = purse.key.to_string();
    let known: Option<OwnPurse> = one(t, "SELECT record FROM purses WHERE purse = ?1", &key)?;
    let known = known.ok_or(inconsistent("a purse is prepared before it is used"))?;
    if known.next_serial != purse.next_serial || known.sealed != purse.sealed {
        return Err(inconsistent("only a payment moves a purse's serials"));
    }
    run(
        t,
        "UPDATE purses SET record = ?2 WHERE purse = ?1",
        [key, to_json(purse)?],
    )
    .map(drop)
}

pub(super) fn record_payment(t: &Transaction<'_>, made: &MadePayment) -> Result<(), StorageError> {
    let key = made.purse.to_string();
    let serials = made
        .payment
        .serials()
        .ok_or(inconsistent("a payment pays something"))?;
    let purse: Option<OwnPurse> = one(t, "SELECT record FROM purses WHERE purse = ?1", &key)?;
    let mut purse = purse.ok_or(inconsistent("a purse is prepared before it is used"))?;
    purse.next_serial = serials.end();
    let moved = run(
        t,
        "UPDATE purses SET next_serial = ?3, record = ?4 WHERE purse = ?1 AND next_serial = ?2",
        params![
            key,
            sortable(serials.start()),
            sortable(serials.end()),
            to_json(&purse)?
        ],
    )?;
    if moved != 1 {
        return Err(inconsistent("a serial is handed out once"));
    }
    insert_made(t, made)
}

pub(in crate::wallet) fn insert_made(
    t: &Transaction<'_>,
    made: &MadePayment,
) -> Result<(), StorageError> {
    let serials = made
        .payment
        .serials()
        .ok_or(inconsistent("a payment pays something"))?;
    run(
        t,
        "INSERT INTO payments_made (payment, number, purse, start, end_serial, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            made.id.to_string(),
            made.number,
            made.purse.to_string(),
            sortable(serials.start()),
            sortable(serials.end()),
            to_json(made)?
        ],
    )
    .map(drop)
}

pub(super) fn record_receipt(
    t: &Transaction<'_>,
    id: PaymentId,
    receipt: &SignedReceipt,
) -> Result<(), StorageError> {
    let key = id.to_string();
    let sql = "SELECT record FROM payments_made WHERE payment = ?1";
    let made: Option<MadePayment> = one(t, sql, &key)?;
    let mut made = made.ok_or(inconsistent("a receipt is for a payment that is stored"))?;
    made.receipt = Some(*receipt);
    let sql = "UPDATE payments_made SET record = ?2 WHERE payment = ?1";
    run(t, sql, [key, to_json(&made)?]).map(drop)
}
