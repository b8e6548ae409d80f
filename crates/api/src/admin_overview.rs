//! `GET /v1/admin/overview`: how the operator stands.

use std::collections::BTreeMap;

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the operator stands. Amounts are in base units of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// The program's version.
    pub version: String,
    /// The database's engine.
    pub database: String,
    /// The time of the server.
    #[schema(value_type = u64)]
    pub now: Timestamp,
    /// Whether each part is well.
    pub parts: BTreeMap<String, bool>,
    /// How far the chain was followed; absent until it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainView>,
    /// What is owed in all by payments that were seen.
    pub owed: String,
    /// By how many pairs of purse and payee.
    pub pairs: u64,
    /// What of it is in no transaction on its way.
    pub unsent: String,
    /// What of it cannot be settled as things are.
    pub unprotected: String,
    /// How many pairs are in default.
    pub defaults: u64,
    /// Transactions that are in no block though they have waited for long; at most 200 are counted.
    pub stuck: u64,
    /// Who pays for gas.
    pub sender: String,
    /// What it has for gas, in wei; absent if the node does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_money: Option<String>,
    /// What gas has cost in the last 30 days, in wei.
    pub gas_spent: String,
    /// Users that are not deleted.
    pub users: u64,
    /// Those whose keys are kept here.
    pub hosted: u64,
    /// Those that are frozen.
    pub frozen: u64,
    /// Payments that were cleared.
    pub payments: String,
    /// Data keys that another master key than the first one seals: `keys/rotation` seals them anew.
    pub keys_to_rotate: u64,
    /// The token; absent if the node does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenView>,
}

/// The token that amounts are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// What it is called.
    pub symbol: String,
    /// How many digits of a base amount stand behind the point.
    pub decimals: u8,
}

/// How far the chain was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainView {
    /// The newest block.
    pub head: u64,
    /// Its time.
    #[schema(value_type = u64)]
    pub head_time: Timestamp,
    /// The newest final block.
    pub finalized: u64,
}
