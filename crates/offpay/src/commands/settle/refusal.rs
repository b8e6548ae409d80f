//! Why a record's payment is not signed, or not settled here.

use alloy_primitives::Address;
use offpay_protocol::{AccountId, Amount, Domain, PurseKey};
use thiserror::Error;

/// Nothing was signed, and nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum SettleRefusal {
    /// The key is no purse's.
    #[error(
        "unknown purse: no purse was ever opened with the key {purse} in the contract {contract} on chain {chain_id}. \
         Is wallet.private_key a purse's key, and is this the right contract?"
    )]
    UnknownPurse {
        purse: PurseKey,
        contract: Address,
        chain_id: u64,
    },
    /// The record is of somebody else's purse.
    #[error(
        "transaction.from is {from}, which is neither the purse's key {purse} nor its owner {owner}"
    )]
    NotThePurses {
        from: AccountId,
        purse: PurseKey,
        owner: AccountId,
    },
    /// The stored payment was signed for another deployment.
    #[error(
        "the record's payment was signed for the contract {} on chain {}, and this is {} on chain {}",
        .signed.contract(), .signed.chain_id(), .here.contract(), .here.chain_id()
    )]
    SignedForElsewhere {
        signed: Box<Domain>,
        here: Box<Domain>,
    },
    /// The purse is closed.
    #[error("the purse {0} is closed: it pays nothing any more")]
    PurseIsClosed(PurseKey),
    /// The purse was in default, or reported.
    #[error(
        "the purse {0} was stopped (in default, or a double spend was reported): nothing new is signed with it"
    )]
    PurseIsStopped(PurseKey),
    /// There are too few serials left.
    #[error(
        "the purse {purse} has {left} base units left that no payment took, and {amount} are to be paid: top it up first"
    )]
    TooLittleLeft {
        purse: PurseKey,
        left: Amount,
        amount: Amount,
    },
    /// The amount does not fit what is there already.
    #[error("the amount {0} is too large")]
    TooLarge(Amount),
    /// The chain shows payments that the records do not explain.
    #[error(
        "the purse was paid from with other means than these records: {promised} would be promised with {serials} \
         serials. Keep all records of a purse in one folder"
    )]
    PaidByOtherMeans { promised: Amount, serials: Amount },
}

impl SettleRefusal {
    /// A name that stays the same, for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPurse { .. } => "UnknownPurse",
            Self::NotThePurses { .. } => "record_not_the_purses",
            Self::SignedForElsewhere { .. } => "foreign_domain",
            Self::PurseIsClosed(_) => "PurseIsClosed",
            Self::PurseIsStopped(_) => "purse_stopped",
            Self::TooLittleLeft { .. } => "purse_too_little_left",
            Self::TooLarge(_) => "amount_too_large",
            Self::PaidByOtherMeans { .. } => "purse_paid_by_other_means",
        }
    }

    /// Whether the same record can be settled later with nothing changed in it: after a top-up, for one.
    pub(crate) const fn is_retryable(&self) -> bool {
        matches!(self, Self::TooLittleLeft { .. })
    }
}
