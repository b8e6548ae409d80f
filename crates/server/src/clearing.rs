//! The clearing engine.
//!
//! A request's task recovers signatures, then hands its payments to one writer. The writer takes everything that waits,
//! decides it purse by purse against books that it holds in memory, records all of it in one transaction of the
//! database, signs one clearance for it, and answers. Nothing is told before it is durable. After a failed commit the
//! books are dropped and loaded again: what the database holds is what counts.

mod books;
mod certificate;
mod cleared;
mod commit;
mod directory;
mod recovery;
mod revocations;
mod signer;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

use axum::body::Bytes;
use offpay_operator::{clearing::ClearingRefusal, storage::clearing::StoredPayment};
use offpay_protocol::{Domain, Signed, messages::Payment};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

pub use certificate::{CertificateError, certificate};
pub use cleared::{Cleared, stored};
pub(crate) use commit::report;
pub use directory::{PurseDirectory, Told};
pub(crate) use recovery::CheckedRow;
pub use revocations::{RevocationsError, keep_revocations, revoke};
pub use signer::{OperatorKeys, OperatorKeysError};
pub use writer::run;

use crate::shards::Slots;

/// The most payments that wait for the writer. More are refused as [`ClearingRefusal::Overloaded`].
pub const MOST_WAITING: usize = 32_768;
/// The most payments that are handed in together.
pub const MOST_TOGETHER: usize = 1_000;

/// What becomes of a payment.
pub type Outcome = Result<Cleared, ClearingRefusal>;

/// What becomes of a payment that was handed in among others, as JSON.
pub type RowOutcome = Result<Cleared, RowRefusal>;

/// Why a row is not cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowRefusal {
    /// It is no payment in its full form.
    Unreadable,
    /// It is one that is not cleared.
    Refused(ClearingRefusal),
}

/// What happens when as many payments wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Further ones are refused as [`ClearingRefusal::Overloaded`].
    Refuse,
    /// Whoever hands in waits, in turn.
    Wait,
}

/// Payments whose signatures were checked, waiting for the writer.
struct Asked {
    payments: Vec<StoredPayment>,
    answer: oneshot::Sender<Vec<Outcome>>,
    /// Their place in the bounded queue; free again once they are answered.
    _places: OwnedSemaphorePermit,
}

/// Clears payments. Clones share one writer.
#[derive(Clone)]
pub struct Clearing(Arc<Shared>);

struct Shared {
    domain: Domain,
    /// Which purses are cleared for here.
    slots: Slots,
    places: Arc<Semaphore>,
    recovery: recovery::Recovery,
    asked: mpsc::UnboundedSender<Asked>,
    /// Taken by the writer while it runs; a writer that is started anew goes on with the same queue.
    waiting: Mutex<mpsc::UnboundedReceiver<Asked>>,
}

impl Clearing {
    /// An engine for one deployment. It answers once its writer [runs](run).
    pub fn new(domain: Domain) -> Self {
        Self::of_slots(domain, Slots::whole())
    }

    /// The same for a shard.
    pub(crate) fn of_slots(domain: Domain, slots: Slots) -> Self {
        Self::with(domain, MOST_WAITING, slots)
    }

    #[cfg(test)]
    fn with_places(domain: Domain, places: usize) -> Self {
        Self::with(domain, places, Slots::whole())
    }

    fn with(domain: Domain, places: usize, slots: Slots) -> Self {
        let (asked, waiting) = mpsc::unbounded_channel();
        Self(Arc::new(Shared {
            domain,
            slots,
            places: Arc::new(Semaphore::new(places)),
            recovery: recovery::Recovery::new(),
            asked,
            waiting: Mutex::new(waiting),
        }))
    }

    /// Records a payment and clears it; the same payment again gives the same clearance.
    ///
    /// # Errors
    ///
    /// [`ClearingRefusal`]. After a retryable one the same payment can be handed in again, whatever had happened.
    pub async fn clear(&self, payment: Signed<Payment>) -> Outcome {
        // Recovering one signature takes less than handing it to another thread.
        let checked = recovery::check(&self.0.domain, &payment)?;
        let places = self.places(1)?;
        self.ask(vec![checked], places)
            .await?
            .pop()
            .unwrap_or(Err(ClearingRefusal::NotRecorded))
    }

