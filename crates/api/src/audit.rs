//! `GET /v1/admin/audit`: whether the books balance and agree with the chain.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the books is compared with the chain.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Where the last answer ended: its `next`. Without it the audit begins: all movements are added up as well.
    pub cursor: Option<String>,
    /// How many accounts are compared with the chain at once: 1 to 2,000; 500 without it.
    #[param(minimum = 1, maximum = 2000)]
    pub limit: Option<u32>,
}

/// What an audit found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditReport {
    /// Whether nothing is wrong.
    pub clean: bool,
    /// The last entry of the chain's log that the books hold.
    pub sequence: String,
    /// How many accounts the books have; those of this page where it is not the first.
    pub accounts: u64,
    /// How many accounts, purses and channels were compared with the chain.
    pub compared: u64,
    /// What the contract holds by the books, in base units.
    pub held: String,
    /// Everything that is wrong, in words.
    pub findings: Vec<String>,
    /// What to ask with for the accounts that were not compared yet; absent when all were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
