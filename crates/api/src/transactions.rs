//! `GET /v1/transactions/{number}`, and the operator's views of transactions and debts.

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A transaction that the operator sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionView {
    /// Its number.
    #[schema(example = "17")]
    pub number: String,
    /// What it is for: `settle`, `claim`, `relay` and so on.
    #[schema(example = "settle")]
    pub purpose: String,
    /// `queued`, `sent`, `mined` (in a block), `final` (in a block that cannot be taken back) or `failed`.
    #[schema(example = "final")]
    pub state: String,
    /// Why it failed: the contract's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it should be in a block at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub deadline: Option<Timestamp>,
    /// When it was put in.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// How it was signed, oldest first. All have one nonce, so that the chain takes one of them at most.
    pub attempts: Vec<AttemptView>,
}

/// One signing of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    /// Its hash.
    #[schema(example = "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060")]
    pub hash: String,
    /// Its place among the sender's transactions.
    pub nonce: u64,
    /// The most that it offers for a unit of gas, in wei.
    pub fee: String,
    /// When it was signed.
    #[schema(value_type = u64)]
    pub signed_at: Timestamp,
    /// The block that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockView>,
}

/// The block that a transaction is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockView {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: String,
    /// Whether the transaction did what it should there; else it reverted.
    pub succeeded: bool,
    /// Gas that it used.
    pub gas_used: u64,
}

/// What waits, what is owed, and what it cost. For the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettlementView {
    /// Who pays for gas.
    pub sender: String,
    /// What is owed in all by payments that were seen, in base units.
    pub owed: String,
    /// By how many pairs of purse and payee.
    pub pairs: u64,
    /// What of it is in no transaction on its way, in base units.
    pub unsent: String,
    /// What of it cannot be settled as things are: in default, beyond the funds, closed; in base units.
    pub unprotected: String,
    /// Transactions that are in no block though they have waited for long, oldest first, at most 200.
    pub stuck: Vec<StuckView>,
    /// Gas that was spent in final blocks.
    pub gas: Vec<GasView>,
}

/// A transaction that is in no block though it has waited for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StuckView {
    /// Its number.
    pub number: String,
    /// What the work is.
    pub work: String,
    /// What it is for.
    pub purpose: String,
    /// `queued` or `sent`.
    pub state: String,
    /// When it was put in.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}

/// Gas that was spent on one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GasView {
    /// What for.
    pub purpose: String,
    /// In how many transactions.
    pub transactions: u64,
    /// How much gas.
    pub gas: String,
    /// What it cost, in wei.
    pub wei: String,
}
