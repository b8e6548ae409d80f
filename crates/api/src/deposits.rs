//! `GET` and `POST /v1/deposits`: tokens become balance.

use offpay_protocol::{AccountId, Amount};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to put money in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DepositInstructions {
    /// Send tokens to this address, then ask for a deposit.
    #[schema(value_type = String)]
    pub address: AccountId,
    /// The token to send.
    #[schema(value_type = String)]
    pub token: AccountId,
    /// The chain.
    pub chain_id: u64,
    /// An EIP-681 link with all of that, for a QR code.
    pub link: String,
    /// What is at that address and not in the balance yet.
    #[schema(value_type = String)]
    pub waiting: Amount,
}

/// Which tokens become balance.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// In base units; all that are at the wallet's own address without it.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
}
