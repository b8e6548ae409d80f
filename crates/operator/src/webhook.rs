//! Webhooks: whom to tell of events, what became of each, and when to try again.

mod delivery;
mod kinds;
mod retry;

use core::{fmt, str::FromStr};

use offpay_protocol::Timestamp;
use uuid::Uuid;

use crate::UserId;
pub use delivery::{Attempt, Delivery, DeliveryState, Failure, Outcome};
pub use kinds::{KNOWN, Kinds, KindsError};
pub use retry::{Disabled, DisabledBecause, GIVE_UP, Retry};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A webhook's name.
    WebhookId
}
id! {
    /// A delivery's name: the same at every attempt.
    DeliveryId
}

impl DeliveryId {
    /// What the receiver is told as `webhook-id`. Has no full stop in it: full stops part what is signed.
    pub fn message(self) -> String {
        format!("msg_{}", self.0.simple())
    }
}

/// Somebody who is told of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: WebhookId,
    /// Whose events.
    pub owner: UserId,
    /// Where to.
    pub url: String,
    /// Which of them.
    pub kinds: Kinds,
    /// The last event that was looked at: those that they are to be told of have a delivery each.
    pub cursor: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when deliveries are signed with an older secret as well.
    pub old_secrets_until: Option<Timestamp>,
    /// Whether the last attempt was slow, or failed. The slow are served apart, so that nobody waits for them.
    pub slow: bool,
    /// How it goes.
    pub retry: Retry,
}

/// The right of one server to deliver to a webhook for a while. Another server takes it over once it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Names this claim, and no other: what is written under an older one is refused.
    pub token: Uuid,
    /// Until when.
    pub until: Timestamp,
}
