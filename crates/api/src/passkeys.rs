//! `/v1/passkeys`, and signing in with one.

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a browser is to be asked, as WebAuthn's JSON form has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PasskeyOptions {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// A passkey that a browser made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    /// What to call it: 1 to 60 characters.
    #[schema(min_length = 1, max_length = 60, example = "phone")]
    pub name: String,
    /// What the browser gave: `credential.toJSON()`.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// Signing in with a passkey.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInWithPasskey {
    /// What the browser gave: `credential.toJSON()`.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// What is known of a passkey.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Passkey {
    /// Its id.
    pub id: Uuid,
    /// What the user called it.
    pub name: String,
    /// When it was added.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
    /// When it last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub last_used_at: Option<Timestamp>,
}

/// A user's passkeys.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Passkeys {
    /// The passkeys.
    pub passkeys: Vec<Passkey>,
}
