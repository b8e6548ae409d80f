//! `GET /v1/operator`: who runs this server, for which deployment, and with which keys.

use offpay_protocol::{Circle, Domain, OperatorId, Signed, Timestamp, messages::OperatorKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The operator. Nobody signs this: it is believed because of where it was read, over HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorView {
    /// What it calls itself.
    pub name: String,
    /// The deployment that it serves.
    #[schema(value_type = Object)]
    pub domain: Domain,
    /// The circle whose members it admits.
    #[schema(value_type = String)]
    pub circle: Circle,
    /// What the token is called.
    pub symbol: String,
    /// The token's digits after the point.
    pub decimals: u8,
    /// The key that signs now.
    #[schema(value_type = String)]
    pub operator: OperatorId,
    /// All keys that it ever had, and the next one if it is announced; the oldest first.
    pub keys: Vec<OperatorKeyView>,
}

/// One of an operator's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorKeyView {
    /// The key.
    #[schema(value_type = String)]
    pub operator: OperatorId,
    /// From when on it signs.
    #[schema(value_type = u64)]
    pub valid_from: Timestamp,
    /// How the key before it named it; none for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub rotation: Option<Signed<OperatorKey>>,
}
