//! The one writer: decides, records, then tells.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
    sync::Arc,
    time::Instant,
};

use offpay_operator::{
    clearing::ClearingRefusal,
    slots::{Place, Slot, SlotMap},
    storage::{
        SlotStorage as _, StorageError,
        clearing::{ClearingStorage as _, StoredClearance, StoredPayment},
    },
};
use offpay_protocol::{Domain, PurseKey, Timestamp, clearance::ClearanceTree};
use offpay_store::Database;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use super::{
    Asked, Cleared, Clearing, OperatorKeys, Outcome, PurseDirectory,
    books::Books,
    commit::{Draft, Judged},
};
use crate::shards::Slots;

/// About how many payments one commit records.
const MOST_AT_ONCE: usize = 4_096;
/// How often a commit is decided anew because another program cleared meanwhile, or nobody knows whether it did.
const MOST_TURNS: u32 = 8;
/// How many numbers are taken from the database at a time.
const NUMBERS: u32 = 1 << 14;
/// How many of the newest trees are held, for payments that are handed in again at once.
const TREES_HELD: usize = 32;

/// The writer of a [`Clearing`].
pub(super) struct Writer {
    pub(super) domain: Domain,
    pub(super) storage: Database,
    pub(super) directory: Box<dyn PurseDirectory>,
    pub(super) keys: OperatorKeys,
    pub(super) now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// Which purses are cleared for here.
    slots: Slots,
    /// The map's version that the books are of.
    version: i64,
    books: Books,
    /// The numbers that are left for payments to be cleared.
    numbers: Range<i64>,
    trees: VecDeque<(StoredClearance, ClearanceTree)>,
    turns: u64,
}

/// Runs the writer of the app's clearing until the server stops; what waits then is finished first.
pub async fn run(app: crate::App) {
    let clock = app.clone();
    let writer = Writer::new(
        *app.contract.domain(),
        app.database.clone(),
        Box::new(app.database.clone()),
        app.operator_keys.clone(),
        Box::new(move || clock.now()),
    );
    writer.serve(&app.clearing, &app.stop).await;
}

