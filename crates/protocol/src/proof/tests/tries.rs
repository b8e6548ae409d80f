//! Tries of all sizes, against alloy's builder and verifier.

use std::collections::BTreeMap;

use alloy_trie::{HashBuilder, Nibbles, proof::ProofRetainer, proof::verify_proof};
use proptest::prelude::*;

use super::*;

/// The root of a trie with these leaves, and the proof for one path.
pub(super) fn prove(leaves: &BTreeMap<B256, Vec<u8>>, path: B256) -> (B256, Vec<Bytes>) {
    let retainer = ProofRetainer::new(vec![Nibbles::unpack(path)]);
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    (root, nodes.into_iter().map(|(_, node)| node).collect())
}

fn storage(slots: &BTreeMap<B256, u128>) -> BTreeMap<B256, Vec<u8>> {
    let nonzero = slots.iter().filter(|(_, value)| **value != 0);
    nonzero
        .map(|(slot, value)| (keccak256(slot), alloy_rlp::encode(value)))
        .collect()
}

fn state(contract: Address, storage_root: B256, others: u8) -> BTreeMap<B256, Vec<u8>> {
    let account = |storage_root| {
        alloy_rlp::encode(TrieAccount {
            storage_root,
            ..Default::default()
        })
    };
    let others = (0..others).map(|byte| (keccak256([byte]), account(B256::repeat_byte(byte))));
    others
        .chain([(keccak256(contract), account(storage_root))])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_slot_of_any_contract(
        slots in prop::collection::btree_map(any::<[u8; 32]>().prop_map(B256::from), any::<u128>(), 0..40),
        probe: [u8; 32], index: prop::sample::Index, present: bool, others in 0u8..40,
    ) {
        let slot = match slots.keys().nth(index.index(slots.len().max(1))) {
            Some(slot) if present => *slot,
            _ => B256::from(probe),
        };
        let contract = Address::repeat_byte(0xcc);
        let (storage_root, storage_proof) = prove(&storage(&slots), keccak256(slot));
        let (state_root, account_proof) = prove(&state(contract, storage_root, others), keccak256(contract));
        let proof = SlotProof { account_proof, storage_proof };
        let value = slots.get(&slot).copied().unwrap_or(0);
        prop_assert_eq!(proof.value(state_root, contract, slot), Ok(U256::from(value)));

        let expected = (value != 0).then(|| alloy_rlp::encode(value));
        let path = Nibbles::unpack(keccak256(slot));
        prop_assert!(verify_proof(storage_root, path, expected, &proof.storage_proof).is_ok());
    }

    /// Short paths make children that lie within their parents; such tries do not occur in a state, but in a proof.
    #[test]
    fn children_within_their_parents(leaves in prop::collection::btree_map(any::<u8>(), 1u8..100, 1..30), probe: u8) {
        let path = |byte: u8| B256::right_padding_from(&[0, byte]);
        let leaves = leaves.into_iter().map(|(key, value)| (path(key), vec![value])).collect();
        let (root, proof) = prove(&leaves, path(probe));
        prop_assert_eq!(trie::lookup(root, path(probe), &proof), Ok(leaves.get(&path(probe)).cloned()));
    }
}

#[test]
fn an_empty_trie_holds_nothing() {
    let empty = alloy_trie::EMPTY_ROOT_HASH;
    assert_eq!(trie::lookup(empty, B256::ZERO, &[]), Ok(None));
    assert_eq!(
        trie::lookup(empty, B256::ZERO, &[Bytes::from_static(&[0x80])]),
        Ok(None)
    );
    assert_eq!(
        trie::lookup(empty, B256::ZERO, &[Bytes::from_static(&[1])]),
        Err(ProofError::OtherNode)
    );
    assert_eq!(
        trie::lookup(B256::ZERO, B256::ZERO, &[]),
        Err(ProofError::Incomplete)
    );
}

#[test]
fn a_slot_that_holds_more_than_an_amount_is_not_ours() {
    let (purse, payee) = (PurseKey::ZERO, AccountId::ZERO);
    let contract = Address::repeat_byte(0xcc);
    let slots = [(paid_to_slot(purse, payee), 1u128 << 96)].into();
    let (storage_root, storage_proof) =
        prove(&storage(&slots), keccak256(paid_to_slot(purse, payee)));
    let (root, account_proof) = prove(&state(contract, storage_root, 3), keccak256(contract));
    let proof = SlotProof {
        account_proof,
        storage_proof,
    };
    assert_eq!(
        proof.paid_to(root, contract, purse, payee),
        Err(ProofError::NotAnAmount)
    );
}
