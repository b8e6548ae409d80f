//! `/v1/requests`: asking to be paid.

use offpay_protocol::{AccountId, Amount, PaymentId, Reference, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// How much, in base units; the payer decides without it.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
    /// What for.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub memo: String,
    /// For how many seconds it can be paid; an hour without it, and 0 for a printed one that never expires.
    pub expires_in: Option<u64>,
}

/// A request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RequestView {
    /// Its id on this server.
    #[schema(value_type = String)]
    pub id: Uuid,
    /// What to show: text of a QR code.
    pub code: String,
    /// Who is to be paid.
    #[schema(value_type = String)]
    pub payee: AccountId,
    /// How much; absent if the payer decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
    /// What the payee is called in it.
    pub name: String,
    /// What for.
    pub memo: String,
    /// What a payment of it carries.
    #[schema(value_type = String)]
    pub reference: Reference,
    /// From when on it is not to be paid; absent if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub expires_at: Option<Timestamp>,
    /// `open`, `paid` or `expired`.
    pub state: String,
    /// The payments of it by hosted payers.
    #[schema(value_type = Vec<String>)]
    pub payments: Vec<PaymentId>,
    /// When it was made.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}
