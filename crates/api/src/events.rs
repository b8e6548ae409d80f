//! `GET /v1/events`

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its place in the log: a cursor. Grows, with gaps.
    #[schema(example = "42")]
    pub id: String,
    /// When.
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// What happened: a stable name.
    #[schema(example = "payment.settled")]
    pub kind: String,
    /// The details, depending on the kind.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

/// A page of events, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Events {
    /// The events.
    pub items: Vec<Event>,
    /// What to ask for the next page with: also at the end of the log, for what is not there yet.
    pub next: String,
}
