//! `/v1/access-tokens`: what apps may do for a user.

use offpay_protocol::{Amount, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::SecretText;

/// One thing that an access token can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See balances, payments and events.
    Read,
    /// Ask to be paid.
    Request,
    /// Pay, within the budget.
    Pay,
    /// Open, fund and close purses and channels, and post collateral, within the budget.
    Manage,
    /// Withdraw to addresses that were confirmed before, within the budget.
    Withdraw,
    /// Make, see and change webhooks. They outlast the token.
    Webhooks,
}

/// Giving an app a token.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveAccessToken {
    /// What to call it: 1 to 60 characters.
    #[schema(min_length = 1, max_length = 60, example = "web shop")]
    pub name: String,
    /// What it allows.
    #[schema(min_items = 1)]
    pub scopes: Vec<Scope>,
    /// How much it may move in all, in base units. Needed with `pay`, `manage` and `withdraw`, and with them alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "1000000")]
    pub budget: Option<Amount>,
    /// When it ends: at most a year from now.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
}

/// A token that was given.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GivenAccessToken {
    /// The token, for `Authorization: Bearer`. Shown here alone.
    #[schema(value_type = String)]
    pub token: SecretText,
    /// What is known of it.
    pub access_token: AccessToken,
}

/// What is known of a token.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AccessToken {
    /// Its id.
    pub id: Uuid,
    /// What the user called it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// How much it may move in all.
    #[schema(value_type = String)]
    pub budget: Amount,
    /// How much it has moved.
    #[schema(value_type = String)]
    pub spent: Amount,
    /// When it was given.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
}

/// A user's tokens, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AccessTokens {
    /// The tokens.
    pub access_tokens: Vec<AccessToken>,
}
