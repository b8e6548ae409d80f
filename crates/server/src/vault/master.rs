use futures_util::future::BoxFuture;
use offpay_operator::storage::identity::SealedDataKey;
use zeroize::Zeroizing;

/// Keys that seal data keys. In this process ([`LocalMasterKeys`](super::LocalMasterKeys)), or in a key management
/// service or hardware module, which the server asks: hence the futures. The key itself need never come here.
pub trait MasterKeys: Send + Sync + 'static {
    /// The id of the key that seals. Others may still open.
    fn current(&self) -> &str;

    /// Seals a data key under the current key, with `context` authenticated (a service calls it encryption context or
    /// additional data).
    fn seal<'a>(
        &'a self,
        context: &'a [u8],
        data_key: &'a [u8; 32],
    ) -> BoxFuture<'a, Result<SealedDataKey, MasterKeyError>>;

    /// Opens a data key that was sealed with the same `context`, under whichever key sealed it.
    fn open<'a>(
        &'a self,
        context: &'a [u8],
        sealed: &'a SealedDataKey,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, MasterKeyError>>;
}

/// Why a master key does not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// No key of that id is configured.
    #[error("the data key was sealed by a master key that is not configured")]
    NoSuchKey,
    /// It was sealed by another key, for another user, or altered.
    #[error("the data key does not open under this master key")]
    Refused,
    /// The service that has the key does not answer.
    #[error("the service that has the master key does not answer")]
    Unavailable,
}

impl MasterKeyError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Unavailable)
    }

    /// A name that stays the same, for logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchKey => "master_key_missing",
            Self::Refused => "master_key_refused",
            Self::Unavailable => "master_key_unavailable",
        }
    }
}
