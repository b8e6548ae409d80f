//! Questions to a node, and its answers.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use serde_json::{Value, json};

use crate::Failure;

/// A view at a block: a tag, or the hash of a finalized one.
pub(super) fn view<C: SolCall>(to: Address, call: &C, block: &Value) -> Value {
    let data = Bytes::from(call.abi_encode());
    json!({ "method": "eth_call", "params": [{ "to": to, "data": data }, block] })
}

/// What a view returned.
pub(super) fn read<C: SolCall>(result: Option<&Value>) -> Result<C::Return, Failure> {
    let text = result
        .and_then(Value::as_str)
        .ok_or_else(|| Failure::answer("nothing"))?;
    let bytes: Bytes = text.parse().map_err(Failure::answer)?;
    C::abi_decode_returns_validate(&bytes).map_err(Failure::answer)
}

/// Names a block by its hash (EIP-1898).
pub(super) fn at_hash(hash: alloy_primitives::B256) -> Value {
    json!({ "blockHash": hash })
}
