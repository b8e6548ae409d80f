//! A request that a hosted payee made.

use core::{fmt, str::FromStr};

use offpay_protocol::{Reference, Signature, Timestamp, messages::Request};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UserId;

/// A stored request's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Uuid);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RequestId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A request that a hosted payee made, signed with its account's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRequest {
    /// Its name here.
    pub id: RequestId,
    /// Whose it is.
    pub user: UserId,
    /// What is asked for.
    pub request: Request,
    /// What a payment of it carries.
    pub reference: Reference,
    /// By the account.
    pub signature: Signature,
    /// When it was made.
    pub created_at: Timestamp,
}
