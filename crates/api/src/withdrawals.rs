//! `/v1/addresses` and `POST /v1/withdrawals`: money leaves, to addresses that were confirmed before.

use offpay_protocol::{AccountId, Amount, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::SecretText;

/// An address to withdraw to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAddress {
    /// The address. Give it with its EIP-55 checksum.
    #[schema(value_type = String)]
    pub address: AccountId,
    /// What to call it.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub label: String,
}

/// Confirming an address.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmAddress {
    /// A code of the second factor: needed if the account has one.
    pub code: Option<SecretText>,
}

/// An address to withdraw to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AddressView {
    /// The address.
    #[schema(value_type = String)]
    pub address: AccountId,
    /// What it is called.
    pub label: String,
    /// When it was added.
    #[schema(value_type = u64)]
    pub added_at: Timestamp,
    /// From when on it can be confirmed.
    #[schema(value_type = u64)]
    pub usable_at: Timestamp,
    /// When it was confirmed: from then on, money can go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub confirmed_at: Option<Timestamp>,
}

/// What leaves.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Where to: a confirmed address.
    #[schema(value_type = String)]
    pub address: AccountId,
    /// How much, in base units.
    #[schema(value_type = String)]
    pub amount: Amount,
    /// Out of what.
    #[serde(default)]
    pub from: WithdrawFrom,
}

/// Out of what money leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawFrom {
    /// Free money.
    #[default]
    Balance,
    /// Security deposit that is not pledged.
    Collateral,
}
