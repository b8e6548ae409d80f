//! `GET /offpay.json`: what the web app has to know of its network.

use offpay_protocol::{AccountId, Circle, Domain, cover::Parameters};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the web app has to know of its network. It keeps it, and works with it offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkView {
    /// The deployment, in the shape that wallets keep it in.
    pub deployment: NetworkDeployment,
    /// The token's contract.
    #[schema(value_type = String)]
    pub token: AccountId,
    /// Where nodes answer; if there are several, they have to agree. `/v1/rpc` is this server's own.
    pub rpc: Vec<String>,
    /// The operator.
    pub operator: NetworkOperator,
    /// Whether there are test tokens.
    pub faucet: bool,
    /// What amounts are shown in besides the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// A deployment of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkDeployment {
    /// The chain and the contract.
    #[schema(value_type = Object)]
    pub domain: Domain,
    /// What was fixed when it was deployed.
    #[schema(value_type = Object)]
    pub parameters: Parameters,
    /// The token, as it describes itself.
    pub token: NetworkToken,
}

/// A token, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkToken {
    /// What it is called.
    pub symbol: String,
    /// Its digits after the point.
    pub decimals: u8,
}

/// The operator, as wallets begin with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkOperator {
    /// Its card, as its QR code has it: name, address and key. A person confirms it.
    pub card: String,
    /// Where its server is, seen from this page.
    pub server: String,
    /// The circle whose members it admits.
    #[schema(value_type = String)]
    pub circle: Circle,
    /// What the circle is called.
    pub circle_name: String,
    /// Into how many covers a pledge is divided where the user does not say.
    pub cover_count: u16,
}

/// A currency, and what one token is worth in it. For showing: nothing is decided by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Currency {
    /// As ISO 4217 has it.
    #[schema(example = "EUR")]
    pub code: String,
    /// A decimal number.
    #[schema(example = "0.92")]
    pub per_token: String,
}
