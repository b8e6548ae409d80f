//! Where a fact stands, and how far the chain was followed.

use alloy_primitives::{Address, B256};
use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};

use super::ChainFact;

/// A block by number, hash and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlockRef {
    /// How many blocks lie below it.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its timestamp.
    pub time: Timestamp,
}

/// The deployment that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deployed {
    /// The chain (EIP-155).
    pub chain_id: u64,
    /// The contract.
    pub contract: Address,
    /// Gets what is left of a condemned purse's pledge.
    pub treasury: offpay_protocol::AccountId,
}

/// How far the chain was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The newest block whose facts were applied. It can be taken back.
    pub head: BlockRef,
    /// The newest block that cannot be taken back.
    pub finalized: BlockRef,
}

/// Where a fact stands in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The block.
    pub block: BlockRef,
    /// The transaction.
    pub tx: B256,
    /// The event's place among all of the block's.
    pub index: u64,
    /// The row, in an event of many.
    pub row: u32,
}

/// A fact that is to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// Where it stands.
    pub place: Place,
    /// What is so.
    pub fact: ChainFact,
}

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The fact is so from here on.
    Applied,
    /// Its block was taken back: the fact of the entry with this number is not so any more. The entry says it again.
    Removed(i64),
}

/// An entry of the log of facts, in the order in which they were applied and removed.
///
/// Consumers keep the number of the last entry that they worked in, and read on from it: a removal reverses exactly
/// one application before it. Nothing is ever removed from a final block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEntry {
    /// Its place in the log: a cursor. Grows, with gaps.
    pub sequence: i64,
    /// Whether the fact came or went.
    pub change: Change,
    /// Where the fact stands, or stood.
    pub place: Place,
    /// The fact.
    pub fact: ChainFact,
}
