//! Answers of a real node (anvil 1.7.1): a block, and proofs for payees that were paid and that were not.

use serde_json::Value;

use super::*;

fn fixture() -> Value {
    serde_json::from_str(include_str!("anvil.json")).unwrap()
}

fn text<T: core::str::FromStr<Err: core::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

fn header(fixture: &Value) -> ProvenHeader {
    let rlp: Bytes = text(&fixture["header"]);
    check_header(&rlp, text(&fixture["blockHash"])).unwrap()
}

#[test]
fn a_header_hashes_to_its_block() {
    let fixture = fixture();
    let header = header(&fixture);
    assert_eq!(header.state_root, text::<B256>(&fixture["stateRoot"]));
    assert_eq!(header.number, text::<u64>(&fixture["number"]));
    assert_eq!(header.timestamp.get(), text::<u64>(&fixture["timestamp"]));
}

#[test]
fn a_changed_header_is_of_another_block() {
    let fixture = fixture();
    let rlp: Bytes = text(&fixture["header"]);
    let hash = text(&fixture["blockHash"]);
    for at in 0..rlp.len() {
        let mut changed = rlp.to_vec();
        changed[at] ^= 1;
        assert!(matches!(
            check_header(&changed, hash),
            Err(ProofError::OtherBlock { .. })
        ));
    }
}

#[test]
fn what_was_paid_and_what_was_not() {
    let fixture = fixture();
    let root = header(&fixture).state_root;
    let contract = text(&fixture["contract"]);
    let slots = fixture["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 4);
    for slot in slots {
        let proof: SlotProof = serde_json::from_value(slot["proof"].clone()).unwrap();
        let (purse, payee) = (text(&slot["purse"]), text(&slot["payee"]));
        let paid_to: Amount = text(&slot["paidTo"]);
        assert_eq!(proof.paid_to(root, contract, purse, payee), Ok(paid_to));
    }
}

#[test]
fn a_proof_is_for_its_slot_contract_and_state_only() {
    let fixture = fixture();
    let root = header(&fixture).state_root;
    let contract = text(&fixture["contract"]);
    let slot = &fixture["slots"][0];
    let proof: SlotProof = serde_json::from_value(slot["proof"].clone()).unwrap();
    let (purse, payee): (PurseKey, AccountId) = (text(&slot["purse"]), text(&slot["payee"]));
    let swapped = proof.paid_to(
        root,
        contract,
        payee.address().into(),
        purse.address().into(),
    );
    assert_ne!(
        swapped.unwrap_or(Amount::ZERO),
        text::<Amount>(&slot["paidTo"])
    );
    assert!(proof.paid_to(root, Address::ZERO, purse, payee).is_err());
    assert_eq!(
        proof.paid_to(B256::repeat_byte(1), contract, purse, payee),
        Err(ProofError::OtherNode)
    );
}

#[test]
fn where_no_contract_is_nothing_was_paid() {
    let fixture = fixture();
    let root = header(&fixture).state_root;
    let nobody = &fixture["nobody"];
    let contract = text(&nobody["contract"]);
    let proof: SlotProof = serde_json::from_value(nobody["proof"].clone()).unwrap();
    assert_eq!(
        proof.value(root, contract, B256::ZERO),
        Err(ProofError::NoContract(contract))
    );
}

/// Every single bit of every node counts.
#[test]
fn a_changed_node_is_refused() {
    let fixture = fixture();
    let root = header(&fixture).state_root;
    let contract = text(&fixture["contract"]);
    let slot = &fixture["slots"][1];
    let proof: SlotProof = serde_json::from_value(slot["proof"].clone()).unwrap();
    let check = |proof: &SlotProof| {
        proof.paid_to(root, contract, text(&slot["purse"]), text(&slot["payee"]))
    };
    assert!(check(&proof).is_ok());
    for node in 0..proof.storage_proof.len() {
        for at in 0..proof.storage_proof[node].len() {
            let mut changed = proof.clone();
            let mut bytes = changed.storage_proof[node].to_vec();
            bytes[at] ^= 1 << (at % 8);
            changed.storage_proof[node] = bytes.into();
            assert_eq!(check(&changed), Err(ProofError::OtherNode));
        }
        let mut short = proof.clone();
        short.storage_proof.truncate(node);
        assert_eq!(check(&short), Err(ProofError::Incomplete));
    }
    let mut long = proof.clone();
    long.storage_proof.push(Bytes::new());
    assert_eq!(check(&long), Err(ProofError::Surplus));
}
