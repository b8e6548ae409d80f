//! The persisted log of what happened. Server-sent events and webhooks read it by its sequence number.

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};

use crate::UserId;

/// Who may read an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// A hosted user (and the operator).
    User(UserId),
    /// The operator alone.
    Operator,
}

/// Something that happened, to be appended in the same database transaction as the change itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Who may read it.
    pub audience: Audience,
    /// What happened: a stable name such as `payment.settled`.
    pub kind: &'static str,
    /// The details, as the API shows them. Never a secret.
    pub body: serde_json::Value,
}

/// An event of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the log: a cursor. Grows, with gaps; the order is the order of commits.
    pub sequence: i64,
    /// When it was appended.
    pub at: Timestamp,
    /// What happened.
    pub kind: String,
    /// The details.
    pub body: serde_json::Value,
}
