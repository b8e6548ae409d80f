//! Clearing: which payments an operator records as free of conflicts.
//!
//! A [`PurseBook`] holds everything that was ever seen of one purse, indexed so that a new payment is held against all
//! of it in logarithmic time. [`decide`] says what is to become of a payment. What it decides is stored first, then
//! entered into the book, then told.

mod book;
mod decide;
mod evidence;
mod overpromises;
mod refusal;
#[cfg(test)]
mod tests;

pub use book::{Found, Frontier, PurseBook, Seen};
pub use decide::{Decision, KeptFor, MOST_PAYMENTS, PurseTerms, decide};
pub use evidence::{DoubleSpend, NotEvidence};
pub use refusal::ClearingRefusal;
