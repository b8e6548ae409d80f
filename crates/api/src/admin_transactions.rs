//! `/v1/admin/transactions` and `GET /v1/admin/gas`: what the operator sends, and what it costs.

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::admin_overview::TokenView;

/// Which transactions, and which page of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TransactionsQuery {
    /// `stuck` (in no block for longer than `outbox.stuck_s`; without it), `waiting`, `failed` or `all`.
    pub state: Option<String>,
    /// Where the last page ended: its `next`. The first page without it.
    pub cursor: Option<String>,
    /// How many items, at most 200; 50 without it.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A transaction of the operator's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedTransactionView {
    /// Its number.
    pub number: String,
    /// What the work is.
    pub work: String,
    /// What it is for.
    pub purpose: String,
    /// `queued`, `sent`, `mined`, `final` or `failed`.
    pub state: String,
    /// Why it failed: the contract's own name for it, or `abandoned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was put in.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// When it should be in a block at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub deadline: Option<Timestamp>,
    /// Its place among the sender's transactions, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u64>,
    /// How often it was signed.
    pub attempts: u64,
    /// The most that it offers for a unit of gas, in wei.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
    /// When it was last handed to a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub sent_at: Option<Timestamp>,
}

/// Why the operator does something: it stays in the log of actions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// What came of trying a transaction again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionRetried {
    /// `queued` (it waits to be signed, and is looked at now), `sent_again` (the same bytes are handed to the nodes
    /// again), `requeued` (it had failed before it was signed, and is looked at anew) or `put_in_again` (it had reverted:
    /// the same work has a new number).
    pub outcome: String,
    /// The number to follow.
    pub number: String,
}

/// For how long.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GasQuery {
    /// For how many days, today included: 1 to 366; 30 without it.
    #[param(minimum = 1, maximum = 366)]
    pub days: Option<u32>,
}

/// What gas has cost, in final blocks, reverted transactions included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GasSpending {
    /// By day (UTC) and purpose, oldest first.
    pub days: Vec<GasDayView>,
    /// What relayed operations paid for it, by day (UTC).
    pub fees: Vec<FeeDayView>,
    /// The sum of `days`, in wei.
    pub wei: String,
    /// The sum of `fees`, in base units of the token.
    pub earned: String,
    /// The token; absent if the node does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenView>,
}

/// What gas cost in a day for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GasDayView {
    /// The day: its first second, in UTC.
    #[schema(value_type = u64)]
    pub day: Timestamp,
    /// What for.
    pub purpose: String,
    /// In how many transactions.
    pub transactions: u64,
    /// How much gas.
    pub gas: String,
    /// What it cost, in wei.
    pub wei: String,
}

/// What relayed operations paid in a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeeDayView {
    /// The day: its first second, in UTC.
    #[schema(value_type = u64)]
    pub day: Timestamp,
    /// How many operations paid.
    pub operations: u64,
    /// What they paid, in base units of the token.
    pub fees: String,
}
