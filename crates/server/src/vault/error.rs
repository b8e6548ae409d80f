use offpay_api::{Code, Problem};
use offpay_operator::storage::StorageError;

use super::MasterKeyError;
use crate::problem::Refused;

/// Why the vault does not do it. Never says anything about a secret.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no such user, or not any more.
    #[error("no such user")]
    NoSuchUser,
    /// The user has no such secret; a user with a key of their own has no account key here.
    #[error("the user has no such secret")]
    NoSuchSecret,
    /// The user has that key already.
    #[error("the key is there already")]
    Exists,
    /// The operator froze the user: nothing is signed for them.
    #[error("the user is frozen")]
    Frozen,
    /// What is stored is not what was sealed for this user and purpose.
    #[error("a sealed secret does not open: it was altered, or is another user's")]
    Altered,
    /// The system gives no entropy.
    #[error("the system gives no entropy")]
    Entropy,
    /// The master key did not do it.
    #[error("the master key: {0}")]
    Master(#[from] MasterKeyError),
    /// Another master key has the name of the one that sealed what is stored.
    #[error(
        "master key {0:?} does not open what the database says it sealed: another key has that name. Put the right one there"
    )]
    WrongMasterKey(String),
    /// The database did not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl VaultError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Master(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            Self::NoSuchUser
            | Self::NoSuchSecret
            | Self::Exists
            | Self::Frozen
            | Self::Altered
            | Self::Entropy
            | Self::WrongMasterKey(_) => false,
        }
    }

    /// A name that stays the same, for logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchUser => "vault_no_such_user",
            Self::NoSuchSecret => "vault_no_such_secret",
            Self::Exists => "vault_exists",
            Self::Frozen => "vault_frozen",
            Self::Altered => "vault_altered",
            Self::Entropy => "vault_entropy",
            Self::WrongMasterKey(_) => "vault_wrong_master_key",
            Self::Master(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }
}

impl From<VaultError> for Refused {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Storage(error) => error.into(),
            VaultError::Frozen => Problem::new(
                Code::AccountFrozen,
                "the operator froze this account: ask them why",
            )
            .into(),
            VaultError::NoSuchUser => {
                Problem::new(Code::Unauthorized, "the account is gone").into()
            }
            VaultError::NoSuchSecret => Problem::new(
                Code::Forbidden,
                "this server does not hold that key: sign with your own wallet",
            )
            .into(),
            error => {
                tracing::error!(code = error.code(), %error, "the vault failed");
                let code = if error.is_retryable() {
                    Code::Unavailable
                } else {
                    Code::Internal
                };
                Problem::new(code, "the vault did not open").into()
            }
        }
    }
}
