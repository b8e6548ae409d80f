//! `POST /v1/users`: a new user.

use offpay_protocol::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::SecretText;

/// Who registers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// What to be called: 3 to 32 of a to z, digits, dots, underscores and hyphens.
    #[schema(min_length = 3, max_length = 32, example = "ana")]
    pub handle: String,
    /// 10 to 256 characters.
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    pub password: SecretText,
}

/// A new user: signed in, with an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewUser {
    /// The user's id.
    pub user: Uuid,
    /// What they are called.
    pub handle: String,
    /// Their account in the contract.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// The session's token, for `Authorization: Bearer`. Shown here alone.
    #[schema(value_type = String)]
    pub token: SecretText,
    /// When the session ends.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
    /// Codes to get back in without password and passkeys. Each works once. Shown here alone: print them.
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<SecretText>,
}
