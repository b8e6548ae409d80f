//! What one commit is made of, while it is decided.

use std::collections::BTreeMap;

use alloy_sol_types::SolCall as _;
use offpay_chain::bindings::OffPay::reportDoubleSpendCall;
use offpay_operator::{
    clearing::{ClearingRefusal, Decision, DoubleSpend, Seen},
    event::{Audience, NewEvent},
    outbox::{NewTransaction, Purpose},
    storage::{
        StorageError,
        clearing::{ClearingCommit, ClearingStorage, PurseHead, StoredClearance, StoredPayment},
    },
};
use offpay_protocol::{
    Domain, OperatorId, PaymentId, PurseKey, Signable as _, Signed, SigningKey, Timestamp,
    clearance::ClearanceTree,
    messages::{Clearance, Payment},
    signature::SignatureError,
};

use super::books::Books;

/// What becomes of a payment.
#[derive(Debug)]
pub(super) enum Judged {
    /// Recorded with this commit, at this place.
    Now(usize),
    /// Recorded before, under this number.
    Before(i64),
    /// Refused.
    Refused(ClearingRefusal),
}

/// A commit that is being made.
pub(super) struct Draft {
    domain: Domain,
    /// The number of the first payment that it clears.
    first: i64,
    commit: ClearingCommit,
    /// The purses of which something is recorded, and on which version.
    heads: BTreeMap<PurseKey, i64>,
}

impl Draft {
    pub(super) fn new(domain: Domain, first: i64, now: Timestamp, slots: i64) -> Self {
        let commit = ClearingCommit {
            now,
            slots,
            ..ClearingCommit::default()
        };
        Self {
            domain,
            first,
            commit,
            heads: BTreeMap::new(),
        }
    }

    /// Judges a payment whose purse's book is loaded, and enters it into the book.
    pub(super) async fn judge(
        &mut self,
        stored: StoredPayment,
        books: &mut Books,
        storage: &(impl ClearingStorage + Sync),
    ) -> Result<Judged, StorageError> {
        let (purse, id) = (stored.purse, stored.id);
        let mut decision = books.decide(&stored);
        if decision == Decision::Unread {
            let histories = storage.purse_histories(&[purse]).await?;
            let history = histories.into_iter().next().unwrap_or_default();
            books.complete(purse, history, self.drafted_of(purse))?;
            decision = books.decide(&stored);
        }
        let Some(held) = books.get_mut(purse) else {
            return Ok(Judged::Refused(ClearingRefusal::NotRecorded));
        };
        let version = held.version;
        Ok(match decision {
            Decision::Clear { known } => {
                let place = self.commit.cleared.len();
                let number = Some(self.number(place));
                held.book.insert(&stored.payment, Seen { id, number });
                if known {
                    self.commit.no_longer_kept.push((purse, id));
                }
                self.commit.cleared.push(stored);
                self.heads.insert(purse, version);
                Judged::Now(place)
            }
            Decision::Again(number) => match usize::try_from(number.saturating_sub(self.first)) {
                Ok(place) => Judged::Now(place),
                Err(_) => Judged::Before(number),
            },
            Decision::Keep {
                refusal,
                kept_for,
                known,
            } => {
                held.doubtful = true;
                if !known {
                    let number = None;
                    held.book.insert(&stored.payment, Seen { id, number });
                    self.commit.kept.push((stored, kept_for));
                    self.heads.insert(purse, version);
                }
                Judged::Refused(refusal)
            }
            // A whole book reaches every payment.
            Decision::Unread => Judged::Refused(ClearingRefusal::NotRecorded),
            Decision::Refuse(refusal) => {
                held.doubtful = refusal.is_retryable();
                Judged::Refused(refusal)
            }
            Decision::DoubleSpend(other) => {
                let stop = self.stop(&stored, other.id, storage).await?;
                held.stopped = stop.is_ok();
                self.heads.insert(purse, version);
                Judged::Refused(stop.map_or_else(
                    |refusal| refusal,
                    |()| ClearingRefusal::DoubleSpend { purse },
                ))
            }
        })
    }

