use offpay_protocol::{
    AccountId, Amount, ChannelId, PaymentId, PurseKey, Timestamp, certificate::CertificateRefusal,
};
use thiserror::Error;

use crate::{
    channel::ChannelError,
    keys::{KeyError, LockedError},
    storage::StorageError,
};

/// Why a payment is not made.
#[derive(Debug, Error)]
pub enum PayError {
    /// This wallet takes payments and cannot spend.
    #[error("this wallet takes payments and cannot make any")]
    CannotPay,
    /// The request asks for a payment to this wallet itself.
    #[error("the request is this wallet's own")]
    OwnRequest,
    /// The request is to nobody.
    #[error("the request is to nobody")]
    NoPayee,
    /// The request has expired.
    #[error("the request expired at {expires_at}")]
    Expired {
        /// When it did.
        expires_at: Timestamp,
    },
    /// The request is signed, but not by the payee nor by a key that a trusted operator attested: it may have been
    /// swapped.
    #[error("the request is not signed by {payee}, whom it asks to pay")]
    NotSignedByPayee {
        /// Whom it asks to pay.
        payee: AccountId,
    },
    /// The request leaves the amount to the payer, who gave none.
    #[error("the request leaves the amount to you")]
    AmountMissing,
    /// The request names the amount, and the payer gave another.
    #[error("the request asks for {asked}, not for {given}")]
    OtherAmount {
        /// What it asks for.
        asked: Amount,
        /// What the payer gave.
        given: Amount,
    },
    /// The request was paid already. The same payment can be shown again.
    #[error("you paid this request already")]
    AlreadyPaid {
        /// By this payment.
        by: PaymentId,
    },
    /// More than the owner allows for one payment.
    #[error("{amount} is more than your limit of {limit} for one payment")]
    OverPaymentLimit {
        /// What was to be paid.
        amount: Amount,
        /// The limit.
        limit: Amount,
    },
    /// More than the owner allows for a day.
    #[error("with {spent} paid in the last 24 hours, {amount} is more than your limit of {limit}")]
    OverDayLimit {
        /// What was to be paid.
        amount: Amount,
        /// What was paid in the last 24 hours.
        spent: Amount,
        /// The limit.
        limit: Amount,
    },
    /// More payments than the owner allows for a day.
    #[error("you made {limit} payments in the last 24 hours: that is your limit")]
    OverCountLimit {
        /// The limit.
        limit: u32,
    },
    /// No purse is open for paying.
    #[error("no purse is open for paying")]
    NoPurse,
    /// The wallet has no such purse, or it is not open for paying.
    #[error("purse {purse} is not open for paying")]
    PurseNotUsable {
        /// The purse.
        purse: PurseKey,
    },
    /// No purse holds that much.
    #[error("{amount} was to be paid; {left} is left")]
    NotEnough {
        /// What was to be paid.
        amount: Amount,
        /// The most that is left in one purse or channel.
        left: Amount,
    },
    /// The purse has no certificate yet: go online once.
    #[error("purse {purse} has no certificate yet")]
    NoCertificate {
        /// The purse.
        purse: PurseKey,
    },
    /// The purse was topped up, and its certificate does not say so yet: go online once.
    #[error("only {left} of purse {purse} is certified")]
    NotCertifiedYet {
        /// The purse.
        purse: PurseKey,
        /// What is left of what is certified.
        left: Amount,
    },
    /// The purse's certificate no longer counts: go online once.
    #[error("the certificate of purse {purse}: {refusal}")]
    CertificateNotFresh {
        /// The purse.
        purse: PurseKey,
        /// Why it does not count.
        refusal: CertificateRefusal,
    },
    /// The channel cannot pay this.
    #[error("channel {channel}: {error}")]
    Channel {
        /// The channel.
        channel: ChannelId,
        /// Why not.
        error: Box<ChannelError>,
    },
    /// The wallet made no such payment.
    #[error("this wallet made no payment {0}")]
    UnknownPayment(PaymentId),
    /// What was received cannot be given back like this.
    #[error(transparent)]
    Refund(#[from] crate::refund::RefundError),
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl PayError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CannotPay => "cannot_pay",
            Self::OwnRequest => "request_own",
            Self::NoPayee => "request_no_payee",
            Self::Expired { .. } => "request_expired",
            Self::NotSignedByPayee { .. } => "request_not_signed_by_payee",
            Self::AmountMissing => "amount_missing",
            Self::OtherAmount { .. } => "amount_other",
            Self::AlreadyPaid { .. } => "request_already_paid",
            Self::OverPaymentLimit { .. } => "limit_per_payment",
            Self::OverDayLimit { .. } => "limit_per_day",
            Self::OverCountLimit { .. } => "limit_payments_per_day",
            Self::NoPurse => "no_purse",
            Self::PurseNotUsable { .. } => "purse_not_usable",
            Self::NotEnough { .. } => "not_enough",
            Self::NoCertificate { .. } => "certificate_missing",
            Self::NotCertifiedYet { .. } => "certificate_below_funds",
            Self::CertificateNotFresh { .. } => "certificate_not_fresh",
            Self::Channel { error, .. } => error.code(),
            Self::UnknownPayment(_) => "payment_unknown",
            Self::Refund(error) => error.code(),
            Self::Locked(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later: after a sync, another day, or unlocking.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::OverDayLimit { .. }
            | Self::OverCountLimit { .. }
            | Self::NotEnough { .. }
            | Self::NoPurse
            | Self::NoCertificate { .. }
            | Self::NotCertifiedYet { .. }
            | Self::CertificateNotFresh { .. } => true,
            Self::Channel { error, .. } => error.is_retryable(),
            Self::Locked(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl From<KeyError> for PayError {
    fn from(error: KeyError) -> Self {
        Self::Locked(error.into())
    }
}
