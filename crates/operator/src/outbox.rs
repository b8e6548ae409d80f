//! Transactions that are to be sent: durable before they are sent, each kind of work once.

mod attempt;
pub mod fees;

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};

pub use attempt::{Attempt, GasSpent, InFlight, Inclusion, NewAttempt, StoredTransaction};

/// A transaction that the operator is to send to the contract (or another address).
///
/// Appended in the same database transaction as the decision that it follows from. The settler signs it, gives it a
/// nonce, raises its fee and follows it until it is final.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewTransaction {
    /// What makes the work the same work: a second transaction with the key of a first is not appended.
    /// For example `relay:<account>:<nonce>`, `settle:<purse>:<payee>:<cumulative>`.
    pub work: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whom it calls.
    pub to: [u8; 20],
    /// What it calls.
    pub calldata: Vec<u8>,
    /// It should be in a block by then.
    pub deadline: Option<Timestamp>,
}

/// What a transaction is for. Names are stable: they stand in the database and in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Payments are settled.
    Settle,
    /// A claim is paid out of collateral.
    Claim,
    /// A double spend is reported.
    ReportDoubleSpend,
    /// A voucher is claimed or presented.
    Voucher,
    /// A channel or purse is closed or finalized.
    Close,
    /// An account's signed operations are relayed.
    Relay,
    /// A circle's membership changes.
    Circle,
    /// The faucet gives tokens.
    Faucet,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Settle,
        Self::Claim,
        Self::ReportDoubleSpend,
        Self::Voucher,
        Self::Close,
        Self::Relay,
        Self::Circle,
        Self::Faucet,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settle => "settle",
            Self::Claim => "claim",
            Self::ReportDoubleSpend => "report_double_spend",
            Self::Voucher => "voucher",
            Self::Close => "close",
            Self::Relay => "relay",
            Self::Circle => "circle",
            Self::Faucet => "faucet",
        }
    }

    /// The purpose of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// What became of a transaction. It moves down this list, except that a reorg can take it back from `Mined`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionState {
    /// To be signed and sent.
    Queued,
    /// Signed and handed to a node at least once.
    Sent,
    /// In a block that is not final, and it did what it should.
    Mined,
    /// In a final block.
    Final,
    /// In a block, and it reverted; or it would revert and was not sent. The work may be planned anew.
    Failed,
}

impl TransactionState {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Mined => "mined",
            Self::Final => "final",
            Self::Failed => "failed",
        }
    }

    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Sent,
        Self::Mined,
        Self::Final,
        Self::Failed,
    ];

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it is this far, on the way that ends well.
    pub const fn has_reached(self, state: Self) -> bool {
        self.place() >= state.place()
    }

    const fn place(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Queued => 1,
            Self::Sent => 2,
            Self::Mined => 3,
            Self::Final => 4,
        }
    }
}
