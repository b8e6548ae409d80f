//! The books of purses, in memory.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use offpay_operator::{
    clearing::PurseBook,
    purse::KnownPurse,
    storage::{StorageError, clearing::ClearingStorage},
};
use offpay_protocol::PurseKey;

use super::PurseDirectory;

/// The most payments whose place in the books is held in memory, about 200 bytes each.
const MOST_HELD: usize = 2_000_000;
/// An empty book weighs as much as some payments.
const BOOK_WEIGHT: usize = 4;
/// What the chain says of a purse is asked again after this time.
const FRESH: Duration = Duration::from_secs(5);
/// The same after a refusal, which a top-up or a new block can end.
const FRESH_AFTER_REFUSAL: Duration = Duration::from_millis(200);

/// What is held of one purse.
pub(super) struct Held {
    pub(super) book: PurseBook,
    pub(super) chain: Option<KnownPurse>,
    pub(super) stopped: bool,
    /// What the database's version is while this book is what it holds.
    pub(super) version: i64,
    /// Something was refused because of what the chain said.
    pub(super) doubtful: bool,
    asked_at: Instant,
    used: u64,
}

impl Held {
    fn weight(&self) -> usize {
        self.book.len().saturating_add(BOOK_WEIGHT)
    }

    fn is_fresh(&self, now: Instant) -> bool {
        let fresh = if self.doubtful {
            FRESH_AFTER_REFUSAL
        } else {
            FRESH
        };
        now.saturating_duration_since(self.asked_at) < fresh
    }
}

/// The books of the purses that were used last.
#[derive(Default)]
pub(super) struct Books {
    held: HashMap<PurseKey, Held>,
    /// Counts commits: what was used last is known by it.
    turn: u64,
}

impl Books {
    /// Loads what is missing of these purses, and asks the chain where that was long ago.
    pub(super) async fn load(
        &mut self,
        purses: &[PurseKey],
        storage: &(impl ClearingStorage + Sync),
        directory: &dyn PurseDirectory,
    ) -> Result<(), StorageError> {
        self.turn = self.turn.wrapping_add(1);
        let now = Instant::now();
        let mut missing = Vec::new();
        let mut stale = Vec::new();
        for purse in purses {
            match self.held.get_mut(purse) {
                Some(held) => {
                    held.used = self.turn;
                    if !held.is_fresh(now) {
                        stale.push(*purse);
                    }
                }
                None => {
                    missing.push(*purse);
                    stale.push(*purse);
                }
            }
        }
        if !missing.is_empty() {
            let histories = storage.purse_histories(&missing).await?;
            for (purse, history) in missing.into_iter().zip(histories) {
                let held = Held {
                    book: PurseBook::new(history.payments),
                    chain: None,
                    stopped: history.stopped,
                    version: history.version,
                    doubtful: false,
                    asked_at: now,
                    used: self.turn,
                };
                self.held.insert(purse, held);
            }
        }
        if !stale.is_empty() {
            let told = directory.purses(&stale).await;
            if told.is_err() {
                // A book without what the chain says must not stay.
                self.forget(&stale);
            }
            for (purse, chain) in stale.into_iter().zip(told?) {
                if let Some(held) = self.held.get_mut(&purse) {
                    (held.chain, held.asked_at, held.doubtful) = (chain, now, false);
                }
            }
        }
        Ok(())
    }

    pub(super) fn get_mut(&mut self, purse: PurseKey) -> Option<&mut Held> {
        self.held.get_mut(&purse)
    }

    pub(super) fn forget(&mut self, purses: &[PurseKey]) {
        for purse in purses {
            self.held.remove(purse);
        }
    }

    /// These were recorded, on top of the versions that they were decided on.
    pub(super) fn recorded(&mut self, heads: &[(PurseKey, i64)]) {
        for (purse, version) in heads {
            if let Some(held) = self.held.get_mut(purse) {
                held.version = version.saturating_add(1);
            }
        }
    }

    /// Forgets what was not used for the longest time, if too much is held.
    pub(super) fn shrink(&mut self) {
        let mut weight = 0usize;
        for held in self.held.values() {
            weight = weight.saturating_add(held.weight());
        }
        let books = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        metrics::gauge!("offpay_clearing_books").set(f64::from(books));
        if weight <= MOST_HELD {
            return;
        }
        let mut by_use: Vec<_> = self
            .held
            .iter()
            .map(|(purse, held)| (held.used, *purse, held.weight()))
            .collect();
        by_use.sort_unstable_by_key(|(used, _, _)| *used);
        for (_, purse, of_this) in by_use {
            // A quarter is freed at a time, so that this happens rarely.
            if weight <= MOST_HELD / 4 * 3 {
                return;
            }
            self.held.remove(&purse);
            weight = weight.saturating_sub(of_this);
        }
    }
}
