//! What a storage has to do for an operator, as use cases. `offpay-store` does it on SQLite and PostgreSQL.
//!
//! Each area has a trait of its own; a storage implements them all. Every method that writes is one transaction of the
//! database: it happened in full, durably, when it returns `Ok`, and not at all when it returns an error (but for
//! [`StorageError::Unknown`], after which nobody knows).

mod admin;
pub mod clearing;
mod export;
pub mod identity;
mod outbox;
mod settlement;

use core::future::Future;

use offpay_protocol::Timestamp;
use thiserror::Error;

pub use admin::AdminStorage;
pub use export::{ExportStorage, ExportedPayment, PaymentPlace, PlaceError};
pub use outbox::{OutboxStorage, Outcome};
pub use settlement::{DebtSums, DoneDebt, OpenDebt, Row, SettlementStorage};

use crate::{UserId, event::Event};

pub mod chain;
pub mod channels;
pub mod circles;
pub mod hosted;
pub mod idempotency;
mod leases;
pub mod ledger;
pub mod slots;
pub mod watch;
pub mod webhooks;

pub use chain::{ChainStorage, FollowerStorage, Forward};
pub use channels::HostedChannelStorage;
pub use circles::{Application, CircleStorage};
pub use hosted::{
    AddressStorage, HostedPurseStorage, OperationStorage, RequestStorage, WithdrawalAddress,
};
pub use leases::LeaseStorage;
pub use ledger::{AuditedPage, Entered, LedgerStorage, Posting, PostingChange};
pub use slots::SlotStorage;
pub use watch::WatchStorage;

/// Why a storage did not answer.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The database cannot be reached, or is busy. Nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no room to write. Nothing was written.
    #[error("the database has no room left: {0}")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection broke during a commit: it may have happened. Read before deciding anything else.
    #[error("it is not known whether the database wrote: {0}")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another transaction came first; to be tried again. Storages do so by themselves a few times.
    #[error("other writers were in the way: {0}")]
    Contention(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The row is there already, or a constraint refuses it.
    #[error("the database refuses it: {0}")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be read: it was written by something else, or is damaged.
    #[error("what is stored cannot be read: {0}")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StorageError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::Full(_) | Self::Unknown(_) | Self::Contention(_)
        )
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "storage_unavailable",
            Self::Full(_) => "storage_full",
            Self::Unknown(_) => "storage_unknown",
            Self::Contention(_) => "storage_contention",
            Self::Refused(_) => "storage_refused",
            Self::Unreadable(_) => "storage_unreadable",
        }
    }
}

/// The persisted log.
pub trait EventStorage {
    /// Events after `cursor` (0 for all) that the user may read, or all of them for the operator (`None`); oldest
    /// first, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn events_after(
        &self,
        audience: Option<UserId>,
        cursor: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Event>, StorageError>> + Send;

    /// The last event's cursor; 0 if there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn last_event(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Appends events that go with no other change.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn append_events(
        &self,
        events: &[crate::event::NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}
