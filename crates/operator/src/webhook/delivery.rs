//! One event on its way to one webhook.

use offpay_protocol::Timestamp;

use super::{DeliveryId, WebhookId};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Not delivered yet.
    Pending,
    /// The receiver took it.
    Delivered,
    /// The owner said that it is not needed any more.
    Skipped,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Skipped];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Skipped => "skipped",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It took too long.
    Timeout,
    /// The host's name has no address.
    Unresolved,
    /// The host's address is one that this server does not call.
    ForbiddenAddress,
    /// The URL is one that this server does not call, or not any more.
    ForbiddenUrl,
    /// No connection, no valid TLS certificate, or the connection broke.
    Unreachable,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Timeout,
        Self::Unresolved,
        Self::ForbiddenAddress,
        Self::ForbiddenUrl,
        Self::Unreachable,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unresolved => "unresolved",
            Self::ForbiddenAddress => "forbidden_address",
            Self::ForbiddenUrl => "forbidden_url",
            Self::Unreachable => "unreachable",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.name() == name)
    }
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This status was answered.
    Answered(u16),
    /// Nothing was.
    Failed(Failure),
}

impl Outcome {
    /// Whether the receiver took it: any 2xx.
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// Whether the receiver says that it is gone for good.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Answered(410))
    }

    /// The status that was answered.
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Answered(status) => Some(status),
            Self::Failed(_) => None,
        }
    }

    /// Why none was.
    pub const fn failure(self) -> Option<Failure> {
        match self {
            Self::Answered(_) => None,
            Self::Failed(failure) => Some(failure),
        }
    }
}

/// An attempt to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Of what.
    pub delivery: DeliveryId,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether it took long.
    pub slow: bool,
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name.
    pub id: DeliveryId,
    /// To whom.
    pub webhook: WebhookId,
    /// Which event: its place in the log.
    pub event: i64,
    /// The event's kind.
    pub kind: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// What came of the last attempt.
    pub outcome: Option<Outcome>,
    /// When it was queued, for the last time.
    pub queued_at: Timestamp,
    /// When it was tried last.
    pub attempted_at: Option<Timestamp>,
}
