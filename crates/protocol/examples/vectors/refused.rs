//! Signatures that nobody may take, each a small step away from a good one.

use alloy_primitives::{B256, U256, hex, keccak256, uint};
use serde_json::{Value, json};

use super::generate::{key, sign};

const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

pub(crate) fn signatures() -> Value {
    let digest = keccak256("refused");
    let good = sign(digest, &key(1));
    let bytes = good.to_bytes();
    let (r, s, v) = (word(&bytes[..32]), word(&bytes[32..64]), bytes[64]);
    let other = if v == 27 { 28 } else { 27 };
    let with_v = |v| long(r, s, v);
    let row = |why: &str, signature: Vec<u8>| row(why, digest, &signature);
    let rows = [
        row(
            "high s, the other recovery byte: valid ECDSA, malleable",
            long(r, ORDER - s, other),
        ),
        row("lowest high s", long(r, (ORDER >> 1) + U256::from(1), 27)),
        row(
            "lowest high s, 64 bytes",
            compact(r, (ORDER >> 1) + U256::from(1)),
        ),
        row("recovery byte 0", with_v(0)),
        row("recovery byte 1", with_v(1)),
        row("recovery byte 26", with_v(26)),
        row("recovery byte 29", with_v(29)),
        row("recovery byte 255", with_v(255)),
        row("zero r", long(U256::ZERO, s, v)),
        row("zero s", long(r, U256::ZERO, v)),
        row("zero s, 64 bytes", compact(r, U256::ZERO)),
        row("all zeros", vec![0; 65]),
        row("all zeros, 64 bytes", vec![0; 64]),
        row("r equal to the order", long(ORDER, s, v)),
        row("r above the order", long(U256::MAX, s, v)),
        row("s equal to the order", long(r, ORDER, v)),
        row("r is the x of no point", long(U256::from(5), s, v)),
        row(
            "r is the x of no point, 64 bytes",
            compact(U256::from(5), s),
        ),
        row("empty", Vec::new()),
        row("63 bytes", good.to_compact()[..63].to_vec()),
        row("66 bytes", [bytes.as_slice(), &[0]].concat()),
    ];
    rows.to_vec().into()
}

fn row(why: &str, digest: B256, signature: &[u8]) -> Value {
    json!({ "why": why, "digest": digest, "signature": hex::encode_prefixed(signature) })
}

fn word(bytes: &[u8]) -> U256 {
    U256::from_be_slice(bytes)
}

fn compact(r: U256, s: U256) -> Vec<u8> {
    [r.to_be_bytes::<32>(), s.to_be_bytes::<32>()].concat()
}

fn long(r: U256, s: U256, v: u8) -> Vec<u8> {
    [compact(r, s), vec![v]].concat()
}
