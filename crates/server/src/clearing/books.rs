//! The books of purses, in memory.
//!
//! A book is opened at the purse's frontier, where the database knows it: that takes a row, however many payments the purse
//! has signed. It is read whole once a payment is handed in that does not come after all others.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use offpay_operator::{
    clearing::{ClearingRefusal, Decision, Frontier, PurseBook, PurseTerms, Seen, decide},
    purse::KnownPurse,
    storage::{
        StorageError,
        clearing::{ClearingStorage, PurseHead, PurseHistory, StoredPayment},
    },
};
use offpay_protocol::{PurseKey, messages::Payment};

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
    fn new(book: PurseBook, stopped: bool, version: i64, now: Instant, used: u64) -> Self {
        Self {
            book,
            chain: None,
            stopped,
            version,
            doubtful: false,
            asked_at: now,
            used,
        }
    }

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
    /// Loads what is missing of the purses of these payments, and asks the chain where that was long ago.
    pub(super) async fn load(
        &mut self,
        asked: &[&StoredPayment],
        storage: &(impl ClearingStorage + Sync),
        directory: &dyn PurseDirectory,
    ) -> Result<(), StorageError> {
        self.turn = self.turn.wrapping_add(1);
        let now = Instant::now();
        let mut missing = Vec::new();
        let mut stale = Vec::new();
        let purses: BTreeSet<_> = asked.iter().map(|stored| stored.purse).collect();
        for purse in purses {
            match self.held.get_mut(&purse) {
                Some(held) => {
                    held.used = self.turn;
                    if !held.is_fresh(now) {
                        stale.push(purse);
                    }
                }
                None => {
                    missing.push(purse);
                    stale.push(purse);
                }
            }
        }
        self.open(missing, storage, now).await?;
        self.learn(asked, storage).await?;
        self.read_whole(asked, storage).await?;
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

    /// Opens the books of these purses: at their frontiers, or whole where there is none.
    async fn open(
        &mut self,
        purses: Vec<PurseKey>,
        storage: &(impl ClearingStorage + Sync),
        now: Instant,
    ) -> Result<(), StorageError> {
        if purses.is_empty() {
            return Ok(());
        }
        for known in storage.purse_frontiers(&purses).await? {
            let book = PurseBook::above(known.frontier);
            let held = Held::new(book, false, known.version, now, self.turn);
            self.held.insert(known.purse, held);
        }
        let others: Vec<_> = purses
            .into_iter()
            .filter(|purse| !self.held.contains_key(purse))
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        let histories = storage.purse_histories(&others).await?;
        for (purse, history) in others.into_iter().zip(histories) {
            let book = PurseBook::new(history.payments);
            let held = Held::new(book, history.stopped, history.version, now, self.turn);
            self.held.insert(purse, held);
        }
        Ok(())
    }

    /// Tells books what the payees of these payments were promised before what they hold.
    async fn learn(
        &mut self,
        asked: &[&StoredPayment],
        storage: &(impl ClearingStorage + Sync),
    ) -> Result<(), StorageError> {
        let unknown: BTreeSet<_> = asked
            .iter()
            .map(|stored| (stored.purse, stored.payment.payee))
            .filter(|(purse, payee)| {
                let held = self.held.get(purse);
                held.is_some_and(|held| !held.book.has_learned(*payee))
            })
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<_> = unknown.into_iter().collect();
        for (purse, payee, highest) in storage.highest_promises(&unknown).await? {
            if let Some(held) = self.held.get_mut(&purse) {
                held.book.learn(payee, highest);
            }
        }
        // To the others nothing was ever promised.
        for (purse, payee) in unknown {
            if let Some(held) = self.held.get_mut(&purse) {
                held.book.learn(payee, offpay_protocol::Amount::ZERO);
            }
        }
        Ok(())
    }

    /// Reads whole the books that do not reach the first of their purse's payments. Whether they reach the others
    /// is seen when it is their turn.
    async fn read_whole(
        &mut self,
        asked: &[&StoredPayment],
        storage: &(impl ClearingStorage + Sync),
    ) -> Result<(), StorageError> {
        let (mut seen, mut short) = (BTreeSet::new(), Vec::new());
        for stored in asked.iter().filter(|stored| seen.insert(stored.purse)) {
            let book = self.held.get(&stored.purse).map(|held| &held.book);
            let payment = &stored.payment;
            if book.is_some_and(|book| {
                !book.reaches(payment) && book.find(payment, stored.id).is_none()
            }) {
                short.push(stored.purse);
            }
        }
        if short.is_empty() {
            return Ok(());
        }
        let histories = storage.purse_histories(&short).await?;
        for (purse, history) in short.into_iter().zip(histories) {
            self.complete(purse, history, [])?;
        }
        Ok(())
    }

    /// Puts a purse's whole book, with what is not stored yet, in the place of one that was opened at its frontier.
    ///
    /// # Errors
    ///
    /// [`StorageError::Refused`] if another program has recorded something of the purse since it was opened.
    pub(super) fn complete(
        &mut self,
        purse: PurseKey,
        history: PurseHistory,
        drafted: impl IntoIterator<Item = (Payment, Seen)>,
    ) -> Result<(), StorageError> {
        if let Some(held) = self.held.get_mut(&purse) {
            if held.version != history.version {
                return Err(StorageError::Refused(
                    "another server recorded something of this purse first".into(),
                ));
            }
            held.book = PurseBook::new(history.payments);
            for (payment, seen) in drafted {
                held.book.insert(&payment, seen);
            }
        }
        Ok(())
    }

    /// What becomes of a payment, as far as its purse's book tells.
    pub(super) fn decide(&self, stored: &StoredPayment) -> Decision {
        let Some(held) = self.held.get(&stored.purse) else {
            return Decision::Refuse(ClearingRefusal::NotRecorded);
        };
        let terms = PurseTerms {
            key: stored.purse,
            chain: held.chain.as_ref(),
            stopped: held.stopped,
        };
        decide(&held.book, &terms, &stored.payment, stored.id)
    }

    pub(super) fn get_mut(&mut self, purse: PurseKey) -> Option<&mut Held> {
        self.held.get_mut(&purse)
    }

    pub(super) fn forget_all(&mut self) {
        self.held.clear();
    }

    pub(super) fn forget(&mut self, purses: &[PurseKey]) {
        for purse in purses {
            self.held.remove(purse);
        }
    }

    /// These were recorded, on top of the versions that they were decided on.
    pub(super) fn recorded(&mut self, heads: &[PurseHead]) {
        for head in heads {
            if let Some(held) = self.held.get_mut(&head.purse) {
                held.version = head.version.saturating_add(1);
            }
        }
    }

    /// Where the payments of a purse end.
    pub(super) fn frontier(&self, purse: PurseKey) -> Option<Frontier> {
        let held = self.held.get(&purse)?;
        if held.stopped {
            None
        } else {
            held.book.frontier()
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
