//! `POST /v1/payments`: a payment is recorded and cleared.

use offpay_protocol::{
    OperatorId, PaymentId, PurseKey, Signed,
    messages::{Clearance, Payment},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
