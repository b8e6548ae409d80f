use offpay_protocol::{
    ChannelId, PaymentId, PurseKey, certificate::RotationRefusal, clearance::ClearanceRefusal,
    proof::ProofError, revocations::RevocationRefusal,
};
use thiserror::Error;

use crate::{purse::PurseError, storage::StorageError};

/// Why an answer is not taken in. Nothing is changed then.
#[derive(Debug, Error)]
pub enum SyncError {
    /// The block is older than one that this wallet is already in step with: the node lags, or lies.
    #[error("block {found} is older than block {known}, which this wallet has seen")]
    Lagging {
        /// The block of the answer.
        found: u64,
        /// The block that this wallet is in step with.
        known: u64,
    },
    /// The wallet did not ask about this purse.
    #[error("this wallet knows nothing of purse {0}")]
    UnknownPurse(PurseKey),
    /// The wallet neither made nor holds this payment of that purse.
    #[error("this wallet knows nothing of payment {0}")]
    UnknownPayment(PaymentId),
    /// The clearance does not count.
    #[error(transparent)]
    Clearance(#[from] ClearanceRefusal),
    /// The wallet did not ask about this channel.
    #[error("this wallet knows nothing of channel {0}")]
    UnknownChannel(ChannelId),
    /// The answer contradicts what was seen in an older finalized block: the node lies.
    #[error("the answer contradicts what a finalized block said before")]
    Contradiction,
    /// The proof proves nothing.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The certificate is not one for this wallet.
    #[error(transparent)]
    Certificate(PurseError),
    /// The operator's next key is not to be followed.
    #[error(transparent)]
    OperatorKey(#[from] RotationRefusal),
    /// The operator's list does not count.
    #[error(transparent)]
    Revocations(#[from] RevocationRefusal),
    /// The operator's key rotation is for another deployment.
    #[error("the answer is for another deployment")]
    OtherDeployment,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl SyncError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Lagging { .. } => "node_lagging",
            Self::UnknownPurse(_) => "purse_unknown",
            Self::UnknownPayment(_) => "payment_unknown",
            Self::Clearance(refusal) => refusal.code(),
            Self::UnknownChannel(_) => "channel_unknown",
            Self::Contradiction => "answer_contradicts",
            Self::Proof(error) => error.code(),
            Self::Certificate(error) => error.code(),
            Self::OperatorKey(_) => "operator_key_refused",
            Self::Revocations(_) => "revocations_refused",
            Self::OtherDeployment => "other_deployment",
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether asking again, maybe another node, can succeed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Lagging { .. } | Self::Contradiction | Self::Proof(_) => true,
            Self::Certificate(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl From<PurseError> for SyncError {
    fn from(error: PurseError) -> Self {
        Self::Certificate(error)
    }
}
