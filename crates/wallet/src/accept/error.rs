use offpay_protocol::{Amount, acceptance::Refusal, clearance::ClearanceRefusal, wire::WireError};
use thiserror::Error;

use crate::storage::StorageError;

/// Why a payment is not taken, and nothing was stored of it but the proof of a double spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AcceptRefusal {
    /// The code cannot be read.
    #[error(transparent)]
    Unreadable(#[from] WireError),
    /// The code is of another kind: a request, a receipt.
    #[error("the code is not a payment")]
    NotAPayment,
    /// The payment is not for a request of this wallet.
    #[error("the payment is not for a request of this wallet")]
    NotForThisWallet,
    /// The payment came without a certificate, and this wallet has none of its purse.
    #[error("the payment came without a certificate")]
    NoCertificate,
    /// The owner took the request back.
    #[error("the request was taken back")]
    RequestWithdrawn,
    /// One of the checks of section 8.3 failed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The clearance that came along does not count.
    #[error(transparent)]
    Clearance(#[from] ClearanceRefusal),
    /// The owner wants the network's word for this much.
    #[error("{amount} is taken only with the network's word; the floor is {floor}")]
    NeedsNetwork {
        /// What is paid.
        amount: Amount,
        /// From where on the network is asked.
        floor: Amount,
    },
}

impl AcceptRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "code_unreadable",
            Self::NotAPayment => "not_a_payment",
            Self::NotForThisWallet => "payment_not_for_this_wallet",
            Self::NoCertificate => "certificate_missing",
            Self::RequestWithdrawn => "request_withdrawn",
            Self::Refused(refusal) => refusal.code(),
            Self::Clearance(refusal) => refusal.code(),
            Self::NeedsNetwork { .. } => "needs_network",
        }
    }

    /// Whether the same payment can be taken later: after a sync, with the network's word, or with other settings.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::NoCertificate | Self::Clearance(_) | Self::NeedsNetwork { .. } => true,
            Self::Refused(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }
}

/// Why a payment is not taken.
#[derive(Debug, Error)]
pub enum AcceptError {
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] AcceptRefusal),
    /// It could not be stored, so it was not taken.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AcceptError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same payment can be taken later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
        }
    }
}
