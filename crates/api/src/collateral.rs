//! `POST /v1/collateral`: balance becomes security deposit.

use offpay_protocol::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCollateral {
    /// In base units, out of the balance.
    #[schema(value_type = String)]
    pub amount: Amount,
}
