//! The wallet: the state machine with a storage under it and a lock on it.

use offpay_protocol::Timestamp;

use crate::{
    durable::{Durable, Unstored},
    keys::{LockedError, Unlocked},
    state::State,
    storage::{Storage, StorageError},
    use_case::UseCase,
};

mod create;
mod lock;

pub use create::{CreateError, NewIdentity, NewWalletOrder};
pub use lock::UnlockError;

/// One person's wallet.
///
/// Every operation reads the stored state, decides, stores what it decided in one write, and only then hands out what
/// may be shown. After a write of which it is not known whether it happened, the state is read again before anything
/// else is decided.
#[derive(Debug)]
pub struct Wallet<S> {
    storage: S,
    state: State,
    unlocked: Option<Unlocked>,
    stale: bool,
}

/// Why a wallet cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No wallet was created here.
    #[error("there is no wallet here yet")]
    NoWallet,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl OpenError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoWallet => "no_wallet",
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::NoWallet => false,
            Self::Storage(error) => error.is_retryable(),
        }
    }
}

impl<S: Storage> Wallet<S> {
    /// Opens the wallet in `storage`, locked.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(mut storage: S) -> Result<Self, OpenError> {
        let state = State::new(storage.load()?).ok_or(OpenError::NoWallet)?;
        Ok(Self {
            storage,
            state,
            unlocked: None,
            stale: false,
        })
    }

    /// The stored state, for showing.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Gives the storage back, and forgets the keys.
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// Reads the state again if a write failed, and returns the time that counts.
    pub(crate) fn prepare(&mut self, now: Timestamp) -> Result<Timestamp, StorageError> {
        if self.stale {
            let records = self.storage.load()?;
            self.state = State::new(records).ok_or(StorageError::Inconsistent {
                what: "a wallet does not disappear",
            })?;
            self.stale = false;
        }
        Ok(self.state.time(now))
    }

    /// The open vault, used now.
    pub(crate) fn keys(&mut self, now: Timestamp) -> Result<(&State, &Unlocked), LockedError> {
        self.lock_if_idle(now)?;
        let unlocked = self.unlocked.as_mut().ok_or(LockedError::Locked)?;
        unlocked.touch(now);
        Ok((&self.state, unlocked))
    }

    /// Stores a decision and takes it in.
    pub(crate) fn commit<T>(&mut self, unstored: Unstored<T>) -> Result<Durable<T>, StorageError> {
        // Whatever goes wrong from here on, the storage is asked what it holds before the next decision.
        self.stale = true;
        let (durable, entry) = unstored.store(&mut self.storage)?;
        self.state.apply(&entry)?;
        self.stale = false;
        Ok(durable)
    }

    /// Stores that something happened.
    pub(crate) fn record(
        &mut self,
        use_case: UseCase,
        time: Timestamp,
    ) -> Result<Durable<()>, StorageError> {
        let unstored = self.state.decided(use_case, time, ());
        self.commit(unstored)
    }
}
