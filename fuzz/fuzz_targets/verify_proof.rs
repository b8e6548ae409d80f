//! Any header and any nodes: checking them never panics. Hashes are made to fit, so that what lies behind them is reached.
#![no_main]

use alloy_primitives::{Address, B256, keccak256};
use libfuzzer_sys::fuzz_target;
use offpay_protocol::{
    AccountId, PurseKey,
    proof::{SlotProof, check_header},
};

const CONTRACT: Address = Address::repeat_byte(0xff);

fuzz_target!(|bytes: &[u8]| {
    let _ = check_header(bytes, keccak256(bytes));
    let nodes = nodes(bytes);
    let Some(first) = nodes.first() else { return };
    let root = keccak256(first);
    let (purse, payee) = (PurseKey::new([1; 20].into()), AccountId::new([0xaa; 20].into()));
    let nodes: Vec<_> = nodes.iter().map(|node| node.to_vec().into()).collect();

    let accounts = SlotProof { account_proof: nodes.clone(), storage_proof: Vec::new() };
    let _ = accounts.paid_to(root, CONTRACT, purse, payee);

    let leaf = account_leaf(root);
    let slots = SlotProof { account_proof: vec![leaf.clone().into()], storage_proof: nodes };
    let _ = slots.paid_to(keccak256(&leaf), CONTRACT, purse, payee);
});

/// Nodes as the input lists them, each behind its length in two bytes.
fn nodes(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut nodes = Vec::new();
    while let [high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (node, behind) = rest.split_at(length);
        nodes.push(node);
        bytes = behind;
    }
    nodes
}

/// A state of one account, the contract's, with this storage.
fn account_leaf(storage_root: B256) -> Vec<u8> {
    let mut account = vec![0xf8, 68, 1, 0x80, 0xa0];
    account.extend(storage_root);
    account.push(0xa0);
    account.extend([7; 32]);
    let mut leaf = vec![0xf8, 106, 0xa1, 0x20];
    leaf.extend(keccak256(CONTRACT));
    leaf.extend([0xb8, 70]);
    leaf.extend(account);
    leaf
}
