//! `GET /v1/admin/at-risk` and `GET /v1/admin/defaults`: debts that may not be paid.

use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A purse that owes what it may not pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PurseAtRisk {
    /// The purse.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// Whose it is; absent if the followed chain has no such purse.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub owner: Option<AccountId>,
    /// It is a purse of a user of this server.
    pub hosted: bool,
    /// What it owes in all, in base units.
    pub owed: String,
    /// What is left of its final funds, in base units: it pays this at once.
    #[schema(value_type = String)]
    pub funds: Amount,
    /// The collateral that is pledged to it, in base units.
    #[schema(value_type = String)]
    pub pledge: Amount,
    /// What one payee can have of the pledge at most, in base units.
    #[schema(value_type = String)]
    pub cover: Amount,
    /// Why it is at risk: `double_spend`, `in_default`, `beyond_funds`, `no_purse`, `closed`, `resolved`, `no_payment`,
    /// `closing`, `condemned`, `late`.
    pub why: Vec<String>,
    /// When the first of its debts should be settled at the latest.
    #[schema(value_type = u64)]
    pub by: Timestamp,
    /// When it can close, if it began to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub closes_at: Option<Timestamp>,
    /// Whom it owes, at most 20.
    pub payees: Vec<OwedView>,
    /// How many it owes.
    pub payee_count: u64,
}

/// What a purse owes a payee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwedView {
    /// The payee.
    #[schema(value_type = String)]
    pub payee: AccountId,
    /// How much, in base units.
    #[schema(value_type = String)]
    pub owed: Amount,
    /// Since when.
    #[schema(value_type = u64)]
    pub since: Timestamp,
    /// When it should be settled at the latest.
    #[schema(value_type = u64)]
    pub by: Timestamp,
    /// Why it is left alone, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Until when it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub aside_until: Option<Timestamp>,
    /// The number of the transaction that settles it, if one is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
}

/// A payee whom a purse did not pay, and the time that its owner has to make it good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DefaultView {
    /// The purse.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub owner: Option<AccountId>,
    /// Whom it did not pay.
    #[schema(value_type = String)]
    pub payee: AccountId,
    /// What is owed of what was presented, in base units.
    #[schema(value_type = String)]
    pub owed: Amount,
    /// What of the pledge is reserved for it, in base units.
    #[schema(value_type = String)]
    pub reserved: Amount,
    /// Since when it is in default, in the chain's time.
    #[schema(value_type = u64)]
    pub since: Timestamp,
    /// When the settlement period ends: until then the owner can make it good.
    #[schema(value_type = u64)]
    pub period_ends_at: Timestamp,
    /// `in_period`, `claimable` (what is reserved can be claimed) or `claiming` (a transaction of ours is on its way).
    pub state: String,
    /// This server settles it: it has seen a payment of this pair.
    pub ours: bool,
    /// Our transaction for it, if one is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
}

/// The defaults, those that began first at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Defaults {
    /// The time of the chain's newest block: what the clocks are to be read against.
    #[schema(value_type = u64)]
    pub chain_time: Timestamp,
    /// At most 1,000.
    pub items: Vec<DefaultView>,
    /// How many there are.
    pub total: u64,
}
