//! What the wallet needs of a database: its own trait, in its own words.

use std::error::Error as StdError;

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{records::Records, use_case::UseCase};

/// Where a wallet keeps what it must not lose.
///
/// One process has a wallet open at a time: an implementation refuses to open a wallet that another process holds, and
/// refuses an entry that does not follow the last one, which is how a second writer that got past the lock is seen.
pub trait Storage {
    /// All that is stored; empty for a wallet that was not created yet.
    ///
    /// # Errors
    ///
    /// See [`StorageError`].
    fn load(&mut self) -> Result<Records, StorageError>;

    /// Carries out one use case: atomically, and durable when it returns. After a crash all of it is there, or nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError::OutOfSequence`] if the entry's number is not one more than the last one's, and then nothing is
    /// written. After any other error it may or may not have been.
    fn record(&mut self, entry: &Entry) -> Result<(), StorageError>;
}

impl<S: Storage + ?Sized> Storage for &mut S {
    fn load(&mut self) -> Result<Records, StorageError> {
        (**self).load()
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        (**self).record(entry)
    }
}

impl<S: Storage + ?Sized> Storage for Box<S> {
    fn load(&mut self) -> Result<Records, StorageError> {
        (**self).load()
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        (**self).record(entry)
    }
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Its place: the first entry is number 1, and each is one more than the one before.
    pub number: u64,
    /// The highest time that the wallet has ever seen.
    pub time: Timestamp,
    /// What happened.
    pub use_case: UseCase,
}

/// Why a storage does not do what it was asked.
#[derive(Debug, Error)]
pub enum StorageError {
    /// Another process has this wallet open.
    #[error("another program has this wallet open")]
    InUse,
    /// The entry does not follow the last one: somebody else wrote.
    #[error("entry {number} does not follow entry {last}: another program wrote to this wallet")]
    OutOfSequence {
        /// The number of the refused entry.
        number: u64,
        /// The number of the last entry that is stored.
        last: u64,
    },
    /// The stored records contradict themselves, or a rule that the entry must keep is broken.
    #[error("the stored wallet is inconsistent: {what}")]
    Inconsistent {
        /// Which rule.
        what: &'static str,
    },
    /// The stored wallet is of a later version of this program.
    #[error("the wallet is of version {found}; this program reads up to {known}")]
    TooNew {
        /// The version that was found.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// There is no room left.
    #[error("no room left to store anything")]
    Full,
    /// The medium failed.
    #[error("storage failed: {0}")]
    Medium(#[source] Box<dyn StdError + Send + Sync>),
}

impl StorageError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse => "wallet_in_use",
            Self::OutOfSequence { .. } => "storage_out_of_sequence",
            Self::Inconsistent { .. } => "storage_inconsistent",
            Self::TooNew { .. } => "storage_too_new",
            Self::Full => "storage_full",
            Self::Medium(_) => "storage_failed",
        }
    }

    /// Whether the same can succeed later, once the other program is closed or there is room.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::InUse | Self::OutOfSequence { .. } | Self::Full)
    }
}
