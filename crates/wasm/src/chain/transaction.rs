//! Transactions of the owner's account (EIP-1559), for who has gas money and no operator.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use offpay_protocol::SigningKey;

use crate::{Failure, command::UnsignedTransaction};

const EIP_1559: u8 = 2;

/// Signs it: what `eth_sendRawTransaction` takes, and its hash.
pub(super) fn sign(
    transaction: &UnsignedTransaction,
    chain: u64,
    key: &SigningKey,
) -> Result<(Bytes, B256), Failure> {
    let fields = fields(transaction, chain);
    let digest = keccak256(envelope(&fields));
    let signature = key.sign(digest).map_err(Failure::malformed)?.to_bytes();
    let [rs @ .., v] = &signature;
    let (r, s) = rs.split_at(32);
    let mut signed = fields;
    (v.saturating_sub(27)).encode(&mut signed);
    U256::from_be_slice(r).encode(&mut signed);
    U256::from_be_slice(s).encode(&mut signed);
    let raw = envelope(&signed);
    let hash = keccak256(&raw);
    Ok((raw.into(), hash))
}

fn fields(transaction: &UnsignedTransaction, chain: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let parts: [&dyn Encodable; 8] = [
        &chain,
        &transaction.nonce,
        &transaction.tip,
        &transaction.max_fee,
        &transaction.gas,
        &transaction.to,
        &0u8,
        &transaction.data,
    ];
    for part in parts {
        part.encode(&mut out);
    }
    Header {
        list: true,
        payload_length: 0,
    }
    .encode(&mut out);
    out
}

fn envelope(payload: &[u8]) -> Vec<u8> {
    let mut out = vec![EIP_1559];
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut out);
    out.extend(payload);
    out
}

/// The digest of an EIP-2612 permit under the token's own domain separator.
pub(super) fn permit_digest(
    separator: B256,
    owner: Address,
    spender: Address,
    value: U256,
    nonce: U256,
    deadline: U256,
) -> B256 {
    let type_hash = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
    );
    let mut words = Vec::with_capacity(6 * 32);
    words.extend(type_hash);
    words.extend(owner.into_word());
    words.extend(spender.into_word());
    for number in [value, nonce, deadline] {
        words.extend(number.to_be_bytes::<32>());
    }
    let mut signed = vec![0x19, 0x01];
    signed.extend(separator);
    signed.extend(keccak256(words));
    keccak256(signed)
}
