//! The state after a block, with the tries that prove what is in it.

use std::{cell::OnceCell, collections::BTreeMap};

use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    rlp,
};
use alloy_trie::{HashBuilder, Nibbles, TrieAccount, proof::ProofRetainer};
use offpay_protocol::proof::SlotProof;

use super::evm::Db;

/// The state after a block.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) db: Db,
    root: OnceCell<B256>,
}

impl Snapshot {
    pub(super) fn new(db: Db) -> Self {
        Self {
            db,
            root: OnceCell::new(),
        }
    }

    /// The root of the state's trie.
    pub(super) fn root(&self) -> B256 {
        *self
            .root
            .get_or_init(|| prove(&self.accounts(), B256::ZERO).0)
    }

    /// What `eth_getProof` answers for one slot of a contract.
    pub(super) fn prove_slot(&self, contract: Address, slot: B256) -> SlotProof {
        let (_, storage_proof) = prove(&self.storage(contract), keccak256(slot));
        let (_, account_proof) = prove(&self.accounts(), keccak256(contract));
        SlotProof {
            account_proof,
            storage_proof,
        }
    }

    fn storage(&self, account: Address) -> BTreeMap<B256, Vec<u8>> {
        let held = self.db.cache.accounts.get(&account);
        let slots = held.into_iter().flat_map(|account| &account.storage);
        slots
            .filter(|(_, value)| !value.is_zero())
            .map(|(slot, value)| (keccak256(slot.to_be_bytes::<32>()), rlp::encode(value)))
            .collect()
    }

    /// Accounts that hold a contract: nobody else has anything on this chain, gas is free.
    fn accounts(&self) -> BTreeMap<B256, Vec<u8>> {
        let contracts = self.db.cache.accounts.iter();
        contracts
            .filter(|(_, account)| !account.info.is_empty_code_hash())
            .map(|(address, account)| {
                let leaf = TrieAccount {
                    nonce: account.info.nonce,
                    balance: U256::ZERO,
                    storage_root: prove(&self.storage(*address), B256::ZERO).0,
                    code_hash: account.info.code_hash,
                };
                (keccak256(address), rlp::encode(leaf))
            })
            .collect()
    }
}

/// The root of a trie with these leaves, and the nodes on the way to a path.
fn prove(leaves: &BTreeMap<B256, Vec<u8>>, path: B256) -> (B256, Vec<Bytes>) {
    let retainer = ProofRetainer::new(vec![Nibbles::unpack(path)]);
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    (root, nodes.into_iter().map(|(_, node)| node).collect())
}
