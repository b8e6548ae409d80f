//! Being paid with no network: every check of section 8.3, then store, then show where the payee stands.
//!
//! The checks themselves are [`offpay_protocol::acceptance::accept`]'s. This module finds what they ask about among the
//! stored records, adds the owner's floor, and keeps what was found: the accepted payment, or the proof of a double
//! spend.

mod error;
mod find;
mod known;

use alloy_primitives::B256;
use offpay_protocol::{
    Amount, PaymentId, PurseKey, Signature, Timestamp,
    acceptance::{self, Limits, Offer, OwnRequest, PayeeWallet, PurseHistory, Refusal},
    clearance::{RecordedPayment, check_clearance},
    messages::{Clearance, Payment},
    wire::CertifiedPayment,
};

pub use error::{AcceptError, AcceptRefusal};

use crate::{
    Durable, State, Unstored, Wallet,
    records::{Acceptance, Evidence, ReceivedPayment, SignedPayment, StoredCertificate},
    storage::Storage,
    use_case::UseCase,
};

/// A payment that this wallet holds, and where its owner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The payment's name.
    pub id: PaymentId,
    /// The purse that pays.
    pub purse: PurseKey,
    /// The payment.
    pub payment: Payment,
    /// The verdict and the numbers behind it, as of when it was accepted.
    pub acceptance: Acceptance,
    /// The payment by this wallet that it gives back.
    pub refund_of: Option<PaymentId>,
    /// It was accepted before and shown again: nothing was added.
    pub again: bool,
}

/// What the network said of a payment, if it could be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkWord<'a> {
    /// It could not be asked.
    #[default]
    None,
    /// An operator cleared it: it knows of no payment that conflicts. It raises no cover.
    Cleared {
        /// What the operator signed.
        clearance: &'a Clearance,
        /// Its signature.
        signature: &'a Signature,
        /// The path from the payment to the root.
        path: &'a [B256],
    },
}

/// What accepting came to, before anything is stored.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Stored before: nothing to store.
    Again(Durable<Taken>),
    /// To be stored, then shown.
    Take(Unstored<Taken>),
    /// Refused, and the proof of a double spend is to be kept.
    Keep(Unstored<()>, AcceptRefusal),
}

impl State {
    /// What the owner allows. A refund is taken without cover as well: nothing is handed over for it, and refusing it
    /// would only lose it. Its verdict says so all the same.
    fn limits_of(&self, offer: &CertifiedPayment) -> Limits {
        let limits = self.settings().acceptance.limits;
        if self.index.refundable(offer.payment.reference).is_some() {
            Limits {
                uncovered: Amount::MAX,
                ..limits
            }
        } else {
            limits
        }
    }

