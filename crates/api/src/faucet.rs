//! `POST /v1/faucet`: tokens for nothing, on a test network.

use offpay_protocol::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskFaucet {
    /// In base units; as much as the faucet gives at once without it.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
}
