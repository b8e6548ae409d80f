//! Who is in the story.

use std::fmt;

use anyhow::{Context, Result};
use offpay_chain::{LocalChain, Sender};
use offpay_protocol::{AccountId, Circle, SigningKey};
use serde::Serialize;

/// A person in the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Who {
    /// Pays honestly.
    Alice,
    /// Pays honestly, too.
    Bob,
    /// Cheats.
    Mallory,
    /// Mallory's friend.
    Friend,
    /// Sells.
    Merchant,
    /// Runs a server, and the circle of its merchants.
    Operator,
    /// Anybody at all, looking at the chain.
    Watcher,
    /// Receives forfeited pledges.
    Treasury,
}

impl Who {
    /// Everybody.
    pub(super) const ALL: [Self; 8] = [
        Self::Alice,
        Self::Bob,
        Self::Mallory,
        Self::Friend,
        Self::Merchant,
        Self::Operator,
        Self::Watcher,
        Self::Treasury,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Alice => "Alice",
            Self::Bob => "Bob",
            Self::Mallory => "Mallory",
            Self::Friend => "Friend",
            Self::Merchant => "Merchant",
            Self::Operator => "Operator",
            Self::Watcher => "Watcher",
            Self::Treasury => "Treasury",
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Everybody's keys.
pub(super) struct Cast {
    senders: Vec<(Who, Sender)>,
}

impl Cast {
    /// Gives everybody a key and money for gas.
    pub(super) async fn gather(chain: &LocalChain) -> Result<Self> {
        let mut senders = Vec::new();
        for who in Who::ALL {
            senders.push((who, chain.sender(who.name()).await?));
        }
        Ok(Self { senders })
    }

    pub(super) fn sender(&self, who: Who) -> Result<&Sender> {
        let found = self.senders.iter().find(|(someone, _)| *someone == who);
        found
            .map(|(_, sender)| sender)
            .context("somebody is missing from the cast")
    }

    pub(super) fn account(&self, who: Who) -> Result<AccountId> {
        Ok(self.sender(who)?.account())
    }

    pub(super) fn key(&self, who: Who) -> Result<&SigningKey> {
        Ok(self.sender(who)?.key())
    }

    /// The operator's circle.
    pub(super) fn circle(&self) -> Result<Circle> {
        Ok(Circle::new(self.account(Who::Operator)?.address()))
    }
}
