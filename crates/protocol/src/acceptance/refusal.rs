use thiserror::Error;

use crate::{
    AccountId, Amount, PaymentId, PurseKey, Seconds, Timestamp, certificate::CertificateRefusal,
    conflict::Conflict, payment_rules::MalformedPayment, signature::SignatureError,
};

/// Why a payment is not taken, in the order in which the questions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The request is of another payee.
    #[error("the request is not this wallet's")]
    NotOwnRequest,
    /// This very payment was accepted before.
    #[error("this payment was accepted before")]
    AlreadyAccepted,
    /// The request has expired.
    #[error("the request expired at {expires_at}")]
    RequestExpired {
        /// When it did.
        expires_at: Timestamp,
    },
    /// The request was paid by another payment.
    #[error("the request was paid by {by}")]
    RequestUsed {
        /// The payment that was accepted for it.
        by: PaymentId,
    },
    /// Nobody can have signed the payment.
    #[error("the payment's signature: {0}")]
    Signature(SignatureError),
    /// The payment was signed by another key than the certificate names.
    #[error("the payment is signed by {signer}, the certificate is of {certified}")]
    NotTheCertifiedPurse {
        /// Who signed the payment.
        signer: PurseKey,
        /// Whom the certificate names.
        certified: PurseKey,
    },
    /// The certificate does not count.
    #[error(transparent)]
    Certificate(CertificateRefusal),
    /// The payment is to another payee.
    #[error("the payment is to {payee}")]
    OtherPayee {
        /// To whom.
        payee: AccountId,
    },
    /// The payment is of another amount than was asked for.
    #[error("{asked} was asked for, {paid} is paid")]
    OtherAmount {
        /// What the request says.
        asked: Amount,
        /// What the payment says.
        paid: Amount,
    },
    /// The payment is for something else.
    #[error("the payment is for another request")]
    OtherReference,
    /// The payment can never be settled.
    #[error(transparent)]
    Malformed(MalformedPayment),
    /// The payment does not add its amount to what was promised before.
    #[error("{known} was promised before; with {amount} more, {cumulative} is too low")]
    CumulativeTooLow {
        /// The highest cumulative that was known.
        known: Amount,
        /// What the payment pays.
        amount: Amount,
        /// What it says was promised in all.
        cumulative: Amount,
    },
    /// The payment and one that was seen before prove a double spend: hand both in.
    #[error("a double spend, with payment {with}: {conflict}")]
    Conflict {
        /// The other payment.
        with: PaymentId,
        /// By which rule.
        conflict: Conflict,
    },
    /// The purse is closing.
    #[error("the purse is on the revocation list")]
    Revoked,
    /// Too many payments are held unsettled.
    #[error("{limit} unsettled payments are held already")]
    TooManyHeld {
        /// How many the owner allows.
        limit: u32,
    },
    /// Too much is held unsettled.
    #[error("{held} would be held unsettled; the limit is {limit}")]
    TooMuchHeld {
        /// What would be held.
        held: Amount,
        /// What the owner allows.
        limit: Amount,
    },
    /// Too much is held unsettled from this payer.
    #[error("{held} would be held from this payer; the limit is {limit}")]
    TooMuchFromPayer {
        /// What would be held.
        held: Amount,
        /// What the owner allows.
        limit: Amount,
    },
    /// The last sync is too long ago.
    #[error("the last sync was {elapsed} seconds ago; the limit is {limit}")]
    TooLongSinceSync {
        /// How long ago it was.
        elapsed: Seconds,
        /// What the owner allows.
        limit: Seconds,
    },
    /// More of the exposure is uncovered than the owner risks.
    #[error("{uncovered} would not be covered; the limit is {limit}")]
    TooMuchUncovered {
        /// What is not covered.
        uncovered: Amount,
        /// What the owner allows.
        limit: Amount,
    },
}

impl Refusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOwnRequest => "request_not_own",
            Self::AlreadyAccepted => "payment_already_accepted",
            Self::RequestExpired { .. } => "request_expired",
            Self::RequestUsed { .. } => "request_used",
            Self::Signature(_) => "payment_signature",
            Self::NotTheCertifiedPurse { .. } => "payment_not_the_certified_purse",
            Self::Certificate(refusal) => refusal.code(),
            Self::OtherPayee { .. } => "payment_other_payee",
            Self::OtherAmount { .. } => "payment_other_amount",
            Self::OtherReference => "payment_other_reference",
            Self::Malformed(_) => "payment_malformed",
            Self::CumulativeTooLow { .. } => "payment_cumulative_too_low",
            Self::Conflict { .. } => "payment_conflict",
            Self::Revoked => "purse_revoked",
            Self::TooManyHeld { .. } => "limit_payments_held",
            Self::TooMuchHeld { .. } => "limit_amount_held",
            Self::TooMuchFromPayer { .. } => "limit_amount_from_payer",
            Self::TooLongSinceSync { .. } => "limit_since_sync",
            Self::TooMuchUncovered { .. } => "limit_uncovered",
        }
    }

    /// Whether the same payment can be taken later: after a sync, a fresher certificate, or another limit.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Certificate(
                CertificateRefusal::Stale { .. }
                    | CertificateRefusal::FromTheFuture { .. }
                    | CertificateRefusal::UntrustedOperator { .. }
            ) | Self::Malformed(MalformedPayment::BeyondFunds { .. })
                | Self::TooManyHeld { .. }
                | Self::TooMuchHeld { .. }
                | Self::TooMuchFromPayer { .. }
                | Self::TooLongSinceSync { .. }
                | Self::TooMuchUncovered { .. }
        )
    }
}
