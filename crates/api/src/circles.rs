//! `/v1/circles`: who may claim on a purse's collateral.

use offpay_protocol::{AccountId, Circle, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A circle.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CircleView {
    /// The address that admits its members.
    #[schema(value_type = String)]
    pub circle: Circle,
    /// Whether it is this operator's own.
    pub is_operators: bool,
    /// How many members it counts, pending ones too; 65535 stands for that many or more.
    pub size: u16,
}

/// A payee to admit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Admit {
    /// The payee's account.
    #[schema(value_type = String)]
    pub account: AccountId,
}

/// A payee's place in a circle.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    /// The payee.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// From when on it counts.
    #[schema(value_type = u64)]
    pub from: Timestamp,
    /// When it stops to count, if a dismissal is pending or over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub until: Option<Timestamp>,
}

/// Why one wants to belong to a circle.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// For whoever decides.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub message: String,
}

/// An application.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApplicationView {
    /// Who applies.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// What they wrote.
    pub message: String,
    /// `open`, `admitted` or `declined`.
    pub state: String,
    /// When.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}
