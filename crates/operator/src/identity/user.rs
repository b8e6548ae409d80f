//! A user as the server knows one.

use offpay_protocol::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Handle;
use crate::UserId;

/// Who holds the account's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Custody {
    /// This server, sealed in its vault.
    Hosted,
    /// The user, who signed in with it. The server has no key of theirs.
    Own,
}

impl Custody {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Own => "own",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Hosted, Self::Own]
            .into_iter()
            .find(|custody| custody.name() == name)
    }
}

/// A user as the server knows one. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What they are called; nobody who signs in with a key of their own needs to be called anything.
    pub handle: Option<Handle>,
    /// Their account in the contract.
    pub account: AccountId,
    /// Who holds the account's key.
    pub custody: Custody,
    /// When they came.
    pub created_at: Timestamp,
    /// The operator froze them then: they can look, and move nothing.
    pub frozen_at: Option<Timestamp>,
    /// They had themselves deleted then; nothing personal is left.
    pub deleted_at: Option<Timestamp>,
    /// A password alone does not sign them in.
    pub second_factor: bool,
}
