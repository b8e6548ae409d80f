//! `GET /v1/operations`: what was asked of the chain, and how far it is.

use offpay_protocol::{AccountId, Amount, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that was asked of the chain. It is signed, stored and on its way when it is answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OperationView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Uuid,
    /// What is done, for example `open_purse`.
    #[schema(value_type = String)]
    pub kind: String,
    /// `pending`, `mined`, `final`; or `failing` and then `failed`: it did not go through, and what was signed can run
    /// until `void_after`.
    pub state: String,
    /// The account that acts.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// What it is mainly about.
    #[schema(value_type = String)]
    pub amount: Amount,
    /// What the operator gets for it.
    #[schema(value_type = String)]
    pub fee: Amount,
    /// More, depending on the kind.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// The number of the transaction that does it.
    pub transaction: String,
    /// The last second of the chain at which it can run.
    #[schema(value_type = u64)]
    pub void_after: Timestamp,
    /// When it was asked for.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// When its state last changed.
    #[schema(value_type = u64)]
    pub updated_at: Timestamp,
}
