//! Everything that was ever seen of one purse, indexed for the rules of a double spend.
//!
//! A payment that comes after all others needs none of them by name: where they end is enough to see that it conflicts
//! with none ([`Frontier`]). So a book is opened there, and holds what came before only once it is asked for.

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

/// Where everything that was seen of a purse ends, while all of it is cleared.
///
/// A payment conflicts with none of it that begins there or later, promises its payee nothing that was promised before,
/// and leaves all promises together within the serials up to its own end. No rule can be broken then: serials and
/// promises begin where the known ones end, and no two promises add up to more than all do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frontier {
    /// No serial from here on was spent.
    pub spent: Amount,
    /// The highest cumulatives, added up over payees.
    pub promised: Amount,
    /// How many payments there are.
    pub payments: u64,
}

#[derive(Clone, Debug)]
struct Payee {
    number: u32,
    highest: u128,
    /// What of it was promised by payments that are not held.
    below: u128,
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
    /// No known serial is at or above it.
    end: u128,
    /// How many payments are known that are not cleared.
    kept: usize,
    /// The frontier at which the book was opened: the payments before it were seen and are not held.
    below: Option<Frontier>,
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

    /// The book of a purse at its frontier, holding no payment. What payees were promised has to be
    /// [told](Self::learn) before payments to them are looked for.
    pub fn above(frontier: Frontier) -> Self {
        Self {
            promised: frontier.promised.get(),
            end: frontier.spent.get(),
            below: Some(frontier),
            ..Self::default()
        }
    }

    /// Tells the most that a payee was promised by what is not held. Nothing changes for a payee that is known.
    pub fn learn(&mut self, payee: AccountId, highest: Amount) {
        if !self.has_learned(payee) {
            let payee = self.payee(payee);
            payee.highest = highest.get();
            payee.below = highest.get();
        }
    }

    /// Whether payments to this payee can be looked for.
    pub fn has_learned(&self, payee: AccountId) -> bool {
        self.below.is_none() || self.payees.contains_key(&payee)
    }

    /// Where everything ends that was seen; nothing while some of it is not cleared.
    pub fn frontier(&self) -> Option<Frontier> {
        let all_cleared = self.kept == 0;
        all_cleared.then_some(Frontier {
            spent: Amount::new(self.end)?,
            promised: Amount::new(self.promised)?,
            payments: self.payments(),
        })
    }

    /// How many payments were seen, held or not.
    pub fn payments(&self) -> u64 {
        let held = u64::try_from(self.serials.len()).unwrap_or(u64::MAX);
        self.below
            .map_or(0, |below| below.payments)
            .saturating_add(held)
    }

    /// How many payments it holds.
    pub fn len(&self) -> usize {
        self.serials.len()
    }

    /// Whether it holds no payment.
    pub fn is_empty(&self) -> bool {
        self.serials.is_empty()
    }

    /// Whether nothing that is not held can be this payment or conflict with it. What is held does not matter: payments
    /// that were signed after the frontier may come in any order.
    pub fn reaches(&self, payment: &Payment) -> bool {
        let Some(below) = self.below else {
            return true;
        };
        self.payees.get(&payment.payee).is_some_and(|payee| {
            let others = below.promised.get().saturating_sub(payee.below);
            payment.start >= below.spent
                && before(payment) >= payee.below
                && others.saturating_add(payment.cumulative.get()) <= end_of(payment)
        })
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

    /// Whether a well-formed payment is held, or conflicts with one that is by
    /// [`conflict`](offpay_protocol::conflict::conflict). That it finds nothing counts where the book
    /// [reaches](Self::reaches) the payment.
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
            self.kept = self
                .kept
                .saturating_sub(usize::from(known.seen.number.is_none()));
            self.kept = self.kept.saturating_add(usize::from(seen.number.is_none()));
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
        self.end = self.end.max(end);
        self.kept = self.kept.saturating_add(usize::from(seen.number.is_none()));
        let payee = self.payee(payment.payee);
        let promise = Promise { cumulative, start };
        payee.promises.insert(before(payment), promise);
        let more = cumulative.saturating_sub(payee.highest);
        payee.highest = payee.highest.max(cumulative);
        let number = payee.number;
        self.promised = self.promised.saturating_add(more);
        Point {
            cumulative,
            slack: slack(payment),
            payee: number,
            start,
        }
    }

    fn payee(&mut self, payee: AccountId) -> &mut Payee {
        let number = u32::try_from(self.payees.len()).unwrap_or(u32::MAX);
        self.payees.entry(payee).or_insert(Payee {
            number,
            highest: 0,
            below: 0,
            promises: BTreeMap::new(),
        })
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
