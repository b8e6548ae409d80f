//! Why the contract takes a payment or a voucher for nothing.

use thiserror::Error;

/// Why the contract refuses a payment, or skips a row of a batch. Named as in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// Nobody can have signed it.
    #[error("nobody can have signed it")]
    BadSignature,
    /// Its signer is no purse.
    #[error("its signer is no purse")]
    UnknownPurse,
    /// It is malformed.
    #[error("it is malformed")]
    Malformed,
    /// It spends serials that the purse does not have.
    #[error("it spends serials that the purse does not have")]
    BeyondFunds,
    /// The purse is closed.
    #[error("the purse is closed")]
    PurseClosed,
    /// No channel was opened with its terms.
    #[error("no channel was opened with its terms")]
    UnknownChannel,
    /// The channel is closed.
    #[error("the channel is closed")]
    ChannelClosed,
    /// A reason that this version does not know.
    #[error("for a reason that this version does not know")]
    Unknown,
}

impl Refusal {
    /// The contract's number for it.
    pub(crate) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::BadSignature,
            2 => Self::UnknownPurse,
            3 => Self::Malformed,
            4 => Self::BeyondFunds,
            5 => Self::PurseClosed,
            6 => Self::UnknownChannel,
            7 => Self::ChannelClosed,
            _ => Self::Unknown,
        }
    }
}