    /// Keeps the evidence, and has it reported.
    async fn stop(
        &mut self,
        second: &StoredPayment,
        first: PaymentId,
        storage: &(impl ClearingStorage + Sync),
    ) -> Result<Result<(), ClearingRefusal>, StorageError> {
        let purse = second.purse;
        let first = match self.drafted(purse, first) {
            Some(first) => Some(first),
            None => storage.payment(purse, first).await?.map(|(first, _)| first),
        };
        let evidence = first.map(|first| {
            DoubleSpend::new(self.signed(&first), self.signed(second), self.commit.now)
        });
        let Some(Ok(evidence)) = evidence else {
            tracing::error!(%purse, payment = %second.id, "a conflict that is none: a bug");
            return Ok(Err(ClearingRefusal::NotRecorded));
        };
        tracing::warn!(%purse, payment = %second.id, "a double spend");
        self.commit.transactions.push(report(&evidence));
        self.commit.events.push(NewEvent {
            audience: Audience::Operator,
            kind: "purse.double_spend",
            body: serde_json::json!({
                "purse": purse,
                "first": evidence.first.message.id(&self.domain),
                "second": second.id,
            }),
        });
        self.commit.double_spends.push(evidence);
        Ok(Ok(()))
    }

    /// What this commit records of a purse so far.
    fn drafted_of(&self, purse: PurseKey) -> Vec<(Payment, Seen)> {
        let cleared = self.commit.cleared.iter().enumerate();
        let cleared = cleared.map(|(place, stored)| (stored, Some(self.number(place))));
        // One that was kept and is cleared now is among both: what it became comes last.
        let kept = self.commit.kept.iter().map(|(stored, _)| (stored, None));
        kept.chain(cleared)
            .filter(|(stored, _)| stored.purse == purse)
            .map(|(stored, number)| {
                let id = stored.id;
                (stored.payment, Seen { id, number })
            })
            .collect()
    }

    fn drafted(&self, purse: PurseKey, id: PaymentId) -> Option<StoredPayment> {
        let kept = self.commit.kept.iter().map(|(stored, _)| stored);
        self.commit
            .cleared
            .iter()
            .chain(kept)
            .find(|stored| stored.purse == purse && stored.id == id)
            .copied()
    }

    fn signed(&self, stored: &StoredPayment) -> Signed<Payment> {
        Signed {
            domain: self.domain,
            message: stored.payment,
            signature: stored.signature,
        }
    }

    fn number(&self, place: usize) -> i64 {
        self.first
            .saturating_add(i64::try_from(place).unwrap_or(i64::MAX))
    }

    /// The finished commit and the tree over what it clears; nothing if there is nothing to record.
    pub(super) fn finish(
        mut self,
        key: &SigningKey,
        books: &Books,
    ) -> Result<Finished, SignatureError> {
        let head = |(purse, version)| PurseHead {
            purse,
            version,
            frontier: books.frontier(purse),
        };
        self.commit.heads = self.heads.into_iter().map(head).collect();
        let cleared = self.commit.cleared.iter();
        let cleared: Vec<_> = cleared.map(StoredPayment::recorded).collect();
        let Some(tree) = ClearanceTree::new(&cleared) else {
            let is_empty = self.commit.kept.is_empty() && self.commit.double_spends.is_empty();
            return Ok(Finished {
                commit: (!is_empty).then_some(self.commit),
                cleared: None,
            });
        };
        let clearance = Clearance {
            root: tree.root(),
            cleared_at: self.commit.now,
        };
        let stored = StoredClearance {
            first: self.first,
            payments: u32::try_from(cleared.len()).unwrap_or(u32::MAX),
            clearance,
            operator: OperatorId::new(key.address()),
            signature: clearance.sign(&self.domain, key)?,
        };
        self.commit.clearance = Some(stored);
        Ok(Finished {
            commit: Some(self.commit),
            cleared: Some((stored, tree)),
        })
    }
}

/// A commit that only has to be stored.
pub(super) struct Finished {
    /// What is to be stored, if anything is.
    pub(super) commit: Option<ClearingCommit>,
    /// The clearance and its tree, if anything is cleared.
    pub(super) cleared: Option<(StoredClearance, ClearanceTree)>,
}

/// The transaction that stops the purse on-chain. Reporting a purse twice changes nothing there.
pub(crate) fn report(evidence: &DoubleSpend) -> NewTransaction {
    let call = reportDoubleSpendCall {
        a: (&evidence.first.message).into(),
        sigA: evidence.first.signature.to_compact().into(),
        b: (&evidence.second.message).into(),
        sigB: evidence.second.signature.to_compact().into(),
    };
    NewTransaction {
        work: format!("report_double_spend:{}", evidence.purse),
        purpose: Purpose::ReportDoubleSpend,
        to: evidence.first.domain.contract().into_array(),
        calldata: call.abi_encode(),
        deadline: None,
    }
}
