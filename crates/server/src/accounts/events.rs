//! What users are told about their accounts.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
};
use serde_json::Value;

/// Something that happened to a user's account: they are told, wherever they are signed in.
pub(crate) fn told(user: UserId, kind: &'static str, body: Value) -> NewEvent {
    NewEvent {
        audience: Audience::User(user),
        kind,
        body,
    }
}