    /// Decides about a payment.
    pub(crate) fn decide(
        &self,
        offer: &CertifiedPayment,
        word: NetworkWord<'_>,
        now: Timestamp,
    ) -> Result<Decision, AcceptRefusal> {
        let id = offer.payment.id(&self.deployment().domain);
        if let Some(held) = self.records().received.get(&id) {
            return Ok(Decision::Again(Durable::from_records(taken(held, true))));
        }
        let request = self.request_of(offer.payment.reference)?;
        let paid_by: Vec<PaymentId> = self.index.paid_by(offer.payment.reference).collect();
        let purse = offer.certificate.purse;
        let known = self.known_of(purse);
        let time = self.time(now);
        let limits = self.limits_of(offer);
        let accepted = acceptance::accept(
            &self.acceptance_deployment(),
            &PayeeWallet {
                payee: self.account(),
                memberships: &self.memberships(),
                holdings: self.holdings(offer.certificate.owner),
                limits: &limits,
                synced_at: self
                    .records()
                    .synced
                    .map_or(Timestamp::ZERO, |block| block.time),
            },
            &OwnRequest {
                request: &request,
                paid_by: &paid_by,
            },
            &PurseHistory {
                purse,
                seen: &known.seen,
                accepted: known.accepted,
                settled: known.settled,
                revoked: known.revoked,
            },
            &Offer {
                payment: &offer.payment,
                signature: &offer.signature,
                certificate: &offer.certificate,
                certificate_signature: &offer.certificate_signature,
            },
            time,
        );
        let accepted = match accepted {
            Ok(accepted) => accepted,
            Err(refusal @ Refusal::Conflict { with, .. }) => {
                return self.keep_evidence(offer, with, refusal, now);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        self.check_floor(RecordedPayment { purse, id }, offer.payment.amount, word)?;
        let received = ReceivedPayment {
            number: self.next_number(),
            id,
            purse,
            payer: offer.certificate.owner,
            payment: offer.payment,
            signature: offer.signature,
            certificate: StoredCertificate {
                certificate: offer.certificate,
                signature: offer.certificate_signature,
            },
            received_at: time,
            acceptance: Acceptance::from(&accepted),
            request: offer.payment.reference,
            refund_of: self.index.refundable(offer.payment.reference),
            receipt: None,
        };
        let value = taken(&received, false);
        // A certificate that counts is a clock as well.
        let time = time.max(offer.certificate.as_of);
        let use_case = UseCase::RecordAccepted(Box::new(received));
        Ok(Decision::Take(self.decided(use_case, time, value)))
    }

    /// From the owner's floor on, a trusted operator must have cleared the payment. A clearance that comes along is
    /// checked below it as well: a false one is worth knowing of.
    fn check_floor(
        &self,
        payment: RecordedPayment,
        amount: Amount,
        word: NetworkWord<'_>,
    ) -> Result<(), AcceptRefusal> {
        let floor = self
            .settings()
            .acceptance
            .floor
            .filter(|floor| amount >= *floor);
        match (floor, word) {
            (Some(floor), NetworkWord::None) => Err(AcceptRefusal::NeedsNetwork { amount, floor }),
            (None, NetworkWord::None) => Ok(()),
            (
                _,
                NetworkWord::Cleared {
                    clearance,
                    signature,
                    path,
                },
            ) => {
                let domain = &self.deployment().domain;
                let trusted = &self.records().trusted;
                check_clearance(payment, path, clearance, signature, domain, trusted)?;
                Ok(())
            }
        }
    }

    /// Refuses, and keeps both payments: with them anybody can stop the purse.
    fn keep_evidence(
        &self,
        offer: &CertifiedPayment,
        with: PaymentId,
        refusal: Refusal,
        now: Timestamp,
    ) -> Result<Decision, AcceptRefusal> {
        let purse = offer.certificate.purse;
        let new = SignedPayment {
            payment: offer.payment,
            signature: offer.signature,
        };
        let Some(seen) = self.seen_payment(purse, with) else {
            return Err(refusal.into());
        };
        let pair = |evidence: &Evidence| evidence.a == seen && evidence.b == new;
        if self.records().evidence.iter().any(pair) {
            return Err(refusal.into());
        }
        let found_at = self.time(now);
        let evidence = Evidence {
            purse,
            a: seen,
            b: new,
            found_at,
        };
        let keep = self.decided(UseCase::RecordEvidence(evidence), now, ());
        Ok(Decision::Keep(keep, refusal.into()))
    }
}

fn taken(received: &ReceivedPayment, again: bool) -> Taken {
    Taken {
        id: received.id,
        purse: received.purse,
        payment: received.payment,
        acceptance: received.acceptance,
        refund_of: received.refund_of,
        again,
    }
}

impl<S: Storage> Wallet<S> {
    /// Takes a payment, or says why not. What comes back is stored: the verdict may be shown.
    ///
    /// A payment that was accepted before is the same payment: it comes back with [`Taken::again`]. The proof of a
    /// double spend is stored before the refusal is returned.
    ///
    /// Needs no key: a locked till can take payments.
    ///
    /// # Errors
    ///
    /// See [`AcceptRefusal`].
    pub fn accept(
        &mut self,
        offer: &CertifiedPayment,
        word: NetworkWord<'_>,
        now: Timestamp,
    ) -> Result<Durable<Taken>, AcceptError> {
        self.prepare(now)?;
        match self.state().decide(offer, word, now)? {
            Decision::Again(taken) => Ok(taken),
            Decision::Take(unstored) => Ok(self.commit(unstored)?),
            Decision::Keep(evidence, refusal) => {
                self.commit(evidence)?;
                Err(refusal.into())
            }
        }
    }
}
