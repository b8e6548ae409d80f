//! `/v1/admin`: hosted accounts, for the operator.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Freezing or thawing an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Why: the user is told.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// All data keys are sealed under the current master key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct MasterKeyRotated {
    /// How many were sealed anew.
    pub resealed: u64,
}
