//! A block's header, put together again from what a node says of it, and checked by its hash.

use alloy_primitives::{B256, Bytes};
use alloy_rlp::{Encodable as _, Header};
use offpay_protocol::proof::{ProvenHeader, check_header};
use serde_json::Value;

use crate::Failure;

/// Fields in the order of the header; quantities lose their leading zeros.
const FIELDS: [(&str, bool); 21] = [
    ("parentHash", false),
    ("sha3Uncles", false),
    ("miner", false),
    ("stateRoot", false),
    ("transactionsRoot", false),
    ("receiptsRoot", false),
    ("logsBloom", false),
    ("difficulty", true),
    ("number", true),
    ("gasLimit", true),
    ("gasUsed", true),
    ("timestamp", true),
    ("extraData", false),
    ("mixHash", false),
    ("nonce", false),
    ("baseFeePerGas", true),
    ("withdrawalsRoot", false),
    ("blobGasUsed", true),
    ("excessBlobGas", true),
    ("parentBeaconBlockRoot", false),
    ("requestsHash", false),
];

/// The header of a block as `eth_getBlockByNumber` tells it: its bytes, and what they prove.
pub(super) fn proven(block: &Value) -> Result<(Bytes, ProvenHeader), Failure> {
    let hash: B256 = field(block, "hash")
        .and_then(|hash| hash.parse().ok())
        .ok_or_else(|| Failure::answer("a block without a hash"))?;
    let mut payload = Vec::new();
    for (name, is_quantity) in FIELDS {
        // Forks added fields at the end: a block has the first so many.
        let Some(value) = field(block, name) else {
            break;
        };
        let bytes = bytes(value).ok_or_else(|| Failure::answer(name))?;
        let bytes = bytes.as_slice();
        let start = if is_quantity {
            bytes
                .iter()
                .position(|byte| *byte != 0)
                .unwrap_or(bytes.len())
        } else {
            0
        };
        bytes.get(start..).unwrap_or_default().encode(&mut payload);
    }
    let mut rlp = Vec::new();
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut rlp);
    rlp.extend(payload);
    let header = check_header(&rlp, hash).map_err(Failure::answer)?;
    Ok((rlp.into(), header))
}

fn field<'a>(block: &'a Value, name: &str) -> Option<&'a str> {
    block.get(name)?.as_str()
}

/// Hex with an odd number of digits is a quantity.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.strip_prefix("0x")?;
    let even = if digits.len().is_multiple_of(2) {
        digits.to_owned()
    } else {
        format!("0{digits}")
    };
    alloy_primitives::hex::decode(even).ok()
}
