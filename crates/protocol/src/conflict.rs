//! Double spends: pairs of payments that an honest wallet never signs both of (section 6 of the protocol).

use thiserror::Error;

use crate::{Amount, messages::Payment};

/// Why two payments of one key conflict. Each rule needs only the two messages: no clock, no order, no witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Conflict {
    /// Rule (i): both spend a serial.
    #[error("both payments spend serial {serial}")]
    SameSerial {
        /// The lowest serial that both spend.
        serial: Amount,
    },
    /// Rule (ii): both count the same unit of what one payee was promised.
    #[error("both payments to the payee count unit {unit} of its cumulative")]
    SamePromise {
        /// The lowest unit that both count.
        unit: Amount,
    },
    /// Rule (iii): two payees were promised more than the serials that had been handed out.
    #[error("two payees were promised more than the {serials} serials that were handed out")]
    MorePromisedThanSpent {
        /// The higher of the two `start + amount`.
        serials: u128,
    },
}

/// Whether two payments of the same key conflict, and by which rule.
///
/// A payment does not conflict with itself, nor does one that is not [well formed](Payment::check_form): it can never
/// be settled, so it promises nothing. The caller sees to it that both were signed by the same key for the same
/// domain.
pub fn conflict(a: &Payment, b: &Payment) -> Option<Conflict> {
    if a == b || a.check_form().is_err() || b.check_form().is_err() {
        return None;
    }
    same_serial(a, b).or_else(|| {
        if a.payee == b.payee {
            same_promise(a, b)
        } else {
            more_promised_than_spent(a, b)
        }
    })
}

fn same_serial(a: &Payment, b: &Payment) -> Option<Conflict> {
    let serial = a.start.max(b.start);
    let shared = serial.get() < a.serials_end().min(b.serials_end());
    shared.then_some(Conflict::SameSerial { serial })
}

fn same_promise(a: &Payment, b: &Payment) -> Option<Conflict> {
    let before = |payment: &Payment| payment.cumulative.saturating_sub(payment.amount);
    let unit = before(a).max(before(b));
    let shared = unit < a.cumulative.min(b.cumulative);
    shared.then_some(Conflict::SamePromise { unit })
}

fn more_promised_than_spent(a: &Payment, b: &Payment) -> Option<Conflict> {
    let promised = a.cumulative.get().saturating_add(b.cumulative.get());
    let serials = a.serials_end().max(b.serials_end());
    (promised > serials).then_some(Conflict::MorePromisedThanSpent { serials })
}

#[cfg(test)]
mod tests;
