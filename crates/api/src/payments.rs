//! `POST /v1/payments`, `POST /v1/payments/batch`, `GET /v1/payments/{purse}/{id}`: payments are recorded and cleared.

use offpay_protocol::{
    OperatorId, PaymentId, PurseKey, Signed,
    messages::{Clearance, Payment},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

/// The most payments that are handed in together.
pub const MOST_TOGETHER: usize = 1_000;

/// A payment to clear. Anybody can hand it in, any number of times.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearPayment {
    /// The payment in its full form, with the domain that it is for.
    #[schema(value_type = Object)]
    pub payment: Signed<Payment>,
}

/// A payment that the operator has recorded, and knows of none that conflicts with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClearedPayment {
    /// The payment's name.
    #[schema(value_type = String)]
    pub id: PaymentId,
    /// The purse that pays.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// Who signed the clearance.
    #[schema(value_type = String)]
    pub operator: OperatorId,
    /// The clearance: one for all payments of a commit.
    #[schema(value_type = Object)]
    pub clearance: Signed<Clearance>,
    /// The path from the payment to the clearance's root, 32 bytes each.
    #[schema(value_type = Vec<String>)]
    pub path: Vec<alloy_primitives::B256>,
}

/// Payments to clear, at most [`MOST_TOGETHER`]. Each stands for itself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearPayments {
    /// The payments in their full form.
    #[schema(value_type = Vec<Object>, max_items = 1_000)]
    pub payments: Vec<HandedIn>,
}

/// A row of [`ClearPayments`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HandedIn {
    /// A payment.
    Payment(Box<Signed<Payment>>),
    /// Something else. It is refused alone, and the other rows are not.
    Unreadable(serde_json::Value),
}

/// What became of payments that were handed in together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClearedPayments {
    /// One for each payment, in the order in which they were handed in.
    pub results: Vec<ClearingResult>,
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClearingResult {
    /// It is cleared.
    Cleared(Box<ClearedPayment>),
    /// It is not.
    Problem(Box<Problem>),
}

/// A payment that the operator has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeenPayment {
    /// The payment in its full form.
    #[schema(value_type = Object)]
    pub payment: Signed<Payment>,
    /// What became of it.
    pub state: SeenState,
    /// What clears it, if it is cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared: Option<ClearedPayment>,
    /// Whether the payee has all that the payment promises, in the newest final block.
    pub settled: bool,
}

/// What became of a payment that the operator has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeenState {
    /// It is cleared.
    Cleared,
    /// It is not, for the purse had ended; it is kept, and brought on-chain.
    KeptToPresent,
    /// It is not, for the purse has too little; it is kept, and can be handed in again after a top-up.
    KeptForFunds,
}
