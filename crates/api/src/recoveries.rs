//! `/v1/recoveries`: getting back into an account.

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::SecretText;

/// Beginning a recovery.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginRecovery {
    /// Who.
    #[schema(example = "ana")]
    pub handle: String,
    /// One of the recovery codes. Hyphens, spaces and case do not matter.
    #[schema(value_type = String)]
    pub code: SecretText,
}

/// A recovery waits. The owner is told, and can cancel it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecoveryBegan {
    /// What completes it. Shown here alone: keep it.
    #[schema(value_type = String)]
    pub token: SecretText,
    /// From then on it can be completed.
    #[schema(value_type = u64)]
    pub ready_at: Timestamp,
    /// Not after then.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
}

/// Completing a recovery. Sessions, access tokens, passkeys and the second factor end.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteRecovery {
    /// What the beginning gave.
    #[schema(value_type = String)]
    pub token: SecretText,
    /// The new password: 10 to 256 characters.
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    pub password: SecretText,
}
