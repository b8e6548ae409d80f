//! `POST /v1/relay`: the operator sends what a wallet of one's own has signed.

use offpay_protocol::{Signature, messages::Relay};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Operations that the caller's account signed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendRelay {
    /// What is signed: account, calls, nonce, deadline.
    #[schema(value_type = Object)]
    pub relay: Relay,
    /// By the account.
    #[schema(value_type = String)]
    pub signature: Signature,
}

/// What the operator wants for sending a relay.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RelayTerms {
    /// Whom a `transfer` among the calls must pay, if there is a fee.
    #[schema(value_type = String)]
    pub fee_account: offpay_protocol::AccountId,
    /// How much.
    #[schema(value_type = String)]
    pub fee: offpay_protocol::Amount,
    /// The most relays of one account that may be under way at once.
    pub under_way: u32,
    /// The most relays of one account in 24 hours.
    pub per_day: u32,
}
