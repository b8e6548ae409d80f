use alloy_primitives::B256;
use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp};
use serde::{Deserialize, Serialize};

use super::FinalizedBlock;

/// What is known of a pair of a purse and a payee: of this wallet's payments to others, and of others' to this wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pair {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The newest payment that was brought to an operator or the chain.
    pub handed_in: Option<HandIn>,
    /// `paidTo` as it was proven, each higher than the one before.
    pub milestones: Vec<Milestone>,
    /// When the pair's default began, if it was in one when last seen.
    pub in_default_since: Option<Timestamp>,
}

/// A payment that was handed in. It is not final before a finalized block shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandIn {
    /// Up to which cumulative.
    pub cumulative: Amount,
    /// When.
    pub at: Timestamp,
    /// In which transaction, if this wallet sent it itself.
    pub transaction: Option<B256>,
}

/// What the contract had credited to a pair by a finalized block, proven by a storage proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Milestone {
    /// `paidTo(purse, payee)`.
    pub credited: Amount,
    /// The block.
    pub block: FinalizedBlock,
}

impl Pair {
    /// A pair of which nothing is known.
    pub const fn new(purse: PurseKey, payee: AccountId) -> Self {
        Self {
            purse,
            payee,
            handed_in: None,
            milestones: Vec::new(),
            in_default_since: None,
        }
    }

    /// What the payee was credited, as far as it is proven.
    pub fn settled(&self) -> Amount {
        self.milestones
            .last()
            .map_or(Amount::ZERO, |last| last.credited)
    }

    /// The block in which a payment with this cumulative was first proven to be paid.
    pub fn paid_in(&self, cumulative: Amount) -> Option<FinalizedBlock> {
        self.milestones
            .iter()
            .find(|milestone| milestone.credited >= cumulative)
            .map(|milestone| milestone.block)
    }

    /// Up to which cumulative payments were handed in.
    pub fn handed_in_up_to(&self) -> Amount {
        self.handed_in
            .map_or(Amount::ZERO, |hand_in| hand_in.cumulative)
    }
}
