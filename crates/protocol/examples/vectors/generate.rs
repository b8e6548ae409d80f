//! The rows of `vectors.json`. Numbers are decimal strings, so that no reader's number type cuts them.

use alloy_primitives::{Address, B256, U256, address, hex};
use offpay_protocol::{
    Domain, Signature, SigningKey, TypedData,
    cover::{BasisPoints, cover, payable_share},
    slot::paid_to_slot,
    till::{TILL_TYPEHASH, till},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{codes, conflicts, instances, refused, solidity::Twin};

pub(crate) const CONTRACT: Address = address!("0x5FbDB2315678afecb367f032d93F642f64180aa3");

pub(crate) fn domain() -> Domain {
    Domain::new(31337, CONTRACT)
}

pub(crate) fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).expect("a small number is a private key")
}

pub(crate) fn sign(digest: B256, key: &SigningKey) -> Signature {
    key.sign(digest).expect("every digest can be signed")
}

pub(crate) fn vectors() -> Value {
    json!({
        "domain": {
            "name": Domain::NAME,
            "version": Domain::VERSION,
            "chainId": domain().chain_id().to_string(),
            "verifyingContract": domain().contract().to_string(),
        },
        "domainSeparator": domain().separator(),
        "messages": instances::messages(),
        "refused": refused::signatures(),
        "tillTypehash": TILL_TYPEHASH,
        "tills": tills(),
        "slots": slots(),
        "conflicts": conflicts::pairs(),
        "cover": covers(),
        "wire": codes::rows(),
    })
}

/// One signed message, with everything that another implementation may want to compare.
pub(crate) fn message<M: TypedData + Twin + Serialize>(message: &M, secret: u8) -> Value {
    let key = key(secret);
    let digest = message.digest(&domain());
    let signature = sign(digest, &key);
    json!({
        "type": M::NAME,
        "primaryType": M::NAME,
        "encodedType": M::TYPE,
        "types": { M::NAME: fields(M::TYPE) },
        "message": stringly(serde_json::to_value(message).expect("messages are JSON")),
        "abi": hex::encode_prefixed(message.abi_encode()),
        "structHash": message.struct_hash(),
        "digest": digest,
        "privateKey": hex::encode_prefixed(key.expose_secret()),
        "signer": key.address().to_string(),
        "signature65": hex::encode_prefixed(signature.to_bytes()),
        "signature64": hex::encode_prefixed(signature.to_compact()),
    })
}

/// `Name(type field,…)` as the `types` that viem wants.
fn fields(encoded_type: &str) -> Value {
    let (_, rest) = encoded_type
        .split_once('(')
        .expect("an encoded type has fields");
    rest.trim_end_matches(')')
        .split(',')
        .filter_map(|field| field.split_once(' '))
        .map(|(ty, name)| json!({ "name": name, "type": ty }))
        .collect()
}

fn stringly(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(values) => values.into_iter().map(stringly).collect(),
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| (name, stringly(value)))
            .collect(),
        other => other,
    }
}

fn tills() -> Value {
    let owners = [Address::repeat_byte(0x11), key(1).address()];
    let indices = [U256::ZERO, U256::from(1), U256::from(u64::MAX), U256::MAX];
    let rows = owners.into_iter().flat_map(|owner| {
        indices.into_iter().map(move |index| {
            json!({
                "owner": owner.to_string(),
                "index": index.to_string(),
                "till": till(owner.into(), index).to_string(),
            })
        })
    });
    rows.collect()
}

fn slots() -> Value {
    let pairs = [
        (Address::ZERO, Address::ZERO),
        (key(1).address(), key(2).address()),
        (key(2).address(), key(1).address()),
        (Address::repeat_byte(0xff), Address::repeat_byte(0xfe)),
    ];
    let rows = pairs.into_iter().map(|(purse, payee)| {
        json!({
            "purse": purse.to_string(),
            "payee": payee.to_string(),
            "slot": paid_to_slot(purse.into(), payee.into()),
        })
    });
    rows.collect()
}

fn covers() -> Value {
    let pledges = [
        "0",
        "1",
        "7",
        "9999",
        "100000000",
        "12345678901234567890",
        "79228162514264337593543950335",
    ];
    let penalties = [0, 1_000, 3_333, 5_000, 10_000];
    let counts = [1, 2, 7, 50, 65_534];
    let mut rows = Vec::new();
    for pledge in pledges {
        for bps in penalties {
            for count in counts {
                let pledge = pledge.parse().expect("an amount");
                let penalty = BasisPoints::new(bps).expect("at most the whole");
                rows.push(json!({
                    "pledge": pledge,
                    "penaltyBps": bps.to_string(),
                    "coverCount": count.to_string(),
                    "cover": cover(pledge, penalty, count),
                    "share": payable_share(pledge, penalty),
                }));
            }
        }
    }
    rows.into()
}
