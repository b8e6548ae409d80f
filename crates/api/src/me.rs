//! `/v1/me`: the user who asks.

use offpay_protocol::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{SecretText, sessions::RecoveryNotice};

/// The user who asks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The user's id.
    pub user: Uuid,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Their account in the contract.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// Who holds the account's key: `hosted` (this server's vault) or `own`.
    pub custody: String,
    /// A code is needed besides the password.
    pub second_factor: bool,
    /// The operator froze the account.
    pub frozen: bool,
    /// Recovery codes that are left.
    pub recovery_codes_left: u32,
    /// Somebody began to recover this account: cancel it if it was not you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryNotice>,
    /// When they came.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}

/// Changing the password. All other sessions end.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one; not needed within ten minutes of signing in with a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub current: Option<SecretText>,
    /// The new one: 10 to 256 characters.
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    pub new: SecretText,
}

/// New recovery codes; the old ones are void.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// The codes. Each works once. Shown here alone: print them.
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<SecretText>,
}

/// A new secret for the second factor, which is not on before it is confirmed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorSecret {
    /// The secret in base32, to type into an authenticator.
    #[schema(value_type = String)]
    pub secret: SecretText,
    /// The same as an `otpauth:` link, to show as a QR code.
    #[schema(value_type = String)]
    pub link: SecretText,
}

/// A code of the second factor.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorCode {
    /// Six digits.
    #[schema(value_type = String, example = "123456")]
    pub code: SecretText,
}

/// All personal data of the user who asks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonalData {
    /// The user.
    pub me: Me,
    /// The sessions.
    pub sessions: Vec<crate::sessions::Session>,
    /// The access tokens, without what opens them.
    pub access_tokens: Vec<crate::access_tokens::AccessToken>,
    /// The webhooks, without their secrets.
    pub webhooks: Vec<crate::webhooks::Webhook>,
    /// All that was told to the user, oldest first.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<serde_json::Value>,
}
