//! `GET /v1/admin/log` and `GET /v1/admin/keys`.

use offpay_protocol::{Circle, OperatorId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that the operator did through this API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionView {
    /// Its number.
    pub number: String,
    /// When.
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// Who: the name of the token that was used.
    pub actor: String,
    /// What, such as `user.freeze`.
    #[schema(example = "user.freeze")]
    pub action: String,
    /// To what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// More.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// The request's id, as in the log.
    pub request: String,
}

/// The operator's keys, as far as they can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Keys {
    /// The id of the master key that seals: the first of `vault.master_keys`.
    pub master: String,
    /// How many users' data keys each master key seals.
    pub masters: Vec<MasterKeyView>,
    /// How many are to be sealed anew.
    pub to_rotate: u64,
    /// The keys that sign clearances and certificates, each from its time on.
    pub operators: Vec<OperatorKeyTimes>,
    /// Who pays for gas.
    pub gas: String,
    /// Who administers the operator's circle, which has this address.
    #[schema(value_type = String)]
    pub circle: Circle,
}

/// A master key of the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MasterKeyView {
    /// Its id.
    pub id: String,
    /// How many data keys it seals.
    pub seals: u64,
}

/// A key that the operator signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorKeyTimes {
    /// Its address.
    #[schema(value_type = String)]
    pub operator: OperatorId,
    /// From when on it signs.
    #[schema(value_type = u64)]
    pub valid_from: Timestamp,
}
