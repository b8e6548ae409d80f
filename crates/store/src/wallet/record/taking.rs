//! Requests, and what was paid for them.

use offpay_protocol::PaymentId;
use offpay_wallet::{
    records::{Evidence, IssuedRequest, ReceivedPayment, SignedReceipt},
    storage::StorageError,
};
use rusqlite::{Transaction, params};

use super::run;
use crate::wallet::{error::inconsistent, json::to_json, load::one};

pub(in crate::wallet) fn record_request(
    t: &Transaction<'_>,
    request: &IssuedRequest,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT OR REPLACE INTO requests (reference, number, record) VALUES (?1, ?2, ?3)",
        params![
            request.reference.to_string(),
            request.number,
            to_json(request)?
        ],
    )
    .map(drop)
}

pub(super) fn withdraw_request(t: &Transaction<'_>, reference: &str) -> Result<(), StorageError> {
    let sql = "SELECT record FROM requests WHERE reference = ?1";
    match one::<IssuedRequest>(t, sql, reference)? {
        None => Ok(()),
        Some(request) => record_request(
            t,
            &IssuedRequest {
                withdrawn: true,
                ..request
            },
        ),
    }
}

pub(in crate::wallet) fn record_accepted(
    t: &Transaction<'_>,
    received: &ReceivedPayment,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT INTO payments_received (payment, number, purse, record) VALUES (?1, ?2, ?3, ?4)",
        params![
            received.id.to_string(),
            received.number,
            received.purse.to_string(),
            to_json(received)?
        ],
    )
    .map(drop)
}

pub(super) fn give_receipt(
    t: &Transaction<'_>,
    id: PaymentId,
    receipt: &SignedReceipt,
) -> Result<(), StorageError> {
    let key = id.to_string();
    let sql = "SELECT record FROM payments_received WHERE payment = ?1";
    let received: Option<ReceivedPayment> = one(t, sql, &key)?;
    let mut received = received.ok_or(inconsistent("a receipt is for a payment that is stored"))?;
    received.receipt = Some(*receipt);
    let sql = "UPDATE payments_received SET record = ?2 WHERE payment = ?1";
    run(t, sql, [key, to_json(&received)?]).map(drop)
}

pub(in crate::wallet) fn record_evidence(
    t: &Transaction<'_>,
    evidence: &Evidence,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT INTO evidence (record) VALUES (?1)",
        [to_json(evidence)?],
    )
    .map(drop)
}
