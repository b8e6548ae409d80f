//! A transaction as it was signed and sent, perhaps several times over, each time dearer.

use offpay_protocol::Timestamp;

use super::{Purpose, TransactionState, fees::Fees};

/// A transaction of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTransaction {
    /// Its number in the outbox.
    pub number: i64,
    /// What makes the work the same work.
    pub work: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whom it calls.
    pub to: [u8; 20],
    /// What it calls.
    pub calldata: Vec<u8>,
    /// It should be in a block by then, in the chain's time.
    pub deadline: Option<Timestamp>,
    /// What became of it.
    pub state: TransactionState,
    /// When it was put in.
    pub created_at: Timestamp,
    /// Why it failed: the code of the contract's refusal.
    pub failure: Option<String>,
    /// The operator wants its nonce used for nothing, if the chain did not take it before.
    pub cancelled: bool,
}

/// A signing to be stored before it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttempt {
    /// The transaction of the outbox that it carries.
    pub transaction: i64,
    /// Who signed.
    pub sender: [u8; 20],
    /// The place among the sender's transactions. All attempts of one transaction have the same, so that the chain
    /// takes one of them at most.
    pub nonce: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Its bytes.
    pub raw: Vec<u8>,
    /// The most gas that it may use.
    pub gas_limit: u64,
    /// What it pays for gas.
    pub fees: Fees,
    /// It does nothing but use the nonce up, in place of the transaction.
    pub cancels: bool,
}

/// A signing that is stored: the only thing that may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// As it was signed.
    pub signed: NewAttempt,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When it was last handed to a node, if ever.
    pub sent_at: Option<Timestamp>,
    /// The block that it is in, as far as is known.
    pub inclusion: Option<Inclusion>,
}

/// A block that took a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The block's number.
    pub block: u64,
    /// The block's hash. A block that is not final can be taken back.
    pub block_hash: [u8; 32],
    /// Whether it did what it should; else it reverted.
    pub succeeded: bool,
    /// Gas that it used.
    pub gas_used: u64,
    /// What a unit of gas cost, in wei.
    pub gas_price: u64,
}

/// A transaction that has a nonce and is not final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// The transaction.
    pub transaction: StoredTransaction,
    /// Its signings, oldest first; never empty.
    pub attempts: Vec<Attempt>,
}

impl InFlight {
    /// The nonce that all of its signings have.
    pub fn nonce(&self) -> Option<u64> {
        self.attempts.first().map(|attempt| attempt.signed.nonce)
    }

    /// The newest signing: the one that is to be mined.
    pub fn newest(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The signing that is in a block, and its block.
    pub fn included(&self) -> Option<(&Attempt, Inclusion)> {
        self.attempts
            .iter()
            .find_map(|attempt| Some((attempt, attempt.inclusion?)))
    }
}

/// Gas that was spent on one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasSpent {
    /// What for.
    pub purpose: Purpose,
    /// In how many transactions.
    pub transactions: u64,
    /// How much gas.
    pub gas: u128,
    /// What it cost, in wei.
    pub wei: u128,
}