impl Writer {
    pub(super) fn new(
        domain: Domain,
        storage: Database,
        directory: Box<dyn PurseDirectory>,
        keys: OperatorKeys,
        now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Self {
        Self {
            domain,
            storage,
            directory,
            keys,
            now,
            slots: Slots::whole(),
            version: 0,
            books: Books::default(),
            numbers: 0..0,
            trees: VecDeque::new(),
            turns: 0,
        }
    }

    pub(super) async fn serve(mut self, clearing: &Clearing, stop: &CancellationToken) {
        let mut waiting = clearing.0.waiting.lock().await;
        self.slots = clearing.0.slots.clone();
        loop {
            let first = tokio::select! {
                biased;
                asked = waiting.recv() => asked,
                () = stop.cancelled() => return,
            };
            let Some(first) = first else {
                return;
            };
            self.turn(collect(first, &mut waiting)).await;
        }
    }

    /// Decides, records and answers what was asked.
    pub(super) async fn turn(&mut self, asked: Vec<Asked>) {
        let purses: BTreeSet<_> = asked
            .iter()
            .flat_map(|asked| &asked.payments)
            .map(|stored| stored.purse)
            .collect();
        let purses: Vec<_> = purses.into_iter().collect();
        let mut turn = 1;
        let outcomes = loop {
            let failed = match self.record(&asked).await {
                Ok(outcomes) => break Some(outcomes),
                Err(failed) => failed,
            };
            tracing::error!(code = failed.code(), error = %failed, "a commit of clearing failed");
            metrics::counter!("offpay_clearing_failed_commits_total", "code" => failed.code())
                .increment(1);
            // What is in memory may not be what is stored: it is loaded again.
            self.books.forget(&purses);
            let again = matches!(failed, StorageError::Refused(_) | StorageError::Unknown(_));
            if again {
                // Its numbers may have been used, and slots may have been moved.
                self.numbers = 0..0;
                if let Err(error) = self.slots.refresh(&self.storage).await {
                    tracing::warn!(code = error.code(), %error, "the slot map cannot be read");
                }
            }
            if !again || turn >= MOST_TURNS {
                break None;
            }
            turn += 1;
        };
        let mut outcomes = outcomes.into_iter().flatten();
        for Asked {
            payments, answer, ..
        } in asked
        {
            let nothing = || vec![Err(ClearingRefusal::NotRecorded); payments.len()];
            let outcomes: Vec<Outcome> = outcomes.next().unwrap_or_else(nothing);
            count(&outcomes);
            // Who asked may be gone: the payment is recorded all the same.
            let _ = answer.send(outcomes);
        }
        if self.turns.is_multiple_of(64) {
            self.books.shrink();
        }
        self.turns = self.turns.wrapping_add(1);
    }

    /// The slot map, read again if some of these purses are not here by what is known: they may have come meanwhile.
    async fn map(&mut self, asked: &[&StoredPayment]) -> Result<Arc<SlotMap>, StorageError> {
        let mut map = self.slots.current();
        if asked.iter().any(|stored| !map.holds(stored.purse)) {
            self.slots.refresh(&self.storage).await?;
            map = self.slots.current();
        }
        if map.version != self.version {
            // A purse that was away may have been used there.
            self.books.forget_all();
            self.version = map.version;
        }
        Ok(map)
    }

    /// The first of so many numbers that nobody else uses.
    async fn first_number(&mut self, payments: usize) -> Result<i64, StorageError> {
        let payments = u32::try_from(payments).unwrap_or(u32::MAX);
        let left = self.numbers.end.saturating_sub(self.numbers.start);
        if left < i64::from(payments) {
            let count = payments.max(NUMBERS);
            let first = self.storage.reserve_numbers(count).await?;
            self.numbers = first..first.saturating_add(i64::from(count));
        }
        Ok(self.numbers.start)
    }

    async fn record(&mut self, asked: &[Asked]) -> Result<Vec<Vec<Outcome>>, StorageError> {
        let began = Instant::now();
        let all: Vec<_> = asked.iter().flat_map(|asked| &asked.payments).collect();
        let map = self.map(&all).await?;
        let held: Vec<&StoredPayment> = all
            .iter()
            .filter(|stored| map.holds(stored.purse))
            .copied()
            .collect();
        let first = self.first_number(held.len()).await?;
        self.books
            .load(&held, &self.storage, self.directory.as_ref())
            .await?;
        let now = (self.now)();
        let mut draft = Draft::new(self.domain, first, now, map.version);
        let mut judged = Vec::new();
        for stored in all {
            judged.push(match elsewhere(&map, stored.purse) {
                Some(refusal) => Judged::Refused(refusal),
                None => draft.judge(*stored, &mut self.books, &self.storage).await?,
            });
        }
        let key = self.keys.at(now);
        let finished = key
            .ok_or("no operator key is valid now".into())
            .and_then(|key| draft.finish(key, &self.books).map_err(Into::into))
            .map_err(StorageError::Unreadable)?;
        if let Some(commit) = &finished.commit {
            self.storage.commit_clearing(commit).await?;
            self.books.recorded(&commit.heads);
            metrics::histogram!("offpay_clearing_commit_payments").record(f64::from(
                u32::try_from(commit.cleared.len()).unwrap_or(u32::MAX),
            ));
            metrics::histogram!("offpay_clearing_commit_seconds")
                .record(began.elapsed().as_secs_f64());
        }
        if let Some((clearance, tree)) = finished.cleared {
            self.numbers.start = first.saturating_add(i64::from(clearance.payments));
            self.trees.truncate(TREES_HELD.saturating_sub(1));
            self.trees.push_front((clearance, tree));
        }
        self.outcomes(asked, judged, first).await
    }

    async fn outcomes(
        &mut self,
        asked: &[Asked],
        judged: Vec<Judged>,
        first: i64,
    ) -> Result<Vec<Vec<Outcome>>, StorageError> {
        let mut judged = judged.into_iter();
        let mut all = Vec::with_capacity(asked.len());
        for asked in asked {
            let mut outcomes = Vec::with_capacity(asked.payments.len());
            for (stored, judged) in asked.payments.iter().zip(judged.by_ref()) {
                let number = match judged {
                    Judged::Refused(refusal) => {
                        outcomes.push(Err(refusal));
                        continue;
                    }
                    Judged::Before(number) => number,
                    Judged::Now(place) => {
                        first.saturating_add(i64::try_from(place).unwrap_or(i64::MAX))
                    }
                };
                outcomes.push(self.cleared(stored, number).await);
            }
            all.push(outcomes);
        }
        Ok(all)
    }

    /// A recorded payment's clearance and path.
    async fn cleared(&mut self, stored: &StoredPayment, number: i64) -> Outcome {
        let holds = |clearance: &StoredClearance| {
            number >= clearance.first
                && number
                    < clearance
                        .first
                        .saturating_add(i64::from(clearance.payments))
        };
        let held = self.trees.iter().any(|(clearance, _)| holds(clearance));
        if !held {
            let read = self.storage.clearance_of(number).await;
            let read = read.map_err(|error| {
                tracing::error!(code = error.code(), %error, "a clearance could not be read");
                ClearingRefusal::NotRecorded
            })?;
            if read.is_none() {
                return self.moved(stored, number).await;
            }
            let tree = read.and_then(|(clearance, cleared)| {
                ClearanceTree::new(&cleared).map(|tree| (clearance, tree))
            });
            self.trees.truncate(TREES_HELD.saturating_sub(1));
            // Behind the newest: those are asked for most.
            self.trees.extend(tree);
        }
        self.trees
            .iter()
            .find(|(clearance, _)| holds(clearance))
            .and_then(|(clearance, tree)| {
                let place = usize::try_from(number.checked_sub(clearance.first)?).ok()?;
                let path = tree.path(place)?;
                Some(Cleared::new(
                    stored.id,
                    stored.purse,
                    number,
                    clearance,
                    self.domain,
                    path,
                ))
            })
            .ok_or(ClearingRefusal::NotRecorded)
    }
}

impl Writer {
    /// What clears a payment that another shard cleared.
    async fn moved(&self, stored: &StoredPayment, number: i64) -> Outcome {
        let moved = self.storage.moved_clearance(number).await;
        let moved = moved.map_err(|error| {
            tracing::error!(code = error.code(), %error, "a clearance could not be read");
            ClearingRefusal::NotRecorded
        })?;
        let moved = moved.ok_or(ClearingRefusal::NotRecorded)?;
        Ok(Cleared::moved(stored, &moved, self.domain))
    }
}

/// Why a purse's payments are not cleared here, if they are not.
fn elsewhere(map: &SlotMap, purse: PurseKey) -> Option<ClearingRefusal> {
    if map.version == 0 {
        return None;
    }
    match map.place(Slot::of(purse)) {
        Place::Here => None,
        Place::Leaving(_) => Some(ClearingRefusal::PurseMoving { purse }),
        Place::At(shard) => {
            let shard = shard.clone();
            Some(ClearingRefusal::NotThisShard { purse, shard })
        }
    }
}

/// What waits, up to about [`MOST_AT_ONCE`] payments.
fn collect(first: Asked, waiting: &mut UnboundedReceiver<Asked>) -> Vec<Asked> {
    let mut payments = first.payments.len();
    let mut collected = vec![first];
    while payments < MOST_AT_ONCE
        && let Ok(asked) = waiting.try_recv()
    {
        payments = payments.saturating_add(asked.payments.len());
        collected.push(asked);
    }
    collected
}

fn count(outcomes: &[Outcome]) {
    let mut cleared = 0u64;
    for outcome in outcomes {
        match outcome {
            Ok(_) => cleared = cleared.saturating_add(1),
            Err(refusal) => {
                metrics::counter!("offpay_payments_refused_total", "code" => refusal.code())
                    .increment(1);
            }
        }
    }
    metrics::counter!("offpay_payments_cleared_total").increment(cleared);
}
