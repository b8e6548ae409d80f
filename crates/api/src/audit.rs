//! `GET /v1/admin/audit`: whether the books balance and agree with the chain.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an audit found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditReport {
    /// Whether nothing is wrong.
    pub clean: bool,
    /// The last entry of the chain's log that the books hold.
    pub sequence: String,
    /// How many accounts the books have.
    pub accounts: u64,
    /// How many accounts, purses and channels were compared with the chain.
    pub compared: u64,
    /// What the contract holds by the books, in base units.
    pub held: String,
    /// Everything that is wrong, in words.
    pub findings: Vec<String>,
}
