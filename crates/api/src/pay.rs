//! `POST /v1/pay`, refunds and `GET /v1/history`: paying out of a purse that the server keeps.

use offpay_protocol::{AccountId, Amount, PaymentId, PurseKey, Reference, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom to pay, and what for: a request, or a payee and an amount.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// The text or link of a request (`OP1:…`).
    pub request: Option<String>,
    /// Who is paid, without a request: a handle (`@ana`) or an address.
    pub to: Option<String>,
    /// How much, in base units. With a request that has an amount it can be left out, and must agree.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
    /// Any 32 bytes that the payee knows the payment by. With a request it is the request's.
    #[schema(value_type = Option<String>)]
    pub reference: Option<Reference>,
    /// A note, for this server's history. It does not go on-chain.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub memo: String,
    /// Out of which purse; one that has enough without it.
    #[schema(value_type = Option<String>)]
    pub purse: Option<PurseKey>,
}

/// How much of a payment is given back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// In base units; all that was not given back before without it.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
    /// A note.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub memo: String,
}

/// A payment of a hosted purse.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentView {
    /// Its id: the receipt's and the proof's name of it.
    #[schema(value_type = String)]
    pub id: PaymentId,
    /// `out` for who paid, `in` for who was paid.
    pub direction: String,
    /// `signed` (stored, not cleared yet), `cleared`, `kept` (not cleared, because its purse ends; presented on-chain by
    /// itself), `refused`, `settled` (in a block) or `final`.
    pub state: String,
    /// Why it was not cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The purse that it is from.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// Who is paid.
    #[schema(value_type = String)]
    pub payee: AccountId,
    /// How much.
    #[schema(value_type = String)]
    pub amount: Amount,
    /// What the purse has promised this payee in all: `paidTo` on-chain reaches it when this is settled.
    #[schema(value_type = String)]
    pub cumulative: Amount,
    /// What it was for.
    #[schema(value_type = String)]
    pub reference: Reference,
    /// The payer's note.
    pub memo: String,
    /// The payment that it gives back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refund_of: Option<PaymentId>,
    /// When it was signed.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}
