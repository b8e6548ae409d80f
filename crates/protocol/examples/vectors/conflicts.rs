//! Pairs of payments of one device key, and whether they prove a double spend.

use alloy_primitives::{Address, B256, hex};
use offpay_protocol::{
    Amount, TypedData,
    conflict::{Conflict, conflict},
    messages::Payment,
};
use serde_json::{Value, json};

use super::{
    generate::{domain, key, sign},
    solidity::Twin,
};

const DEVICE: u8 = 1;

fn pay(payee: u8, start: u128, amount: u128, cumulative: u128) -> Payment {
    let units = |units| Amount::new(units).expect("a uint96");
    Payment {
        payee: Address::repeat_byte(payee).into(),
        start: units(start),
        amount: units(amount),
        cumulative: units(cumulative),
        reference: B256::ZERO.into(),
    }
}

pub(crate) fn pairs() -> Value {
    let max = Amount::MAX.get();
    let first = pay(1, 0, 10, 10);
    let renamed = Payment {
        reference: B256::repeat_byte(1).into(),
        ..first
    };
    let rows = [
        row("the same payment twice", first, first),
        row("the same fields for another reference", first, renamed),
        row("one serial shared", first, pay(2, 9, 5, 5)),
        row(
            "one range inside the other",
            pay(1, 0, 100, 100),
            pay(2, 40, 1, 1),
        ),
        row("neighbouring serials", first, pay(2, 10, 5, 5)),
        row(
            "one payee, promises follow each other",
            first,
            pay(1, 10, 5, 15),
        ),
        row("one payee, promises leave a gap", first, pay(1, 30, 5, 20)),
        row(
            "one payee, promises overlap by one",
            first,
            pay(1, 10, 5, 14),
        ),
        row("one payee, the same promise", first, pay(1, 10, 10, 10)),
        row(
            "one payee, rule three does not apply",
            pay(1, 10, 10, 20),
            pay(1, 0, 10, 10),
        ),
        row(
            "two payees, promised exactly what was handed out",
            first,
            pay(2, 20, 5, 15),
        ),
        row("two payees, promised one more", first, pay(2, 20, 5, 16)),
        row(
            "the last serial",
            pay(1, 0, max, max),
            pay(2, max - 1, 1, 1),
        ),
        row(
            "beyond the last serial, apart",
            pay(1, 0, 1, 1),
            pay(2, max, 1, 1),
        ),
        row(
            "beyond the last serial, both",
            pay(1, max, max, max),
            pay(2, max, 1, 1),
        ),
        row(
            "sums beyond uint96",
            pay(1, 0, max, max),
            pay(2, max, max, max),
        ),
        row("malformed: to nobody", pay(0, 0, 10, 10), pay(2, 0, 5, 5)),
        row("malformed: pays nothing", pay(1, 0, 0, 0), pay(2, 0, 5, 5)),
        row(
            "malformed: amount above cumulative",
            pay(1, 0, 10, 9),
            pay(2, 0, 5, 5),
        ),
        row(
            "malformed: cumulative above serials",
            pay(1, 0, 10, 11),
            pay(2, 0, 5, 5),
        ),
    ];
    rows.to_vec().into()
}

fn row(why: &str, a: Payment, b: Payment) -> Value {
    let found = conflict(&a, &b);
    json!({
        "why": why,
        "a": hex::encode_prefixed(a.abi_encode()),
        "signatureA": signature(&a),
        "b": hex::encode_prefixed(b.abi_encode()),
        "signatureB": signature(&b),
        "key": key(DEVICE).address().to_string(),
        "wellFormed": a.check_form().is_ok() && b.check_form().is_ok(),
        "conflict": found.is_some(),
        "rule": match found {
            None => "none",
            Some(Conflict::SameSerial { .. }) => "i",
            Some(Conflict::SamePromise { .. }) => "ii",
            Some(Conflict::MorePromisedThanSpent { .. }) => "iii",
        },
    })
}

fn signature(payment: &Payment) -> String {
    hex::encode_prefixed(sign(payment.digest(&domain()), &key(DEVICE)).to_bytes())
}
