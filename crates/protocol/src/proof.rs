//! Proof that a payment took place on-chain, checked without trusting the node that gave it.
//!
//! A wallet takes a block hash that two independent nodes agree on, the block's header, and the answer to
//! `eth_getProof` for one slot. The header must hash to the block hash, the account must be in the header's state, and
//! the slot in the account's storage; what is left is a number that nobody could make up. Nothing in here panics,
//! whatever a node sends.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::Decodable;
use alloy_trie::TrieAccount;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AccountId, Amount, PurseKey, slot::paid_to_slot};

mod header;
mod trie;

pub use header::{LONGEST_HEADER, ProvenHeader, check_header};
pub use trie::LONGEST_PROOF;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The header or a list of nodes is longer than any true one.
    #[error("the proof is too long")]
    TooLong,
    /// The header does not hash to the block hash.
    #[error("the header is of block {found}")]
    OtherBlock {
        /// What it hashes to.
        found: B256,
    },
    /// The bytes are no header, node, account or value.
    #[error("malformed: {0}")]
    Malformed(alloy_rlp::Error),
    /// A node is not the one that its parent, or the root, names.
    #[error("a node does not belong to the proof")]
    OtherNode,
    /// The proof ends before it says what is there.
    #[error("the proof is cut short")]
    Incomplete,
    /// The proof goes on after it said what is there.
    #[error("the proof has surplus nodes")]
    Surplus,
    /// There is no account at the contract's address.
    #[error("there is no contract at {0}")]
    NoContract(Address),
    /// The slot holds a number that no amount can be: it is not the slot of an OffPay contract.
    #[error("the slot does not hold an amount")]
    NotAnAmount,
}

impl ProofError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "proof_too_long",
            Self::OtherBlock { .. } => "proof_other_block",
            Self::Malformed(_) => "proof_malformed",
            Self::OtherNode => "proof_other_node",
            Self::Incomplete => "proof_incomplete",
            Self::Surplus => "proof_surplus",
            Self::NoContract(_) => "proof_no_contract",
            Self::NotAnAmount => "proof_not_an_amount",
        }
    }
}

/// The nodes of an answer to `eth_getProof` for one slot, each list from the root down.
///
/// The answer's other fields need not be kept: the nodes contain them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlotProof {
    /// From the state root to the account.
    pub account_proof: Vec<Bytes>,
    /// From the account's storage root to the slot.
    pub storage_proof: Vec<Bytes>,
}

impl SlotProof {
    /// What the contract's slot holds in the state with this root. A slot that is proven to be absent holds zero.
    ///
    /// # Errors
    ///
    /// Why the nodes do not prove it.
    pub fn value(
        &self,
        state_root: B256,
        contract: Address,
        slot: B256,
    ) -> Result<U256, ProofError> {
        let account = trie::lookup(state_root, keccak256(contract), &self.account_proof)?
            .ok_or(ProofError::NoContract(contract))?;
        let account: TrieAccount = decode(&account)?;
        match trie::lookup(account.storage_root, keccak256(slot), &self.storage_proof)? {
            None => Ok(U256::ZERO),
            Some(value) => decode(&value),
        }
    }

    /// What `payee` was credited from `purse` in all: a payment took place if that reaches its cumulative.
    ///
    /// # Errors
    ///
    /// Why the nodes do not prove it.
    pub fn paid_to(
        &self,
        state_root: B256,
        contract: Address,
        purse: PurseKey,
        payee: AccountId,
    ) -> Result<Amount, ProofError> {
        let value = self.value(state_root, contract, paid_to_slot(purse, payee))?;
        u128::try_from(value)
            .ok()
            .and_then(Amount::new)
            .ok_or(ProofError::NotAnAmount)
    }
}

fn decode<T: Decodable>(bytes: &[u8]) -> Result<T, ProofError> {
    alloy_rlp::decode_exact(bytes).map_err(ProofError::Malformed)
}

#[cfg(test)]
mod tests;