    /// Records payments and clears each for itself, in this order. At most [`MOST_TOGETHER`]; more are refused as
    /// [`ClearingRefusal::Overloaded`].
    ///
    /// They are handed in as JSON: the threads that check signatures read it as well.
    pub async fn clear_all(&self, rows: Vec<Bytes>, when_full: WhenFull) -> Vec<RowOutcome> {
        let count = rows.len();
        let all = |refusal: ClearingRefusal| vec![Err(RowRefusal::Refused(refusal)); count];
        if count == 0 {
            return Vec::new();
        }
        let places = match when_full {
            WhenFull::Refuse => self.places(count),
            WhenFull::Wait => self.wait_for_places(count).await,
        };
        let places = match places {
            Ok(places) => places,
            Err(refusal) => return all(refusal),
        };
        let Some(checked) = self.0.recovery.check_all(self.0.domain, rows).await else {
            return all(ClearingRefusal::NotRecorded);
        };
        let valid: Vec<_> = checked.iter().flatten().copied().collect();
        let mut answers = match self.ask(valid, places).await {
            Ok(answers) => answers.into_iter(),
            Err(refusal) => return all(refusal),
        };
        checked
            .into_iter()
            .map(|checked| match checked {
                Ok(_) => answers
                    .next()
                    .unwrap_or(Err(ClearingRefusal::NotRecorded))
                    .map_err(RowRefusal::Refused),
                Err(refusal) => Err(refusal),
            })
            .collect()
    }

    /// Reads payments and recovers who signed them; `None` if a thread was lost.
    pub(crate) async fn check_rows(&self, rows: Vec<Bytes>) -> Option<Vec<CheckedRow>> {
        self.0.recovery.check_all(self.0.domain, rows).await
    }

    /// What [`clear_all`](Self::clear_all) does, for payments that were checked.
    pub(crate) async fn clear_checked(
        &self,
        payments: Vec<StoredPayment>,
        when_full: WhenFull,
    ) -> Vec<Outcome> {
        let count = payments.len();
        let asked = async {
            let places = match when_full {
                WhenFull::Refuse => self.places(count),
                WhenFull::Wait => self.wait_for_places(count).await,
            };
            self.ask(payments, places?).await
        };
        match asked.await {
            Ok(outcomes) => outcomes,
            Err(refusal) => vec![Err(refusal); count],
        }
    }

    fn places(&self, count: usize) -> Result<OwnedSemaphorePermit, ClearingRefusal> {
        let places = u32::try_from(count)
            .ok()
            .filter(|_| count <= MOST_TOGETHER)
            .and_then(|count| {
                Arc::clone(&self.0.places)
                    .try_acquire_many_owned(count)
                    .ok()
            });
        places.ok_or_else(|| {
            metrics::counter!("offpay_clearing_overloaded_total").increment(1);
            ClearingRefusal::Overloaded
        })
    }

    async fn wait_for_places(&self, count: usize) -> Result<OwnedSemaphorePermit, ClearingRefusal> {
        let overloaded = ClearingRefusal::Overloaded;
        let count = u32::try_from(count).ok().filter(|_| count <= MOST_TOGETHER);
        let places = Arc::clone(&self.0.places);
        match count {
            Some(count) => places
                .acquire_many_owned(count)
                .await
                .map_err(|_| overloaded),
            None => Err(overloaded),
        }
    }

    async fn ask(
        &self,
        payments: Vec<StoredPayment>,
        places: OwnedSemaphorePermit,
    ) -> Result<Vec<Outcome>, ClearingRefusal> {
        let (answer, answered) = oneshot::channel();
        let asked = Asked {
            payments,
            answer,
            _places: places,
        };
        // The writer can be gone before it answers: nobody knows then whether it recorded anything.
        self.0
            .asked
            .send(asked)
            .map_err(|_| ClearingRefusal::NotRecorded)?;
        answered.await.map_err(|_| ClearingRefusal::NotRecorded)
    }
}

impl std::fmt::Debug for Clearing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clearing")
            .field("domain", &self.0.domain)
            .field("free_places", &self.0.places.available_permits())
            .finish_non_exhaustive()
    }
}
