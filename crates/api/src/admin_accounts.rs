//! `/v1/admin`: hosted accounts, for the operator.

use offpay_protocol::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Freezing or thawing an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Why: the user is told.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// How far the rotation is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct MasterKeyRotated {
    /// How many data keys were sealed anew now.
    pub resealed: u64,
    /// How many are left: ask again until there are none.
    pub left: u64,
}

/// A user, as the operator sees one. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminUser {
    /// The user's id.
    pub user: Uuid,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Their account in the contract.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// `hosted` or `own`: who holds the account's key.
    pub custody: String,
    /// When they came.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// Since when they are frozen, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub frozen_at: Option<Timestamp>,
}
