use thiserror::Error;

use crate::{AccountId, Amount, Timestamp, payment_rules::MalformedPayment};

/// Why the contract refuses an operation on a purse. Named as in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PurseError {
    /// An amount that must be set is zero.
    #[error("the amount is zero")]
    ZeroAmount,
    /// A cover count is 1 to 65534.
    #[error("a cover count is 1 to 65534, not {0}")]
    InvalidCoverCount(u16),
    /// All holdings together stay below 2^96.
    #[error("holdings would reach 2^96")]
    HoldingsTooLarge,
    /// The payment is malformed.
    #[error(transparent)]
    MalformedPayment(MalformedPayment),
    /// The payment spends serials that the purse does not have.
    #[error("the serials end at {end}, beyond the funds {funds}")]
    BeyondFunds {
        /// `start + amount`.
        end: u128,
        /// The purse's funds.
        funds: Amount,
    },
    /// The purse is closed.
    #[error("the purse is closed")]
    PurseIsClosed,
    /// The purse's close has been requested already.
    #[error("the purse closes at {closes_at} already")]
    PurseClosing {
        /// When it closes.
        closes_at: Timestamp,
    },
    /// The purse cannot be closed yet.
    #[error("the purse cannot be closed yet: {pairs_in_default} pairs are in default")]
    NotClosable {
        /// When it can be at the earliest, if that is set.
        closes_at: Option<Timestamp>,
        /// How many pairs are neither made good nor resolved.
        pairs_in_default: usize,
    },
    /// The first default fixed the pledge for good.
    #[error("the first default fixed the pledge for good")]
    PledgeFixed,
    /// The pair is not in default.
    #[error("{payee} is not in default with this purse")]
    NotInDefault {
        /// The payee.
        payee: AccountId,
    },
    /// The settlement period has not passed yet.
    #[error("the owner can make good until {ends_at}")]
    SettlementPeriodRunning {
        /// When the period ends.
        ends_at: Timestamp,
    },
    /// Making good would cost more than the owner allowed.
    #[error("making good costs {needed}, more than the {max} allowed")]
    MakeGoodTooDear {
        /// What it costs.
        needed: Amount,
        /// What the owner allowed.
        max: Amount,
    },
    /// The owner's balance is smaller than what a pair is owed.
    #[error("the balance {balance} is less than {amount}")]
    InsufficientBalance {
        /// What is left of it when this pair's turn comes.
        balance: Amount,
        /// What the pair is owed.
        amount: Amount,
    },
    /// The two payments do not conflict.
    #[error("the payments do not conflict")]
    NoConflict,
}

impl PurseError {
    /// A name that stays the same, for APIs and logs: the contract's.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ZeroAmount => "ZeroAmount",
            Self::InvalidCoverCount(_) => "InvalidCoverCount",
            Self::HoldingsTooLarge => "HoldingsTooLarge",
            Self::MalformedPayment(_) => "MalformedPayment",
            Self::BeyondFunds { .. } => "BeyondFunds",
            Self::PurseIsClosed => "PurseIsClosed",
            Self::PurseClosing { .. } => "PurseClosing",
            Self::NotClosable { .. } => "NotClosable",
            Self::PledgeFixed => "PledgeFixed",
            Self::NotInDefault { .. } => "NotInDefault",
            Self::SettlementPeriodRunning { .. } => "SettlementPeriodRunning",
            Self::MakeGoodTooDear { .. } => "MakeGoodTooDear",
            Self::InsufficientBalance { .. } => "InsufficientBalance",
            Self::NoConflict => "NoConflict",
        }
    }

    /// Whether the same operation can succeed later, with nothing changed by who asks for it.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::NotClosable { .. } | Self::SettlementPeriodRunning { .. }
        )
    }
}

impl From<MalformedPayment> for PurseError {
    fn from(malformed: MalformedPayment) -> Self {
        match malformed {
            MalformedPayment::BeyondFunds { end, funds } => Self::BeyondFunds { end, funds },
            malformed => Self::MalformedPayment(malformed),
        }
    }
}
