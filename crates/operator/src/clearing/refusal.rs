//! Why a payment is not cleared.

use offpay_protocol::{
    Amount, Domain, PurseKey, Timestamp, payment_rules::MalformedPayment, signature::SignatureError,
};
use thiserror::Error;

/// Why a payment is not cleared. Nothing was recorded of it unless the reason says so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClearingRefusal {
    /// It was signed for another deployment.
    #[error("the payment was signed for another deployment")]
    ForeignDomain {
        /// Which.
        signed: Box<Domain>,
    },
    /// It can never be settled.
    #[error("{0}")]
    Malformed(MalformedPayment),
    /// Nobody can have signed it.
    #[error("the payment's signature: {0}")]
    Signature(SignatureError),
    /// The finalized chain knows no such purse, or not yet.
    #[error("{purse} is not an open purse in any finalized block yet")]
    UnknownPurse {
        /// Who signed the payment.
        purse: PurseKey,
    },
    /// The purse is closed.
    #[error("the purse {purse} is closed")]
    PurseClosed {
        /// The purse.
        purse: PurseKey,
    },
    /// The purse began to close, on request or because somebody reported it. The payment is kept, and presented.
    #[error("the purse {purse} can be closed from {closes_at} on")]
    PurseClosing {
        /// The purse.
        purse: PurseKey,
        /// From when on.
        closes_at: Timestamp,
    },
    /// The purse could not pay somebody. The payment is kept, and presented.
    #[error("the purse {purse} is in default")]
    PurseInDefault {
        /// The purse.
        purse: PurseKey,
    },
    /// The purse signed a double spend before. The payment itself conflicts with nothing; it is kept, and presented.
    #[error("the purse {purse} signed a double spend")]
    PurseStopped {
        /// The purse.
        purse: PurseKey,
    },
    /// It conflicts with a payment that was seen before. Both are kept as evidence, and reported on-chain.
    #[error("the payment conflicts with one that was seen before: a double spend of {purse}")]
    DoubleSpend {
        /// The purse.
        purse: PurseKey,
    },
    /// Its serials are beyond the purse's finalized funds. It is kept, and can be cleared after a top-up is final.
    #[error("the serials end at {end}, beyond the finalized funds of {funds}")]
    BeyondFunds {
        /// `start + amount`.
        end: u128,
        /// What the purse holds in the newest finalized block.
        funds: Amount,
    },
    /// What the purse promised in all is more than it holds. It is kept, and can be cleared after a top-up is final.
    #[error("the purse promised {promised} in all, more than its finalized funds of {funds}")]
    Overpromised {
        /// The highest known cumulatives, added up over payees, with this payment.
        promised: u128,
        /// What the purse holds in the newest finalized block.
        funds: Amount,
    },
    /// The purse signed more payments than are kept of one.
    #[error("the purse {purse} signed more than {limit} payments: settle, and open another")]
    TooManyPayments {
        /// The purse.
        purse: PurseKey,
        /// How many are kept.
        limit: usize,
    },
    /// The purse is on its way to another database.
    #[error("the purse {purse} is being moved to another database: try again in a moment")]
    PurseMoving {
        /// The purse.
        purse: PurseKey,
    },
    /// Another shard clears the purse's payments.
    #[error("the payments of {purse} are cleared by the shard {shard}")]
    NotThisShard {
        /// The purse.
        purse: PurseKey,
        /// Which, as far as this one knows.
        shard: String,
    },
    /// More payments wait than can be worked on.
    #[error("too many payments wait to be cleared: try again")]
    Overloaded,
    /// It is not known to be recorded: the database, the chain or the server itself was not available.
    #[error("the payment could not be recorded: try again")]
    NotRecorded,
}

impl ClearingRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ForeignDomain { .. } => "foreign_domain",
            Self::Malformed(malformed) => malformed.code(),
            Self::Signature(_) => "invalid_signature",
            Self::UnknownPurse { .. } => "unknown_purse",
            Self::PurseClosed { .. } => "purse_closed",
            Self::PurseClosing { .. } => "purse_closing",
            Self::PurseInDefault { .. } => "purse_in_default",
            Self::PurseStopped { .. } => "purse_stopped",
            Self::DoubleSpend { .. } => "double_spend",
            Self::BeyondFunds { .. } => "beyond_funds",
            Self::Overpromised { .. } => "overpromised",
            Self::TooManyPayments { .. } => "too_many_payments",
            Self::PurseMoving { .. } => "purse_moving",
            Self::NotThisShard { .. } => "not_this_shard",
            Self::Overloaded => "overloaded",
            Self::NotRecorded => "not_recorded",
        }
    }

    /// Whether the payment is never cleared and kept all the same: its purse ends, and it is presented on-chain.
    pub const fn keeps(&self) -> bool {
        matches!(
            self,
            Self::PurseClosing { .. } | Self::PurseInDefault { .. } | Self::PurseStopped { .. }
        )
    }

    /// Whether the same payment can be cleared later.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::UnknownPurse { .. }
                | Self::BeyondFunds { .. }
                | Self::Overpromised { .. }
                | Self::PurseMoving { .. }
                | Self::NotThisShard { .. }
                | Self::Overloaded
                | Self::NotRecorded
        )
    }
}
