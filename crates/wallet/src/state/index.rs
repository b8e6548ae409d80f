use std::collections::{BTreeMap, BTreeSet};

use offpay_protocol::{AccountId, Amount, PaymentId, PurseKey, Reference};

use crate::{
    records::{MadePayment, Pair, ReceivedPayment, Records, VoucherDirection, VoucherNote},
    refund::refund_request,
    use_case::UseCase,
};

/// Look-ups over the records. Nothing in it is stored: it is made anew when a wallet is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    /// What each own purse has promised each payee in all.
    promised: BTreeMap<(PurseKey, AccountId), Amount>,
    /// Payments and vouchers that came in, by what they are for.
    paid_by: BTreeMap<Reference, BTreeSet<PaymentId>>,
    /// Payments and vouchers that went out, by what they are for.
    pays: BTreeMap<Reference, BTreeSet<PaymentId>>,
    /// Payments that came in, by their purse.
    received_from: BTreeMap<PurseKey, BTreeSet<PaymentId>>,
    /// Payments that came in and are not proven to be settled.
    unsettled: BTreeSet<PaymentId>,
    /// Payments that went out, by the entry that stored them.
    made_in_order: BTreeMap<u64, PaymentId>,
    /// Payments that went out, by what a refund of them carries.
    refundable: BTreeMap<Reference, PaymentId>,
    /// What was given back of each payment that came in.
    refunds: BTreeMap<PaymentId, BTreeSet<PaymentId>>,
}

impl Index {
    pub(crate) fn of(records: &Records) -> Self {
        let mut index = Self::default();
        for made in records.made.values() {
            index.add_made(made, records);
        }
        for received in records.received.values() {
            index.add_received(received, records);
        }
        for note in &records.vouchers {
            index.add_voucher(note);
        }
        index
    }

    pub(crate) fn apply(&mut self, use_case: &UseCase, records: &Records) {
        match use_case {
            UseCase::RecordPayment(made) => self.add_made(made, records),
            UseCase::RecordAccepted(received) => self.add_received(received, records),
            UseCase::RecordVoucher(record) | UseCase::RecordVoucherAccepted(record) => {
                self.add_voucher(&record.note);
            }
            UseCase::RecordPair(pair) => {
                let settled = pair.settled();
                let of_pair = self.received_from.get(&pair.purse).into_iter().flatten();
                for id in of_pair {
                    let paid = |received: &ReceivedPayment| {
                        received.payment.payee == pair.payee
                            && received.payment.cumulative <= settled
                    };
                    if records.received.get(id).is_some_and(paid) {
                        self.unsettled.remove(id);
                    }
                }
            }
            UseCase::RestoreBackup(_) => *self = Self::of(records),
            _ => {}
        }
    }

    fn add_made(&mut self, made: &MadePayment, records: &Records) {
        if let Some(profile) = &records.profile {
            let refund = refund_request(profile.identity.account(), made.id);
            let reference = refund.reference(&profile.deployment.domain);
            self.refundable.insert(reference, made.id);
        }
        let promised = self
            .promised
            .entry((made.purse, made.payment.payee))
            .or_default();
        *promised = (*promised).max(made.payment.cumulative);
        self.pays
            .entry(made.payment.reference)
            .or_default()
            .insert(made.id);
        self.made_in_order.insert(made.number, made.id);
        if let Some(original) = made.refund_of {
            self.refunds.entry(original).or_default().insert(made.id);
        }
    }

    fn add_received(&mut self, received: &ReceivedPayment, records: &Records) {
        self.paid_by
            .entry(received.request)
            .or_default()
            .insert(received.id);
        self.received_from
            .entry(received.purse)
            .or_default()
            .insert(received.id);
        let settled = records
            .pairs
            .get(&(received.purse, received.payment.payee))
            .map_or(Amount::ZERO, Pair::settled);
        if received.payment.cumulative > settled {
            self.unsettled.insert(received.id);
        }
    }

    fn add_voucher(&mut self, note: &VoucherNote) {
        let by_reference = match note.direction {
            VoucherDirection::Sent => &mut self.pays,
            VoucherDirection::Received => &mut self.paid_by,
        };
        by_reference
            .entry(note.reference)
            .or_default()
            .insert(note.id);
    }

    /// What a purse has promised a payee.
    pub(crate) fn promised(&self, purse: PurseKey, payee: AccountId) -> Amount {
        self.promised
            .get(&(purse, payee))
            .copied()
            .unwrap_or_default()
    }

    /// What came in for a reference.
    pub(crate) fn paid_by(
        &self,
        reference: Reference,
    ) -> impl DoubleEndedIterator<Item = PaymentId> + Clone {
        self.paid_by.get(&reference).into_iter().flatten().copied()
    }

    /// What went out for a reference.
    pub(crate) fn pays(
        &self,
        reference: Reference,
    ) -> impl DoubleEndedIterator<Item = PaymentId> + Clone {
        self.pays.get(&reference).into_iter().flatten().copied()
    }

    /// What came in from a purse.
    pub(crate) fn received_from(
        &self,
        purse: PurseKey,
    ) -> impl DoubleEndedIterator<Item = PaymentId> + Clone {
        self.received_from
            .get(&purse)
            .into_iter()
            .flatten()
            .copied()
    }

    /// What came in and is not proven to be settled.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = PaymentId> {
        self.unsettled.iter().copied()
    }

    /// What went out, the newest first.
    pub(crate) fn made_newest_first(&self) -> impl Iterator<Item = PaymentId> {
        self.made_in_order.values().rev().copied()
    }

    /// The payment that went out, a refund of which carries this reference.
    pub(crate) fn refundable(&self, reference: Reference) -> Option<PaymentId> {
        self.refundable.get(&reference).copied()
    }

    /// All references that a refund can carry.
    pub(crate) fn refund_references(&self) -> impl Iterator<Item = Reference> {
        self.refundable.keys().copied()
    }

    /// What was given back of a payment that came in.
    pub(crate) fn refunds(
        &self,
        original: PaymentId,
    ) -> impl DoubleEndedIterator<Item = PaymentId> + Clone {
        self.refunds.get(&original).into_iter().flatten().copied()
    }
}
