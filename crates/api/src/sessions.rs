//! `/v1/sessions`: signing in and out.

use offpay_protocol::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::SecretText;

/// Signing in with a password.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Who.
    #[schema(example = "ana")]
    pub handle: String,
    /// The password.
    #[schema(value_type = String)]
    pub password: SecretText,
    /// The code of the second factor, if it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "123456")]
    pub code: Option<SecretText>,
}

/// Somebody is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Who.
    pub user: Uuid,
    /// Their account in the contract.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// The session's token, for `Authorization: Bearer`. Shown here alone.
    #[schema(value_type = String)]
    pub token: SecretText,
    /// When the session ends.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
    /// Somebody began to recover this account: cancel it if it was not you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryNotice>,
}

/// Somebody began to recover the account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecoveryNotice {
    /// When it began.
    #[schema(value_type = u64)]
    pub began_at: Timestamp,
    /// From then on whoever began it can set a new password, unless it is cancelled.
    #[schema(value_type = u64)]
    pub ready_at: Timestamp,
}

/// One of a user's sessions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// How they signed in: password, passkey, wallet or recovery.
    pub method: String,
    /// On what.
    pub label: String,
    /// When they signed in.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = u64)]
    pub last_seen_at: Timestamp,
    /// When it ends.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
    /// It is the one that asks.
    pub current: bool,
}

/// A user's sessions, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Sessions {
    /// The sessions.
    pub sessions: Vec<Session>,
}

/// Sessions were ended.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionsEnded {
    /// How many.
    pub ended: u64,
}

/// What a wallet is to sign (EIP-4361): put the nonce into the message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WalletNonce {
    /// The nonce. It works once.
    pub nonce: String,
    /// The domain that the message has to name.
    pub domain: String,
    /// The URI that the message has to name.
    pub uri: String,
    /// The chain id that the message has to name.
    pub chain_id: u64,
    /// The nonce is of no use after that.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
}

/// Signing in with a wallet of one's own.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInWithWallet {
    /// The EIP-4361 message, exactly as it was signed.
    pub message: String,
    /// The EIP-191 signature, 65 bytes in hex.
    pub signature: String,
}
