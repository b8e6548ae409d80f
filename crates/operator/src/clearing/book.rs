//! Everything that was ever seen of one purse, indexed for the rules of a double spend.

use std::collections::BTreeMap;

use offpay_protocol::{AccountId, Amount, PaymentId, messages::Payment};

use super::overpromises::{Overpromises, Point};

/// A payment that the book holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub id: PaymentId,
    /// Its place among all cleared payments; `None` if it was kept and not cleared.
    pub number: Option<i64>,
}

/// What the book has to say about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// This very payment is in it.
    Same(Seen),
    /// Another one is, and the two conflict.
    Conflicting(Seen),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    end: u128,
    seen: Seen,
}

/// A run of what one payee was promised: up to `cumulative`, by the payment that begins at serial `start`.
#[derive(Clone, Copy, Debug)]
struct Promise {
    cumulative: u128,
    start: u128,
}

#[derive(Clone, Debug)]
struct Payee {
    number: u32,
    highest: u128,
    /// By where each run begins. They never overlap: that is rule (ii).
    promises: BTreeMap<u128, Promise>,
}

/// All payments of one purse that were ever seen, free of conflicts among themselves.
///
/// Only well-formed payments go in, and only after [`find`](Self::find) found nothing.
#[derive(Clone, Debug, Default)]
pub struct PurseBook {
    /// By first serial. They never overlap: that is rule (i).
    serials: BTreeMap<u128, Entry>,
    payees: BTreeMap<AccountId, Payee>,
    overpromises: Overpromises,
    promised: u128,
}

/// `start + amount`. Of a well-formed payment both are below 2^96.
const fn end_of(payment: &Payment) -> u128 {
    payment.start.get().saturating_add(payment.amount.get())
}

const fn before(payment: &Payment) -> u128 {
    payment
        .cumulative
        .get()
        .saturating_sub(payment.amount.get())
}

const fn slack(payment: &Payment) -> u128 {
    end_of(payment).saturating_sub(payment.cumulative.get())
}

impl PurseBook {
    /// The book of these payments, which do not conflict.
    pub fn new(payments: impl IntoIterator<Item = (Payment, Seen)>) -> Self {
        let mut book = Self::default();
        let mut points = Vec::new();
        for (payment, seen) in payments {
            points.push(book.enter(&payment, seen));
        }
        book.overpromises = Overpromises::new(points);
        book
    }

    /// How many payments are in it.
    pub fn len(&self) -> usize {
        self.serials.len()
    }

    /// Whether nothing was seen of the purse.
    pub fn is_empty(&self) -> bool {
        self.serials.is_empty()
    }

    /// The highest known cumulatives, added up over payees.
    pub const fn promised(&self) -> u128 {
        self.promised
    }

    /// What the promises would add up to with this payment.
    pub fn promised_with(&self, payment: &Payment) -> u128 {
        let more = payment
            .cumulative
            .get()
            .saturating_sub(self.highest(payment.payee).get());
        self.promised.saturating_add(more)
    }

    /// The most that a payee was promised by any known payment.
    pub fn highest(&self, payee: AccountId) -> Amount {
        self.payees
            .get(&payee)
            .and_then(|payee| Amount::new(payee.highest))
            .unwrap_or(Amount::ZERO)
    }

    /// Whether a well-formed payment is known, or conflicts with a known one by
    /// [`conflict`](offpay_protocol::conflict::conflict).
    pub fn find(&self, payment: &Payment, id: PaymentId) -> Option<Found> {
        let start = payment.start.get();
        if let Some(same) = self.serials.get(&start).filter(|known| known.seen.id == id) {
            return Some(Found::Same(same.seen));
        }
        self.same_serial(payment)
            .or_else(|| self.same_promise(payment))
            .or_else(|| self.more_promised_than_spent(payment))
            .map(Found::Conflicting)
    }

    /// Enters a payment that [`find`](Self::find) knows nothing of, or makes a kept one cleared.
    pub fn insert(&mut self, payment: &Payment, seen: Seen) {
        if let Some(known) = self.serials.get_mut(&payment.start.get()) {
            known.seen = seen;
            return;
        }
        let point = self.enter(payment, seen);
        self.overpromises.insert(point);
    }

    fn enter(&mut self, payment: &Payment, seen: Seen) -> Point {
        let (start, cumulative) = (payment.start.get(), payment.cumulative.get());
        let end = end_of(payment);
        self.serials.insert(start, Entry { end, seen });
        let number = u32::try_from(self.payees.len()).unwrap_or(u32::MAX);
        let payee = self.payees.entry(payment.payee).or_insert(Payee {
            number,
            highest: 0,
            promises: BTreeMap::new(),
        });
        let promise = Promise { cumulative, start };
        payee.promises.insert(before(payment), promise);
        let more = cumulative.saturating_sub(payee.highest);
        payee.highest = payee.highest.max(cumulative);
        self.promised = self.promised.saturating_add(more);
        Point {
            cumulative,
            slack: slack(payment),
            payee: payee.number,
            start,
        }
    }

    /// Rule (i). Known runs are disjoint, so only the last that begins before this one's end can overlap it.
    fn same_serial(&self, payment: &Payment) -> Option<Seen> {
        let (_, last) = self.serials.range(..end_of(payment)).next_back()?;
        (last.end > payment.start.get()).then_some(last.seen)
    }

    /// Rule (ii), in the same way.
    fn same_promise(&self, payment: &Payment) -> Option<Seen> {
        let payee = self.payees.get(&payment.payee)?;
        let (_, last) = payee
            .promises
            .range(..payment.cumulative.get())
            .next_back()?;
        (last.cumulative > before(payment))
            .then(|| self.at(last.start))
            .flatten()
    }

    /// Rule (iii).
    fn more_promised_than_spent(&self, payment: &Payment) -> Option<Seen> {
        let payee = self.payees.get(&payment.payee);
        let asked = Point {
            cumulative: payment.cumulative.get(),
            slack: slack(payment),
            payee: payee.map_or(u32::MAX, |payee| payee.number),
            start: payment.start.get(),
        };
        let found = self.overpromises.find(&asked)?;
        self.at(found.start)
    }

    fn at(&self, start: u128) -> Option<Seen> {
        self.serials.get(&start).map(|entry| entry.seen)
    }
}
