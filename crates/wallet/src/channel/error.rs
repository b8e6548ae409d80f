use offpay_protocol::{
    Amount, ChannelId, Timestamp,
    channel::{InvalidTerms, VoucherRefusal},
    wire::WireError,
};
use thiserror::Error;

use crate::{
    keys::{KeyError, LockedError},
    records::ChannelStanding,
    storage::StorageError,
};

/// Why nothing is done with a channel.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// The wallet has no such channel.
    #[error("this wallet has no channel {0}")]
    Unknown(ChannelId),
    /// Neither end is this wallet's account.
    #[error("neither end of the channel is this wallet's")]
    NotOurs,
    /// This wallet takes payments and cannot spend.
    #[error("this wallet takes payments and cannot have channels")]
    CannotPay,
    /// The terms are not ones to deal with.
    #[error("the channel's terms: {0}")]
    Terms(InvalidTerms),
    /// The payee is not at the other end.
    #[error("the payee is not at the other end of the channel")]
    OtherPayee,
    /// The channel goes one way, the other way.
    #[error("the channel goes one way, towards this wallet")]
    OneWay,
    /// The wallet has no key for its end: it came back from a backup, which holds no keys.
    #[error("this wallet has no key for its end of the channel")]
    NoKey,
    /// The channel is not open in the last finalized block that was seen.
    #[error("the channel is not open: {0:?}")]
    NotOpen(ChannelStanding),
    /// There is not that much on this side.
    #[error("{amount} was to be paid; {left} is left in the channel")]
    NotEnough {
        /// What was to be paid.
        amount: Amount,
        /// What is left on this side.
        left: Amount,
    },
    /// A close is signed and may still come.
    #[error("a close was signed that counts until {deadline}")]
    CloseSigned {
        /// Vouchers count again when the channel is seen open after it.
        deadline: Timestamp,
    },
    /// The voucher does not count.
    #[error(transparent)]
    Voucher(#[from] VoucherRefusal),
    /// The voucher is for a request that cannot be paid any more.
    #[error("the request expired, was taken back or was paid")]
    RequestNotOpen,
    /// The code cannot be read.
    #[error(transparent)]
    Unreadable(#[from] WireError),
    /// The close is not what both sides have sent, or not signed by the other side.
    #[error("the proposed close does not agree with what was sent")]
    OtherClose,
    /// The close counts for longer than an hour, or not any more.
    #[error("a close counts for at most an hour; this one until {deadline}")]
    CloseDeadline {
        /// Its deadline.
        deadline: Timestamp,
    },
    /// A one-way channel is closed by its receiving end alone.
    #[error("a one-way channel is not closed together")]
    OneWayClose,
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl ChannelError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "channel_unknown",
            Self::NotOurs => "channel_not_ours",
            Self::CannotPay => "cannot_pay",
            Self::Terms(_) => "channel_terms",
            Self::OtherPayee => "channel_other_payee",
            Self::OneWay => "channel_one_way",
            Self::NoKey => "channel_no_key",
            Self::NotOpen(_) => "channel_not_open",
            Self::NotEnough { .. } => "channel_not_enough",
            Self::CloseSigned { .. } => "channel_close_signed",
            Self::Voucher(refusal) => refusal.code(),
            Self::RequestNotOpen => "request_not_open",
            Self::Unreadable(_) => "code_unreadable",
            Self::OtherClose => "channel_other_close",
            Self::CloseDeadline { .. } => "channel_close_deadline",
            Self::OneWayClose => "channel_one_way_close",
            Self::Locked(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::NotOpen(_) | Self::NotEnough { .. } | Self::CloseSigned { .. } => true,
            Self::Voucher(refusal) => matches!(
                refusal,
                VoucherRefusal::NotSeenOpen
                    | VoucherRefusal::CloseSigned { .. }
                    | VoucherRefusal::TooLate { .. }
                    | VoucherRefusal::Overdrawn { .. }
            ),
            Self::Locked(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl From<KeyError> for ChannelError {
    fn from(error: KeyError) -> Self {
        Self::Locked(error.into())
    }
}
