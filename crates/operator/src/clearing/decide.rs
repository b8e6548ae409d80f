//! What becomes of a payment.

use offpay_protocol::{PaymentId, PurseKey, messages::Payment, payment_rules::MalformedPayment};

use super::{ClearingRefusal, Found, PurseBook, Seen};
use crate::purse::KnownPurse;

/// The most payments that are kept of one purse. The book of a purse has to fit into memory whole.
pub const MOST_PAYMENTS: usize = 1_000_000;

/// What the purse that signed is to the operator.
#[derive(Clone, Copy, Debug)]
pub struct PurseTerms<'a> {
    /// The purse.
    pub key: PurseKey,
    /// What the followed chain says of it.
    pub chain: Option<&'a KnownPurse>,
    /// There is evidence that it double spent.
    pub stopped: bool,
}

/// Why a payment is kept although it is not cleared: it was seen, so nothing that conflicts with it is ever cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptFor {
    /// The purse ends; the payment can still be presented.
    Presenting,
    /// The purse does not hold what the payment spends.
    Funds,
}

impl KeptFor {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presenting => "presenting",
            Self::Funds => "funds",
        }
    }
}

/// What becomes of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is recorded, and cleared.
    Clear {
        /// It was kept until now.
        known: bool,
    },
    /// It was cleared before, as this number: its clearance is given again.
    Again(i64),
    /// It is refused and recorded (`known`: it already is).
    Keep {
        /// Why.
        refusal: ClearingRefusal,
        /// What it is kept for.
        kept_for: KeptFor,
        /// It is recorded already.
        known: bool,
    },
    /// It is refused, and the purse is stopped: it conflicts with this one.
    DoubleSpend(Seen),
    /// It is refused.
    Refuse(ClearingRefusal),
    /// The book was opened too late to tell: the payment is to be held against the whole of it.
    Unread,
}

/// What becomes of a payment of this purse, whose signature was checked.
pub fn decide(
    book: &PurseBook,
    terms: &PurseTerms<'_>,
    payment: &Payment,
    id: PaymentId,
) -> Decision {
    let purse = terms.key;
    if let Err(malformed) = payment.check_form() {
        return Decision::Refuse(ClearingRefusal::Malformed(malformed));
    }
    let found = book.find(payment, id);
    if found.is_none() && !book.reaches(payment) {
        return Decision::Unread;
    }
    if let Some(Found::Same(Seen {
        number: Some(number),
        ..
    })) = found
    {
        return Decision::Again(number);
    }
    let Some(chain) = terms.chain else {
        return Decision::Refuse(ClearingRefusal::UnknownPurse { purse });
    };
    if chain.closed {
        return Decision::Refuse(ClearingRefusal::PurseClosed { purse });
    }
    let known = match found {
        Some(Found::Conflicting(other)) => {
            return if terms.stopped {
                Decision::Refuse(ClearingRefusal::DoubleSpend { purse })
            } else {
                Decision::DoubleSpend(other)
            };
        }
        Some(Found::Same(_)) => true,
        None => false,
    };
    if !known && usize::try_from(book.payments()).is_ok_and(|seen| seen >= MOST_PAYMENTS) {
        let limit = MOST_PAYMENTS;
        return Decision::Refuse(ClearingRefusal::TooManyPayments { purse, limit });
    }
    match ends(terms, chain).map_or_else(
        || overspends(book, chain, payment, known).map(|refusal| (refusal, KeptFor::Funds)),
        |refusal| Some((refusal, KeptFor::Presenting)),
    ) {
        Some((refusal, kept_for)) => Decision::Keep {
            refusal,
            kept_for,
            known,
        },
        None => Decision::Clear { known },
    }
}

/// A purse that began to close is not cleared, for whatever reason it did: a double spend that somebody else reported
/// is one of them, and an operator knows nothing of what it was.
fn ends(terms: &PurseTerms<'_>, chain: &KnownPurse) -> Option<ClearingRefusal> {
    let purse = terms.key;
    if terms.stopped {
        return Some(ClearingRefusal::PurseStopped { purse });
    }
    if chain.defaulted || chain.condemned {
        return Some(ClearingRefusal::PurseInDefault { purse });
    }
    let closes_at = chain.closes_at?;
    Some(ClearingRefusal::PurseClosing { purse, closes_at })
}

/// The serials are in the funds, and so is all that was promised.
fn overspends(
    book: &PurseBook,
    chain: &KnownPurse,
    payment: &Payment,
    known: bool,
) -> Option<ClearingRefusal> {
    let funds = chain.finalized_funds;
    if let Err(malformed) = payment.check_within(funds) {
        return Some(match malformed {
            MalformedPayment::BeyondFunds { end, funds } => {
                ClearingRefusal::BeyondFunds { end, funds }
            }
            malformed => ClearingRefusal::Malformed(malformed),
        });
    }
    let promised = if known {
        book.promised()
    } else {
        book.promised_with(payment)
    };
    (promised > funds.get()).then_some(ClearingRefusal::Overpromised { promised, funds })
}
