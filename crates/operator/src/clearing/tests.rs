use offpay_protocol::{
    AccountId, Amount, Circle, PaymentId, PurseKey, Timestamp, conflict::conflict,
    messages::Payment, payment_rules::promises_exceed,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

use super::*;
use crate::purse::KnownPurse;

const FUNDS: u64 = 60;

fn payee(index: u8) -> AccountId {
    AccountId::new([index + 1; 20].into())
}

fn pay(index: u8, start: u64, amount: u64, cumulative: u64) -> Payment {
    Payment {
        payee: payee(index),
        start: start.into(),
        amount: amount.into(),
        cumulative: cumulative.into(),
        reference: Default::default(),
    }
}

fn purse() -> PurseKey {
    PurseKey::new([9; 20].into())
}

/// Ids only have to differ where payments do.
fn id(payment: &Payment) -> PaymentId {
    payment.id(&offpay_protocol::Domain::new(1, [1; 20].into()))
}

fn open(funds: u64) -> KnownPurse {
    KnownPurse {
        key: purse(),
        owner: payee(8),
        circle: Circle::new([7; 20].into()),
        finalized_funds: funds.into(),
        funds: funds.into(),
        paid: Amount::ZERO,
        pledge: Amount::ZERO,
        cover_count: 1,
        closes_at: None,
        defaulted: false,
        condemned: false,
        closed: false,
    }
}

fn judge(book: &PurseBook, chain: &KnownPurse, payment: &Payment) -> Decision {
    let terms = PurseTerms {
        key: purse(),
        chain: Some(chain),
        stopped: false,
    };
    decide(book, &terms, payment, id(payment))
}

fn cleared(payment: &Payment, number: i64) -> Seen {
    Seen {
        id: id(payment),
        number: Some(number),
    }
}

fn any_payment() -> impl Strategy<Value = Payment> {
    (0u8..4, 0..FUNDS, 1..=FUNDS / 3, 1..=FUNDS)
        .prop_map(|(to, start, amount, cumulative)| pay(to, start, amount, cumulative))
        .prop_filter("well formed", |payment| payment.check_form().is_ok())
}

/// Mostly honest, so that books grow long; what goes wrong does so in one number.
fn nearly_honest() -> impl Strategy<Value = Vec<Payment>> {
    let step = (
        0u8..6,
        0u64..3,
        1u64..9,
        prop::option::weighted(0.15, (0u8..3, -9i64..9)),
    );
    prop::collection::vec(step, 0..40).prop_map(|steps| {
        let (mut next, mut promised) = (0u64, BTreeMap::<u8, u64>::new());
        let mut history = Vec::new();
        for (to, gap, amount, lie) in steps {
            let cumulative = promised.entry(to).or_default();
            *cumulative += amount;
            let mut fields = [next + gap, amount, *cumulative];
            next += gap + amount;
            if let Some((field, by)) = lie {
                let field = &mut fields[usize::from(field)];
                *field = field.saturating_add_signed(by);
            }
            history.push(pay(to, fields[0], fields[1], fields[2]));
        }
        history
    })
}

/// The naive model: every pair, and the sum.
#[derive(Default)]
struct Model(Vec<Payment>);

impl Model {
    fn conflicting(&self, payment: &Payment) -> bool {
        self.0
            .iter()
            .any(|known| conflict(known, payment).is_some())
    }

    fn overpromised_with(&self, payment: &Payment, funds: Amount) -> bool {
        let mut highest = BTreeMap::new();
        for known in self.0.iter().chain([payment]) {
            let entry = highest.entry(known.payee).or_insert(Amount::ZERO);
            *entry = known.cumulative.max(*entry);
        }
        promises_exceed(highest.into_values(), funds)
    }
}

fn agrees(payments: Vec<Payment>, funds: u64) -> Result<(), TestCaseError> {
    let (mut book, mut model) = (PurseBook::default(), Model::default());
    for payment in payments {
        let decision = judge(&book, &open(funds), &payment);
        let malformed = payment.check_form().is_err();
        if malformed {
            prop_assert!(matches!(
                decision,
                Decision::Refuse(ClearingRefusal::Malformed(_))
            ));
            continue;
        }
        if model.0.contains(&payment) {
            let again = matches!(
                decision,
                Decision::Again(_) | Decision::Keep { known: true, .. }
            );
            prop_assert!(again, "{decision:?}");
            continue;
        }
        let conflicting = model.conflicting(&payment);
        if let Decision::DoubleSpend(other) = &decision {
            let other = model.0.iter().find(|known| id(known) == other.id).unwrap();
            prop_assert!(conflict(other, &payment).is_some(), "{other:?} {payment:?}");
        }
        prop_assert_eq!(
            matches!(decision, Decision::DoubleSpend(_)),
            conflicting,
            "{:?}",
            payment
        );
        if conflicting {
            continue;
        }
        let within = payment.check_within(funds.into()).is_ok()
            && !model.overpromised_with(&payment, funds.into());
        prop_assert_eq!(
            matches!(decision, Decision::Clear { .. }),
            within,
            "{:?}",
            decision
        );
        let number = within.then(|| i64::try_from(model.0.len()).unwrap());
        book.insert(
            &payment,
            Seen {
                id: id(&payment),
                number,
            },
        );
        model.0.push(payment);
    }
    // A book that is loaded is as the one that grew.
    let loaded = PurseBook::new(model.0.iter().map(|known| (*known, cleared(known, 0))));
    prop_assert_eq!(loaded.promised(), book.promised());
    prop_assert_eq!(loaded.len(), book.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// O1.
    #[test]
    fn the_index_agrees_with_every_pair_and_the_sum(
        payments in prop::collection::vec(any_payment(), 0..24), funds in 1..FUNDS * 2,
    ) {
        agrees(payments, funds)?;
    }

    /// O1, with long books.
    #[test]
    fn the_index_agrees_over_long_histories(payments in nearly_honest()) {
        agrees(payments, 200)?;
    }

    /// A loaded book finds what the one that grew finds.
    #[test]
    fn loading_changes_no_answer(payments in nearly_honest(), probe in any_payment()) {
        let mut grown = PurseBook::default();
        let mut held = Vec::new();
        for payment in payments.iter().filter(|payment| payment.check_form().is_ok()) {
            if grown.find(payment, id(payment)).is_none() {
                grown.insert(payment, cleared(payment, 1));
                held.push((*payment, cleared(payment, 1)));
            }
        }
        let loaded = PurseBook::new(held);
        let kind = |found| match found {
            None => 0,
            Some(Found::Same(_)) => 1,
            Some(Found::Conflicting(_)) => 2,
        };
        prop_assert_eq!(
            kind(loaded.find(&probe, id(&probe))),
            kind(grown.find(&probe, id(&probe)))
        );
    }
}

/// The book of these payments as it is opened at the frontier of the first `from` of them, all of them told.
fn opened(held: &[Payment], from: usize) -> PurseBook {
    let below = PurseBook::new(held[..from].iter().map(|known| (*known, cleared(known, 0))));
    let mut book = PurseBook::above(below.frontier().unwrap());
    for index in 0..8 {
        book.learn(payee(index), below.highest(payee(index)));
    }
    for known in &held[from..] {
        book.insert(known, cleared(known, 0));
    }
    book
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// O124: what a book says that was opened at a frontier is what the whole book says, or that it cannot tell.
    #[test]
    fn a_book_that_is_opened_at_its_frontier_says_nothing_else(
        payments in nearly_honest(), from in 0usize..40, probes in prop::collection::vec(any_payment(), 2),
    ) {
        let mut whole = PurseBook::default();
        let mut held = Vec::new();
        let from = |held: &Vec<Payment>| from.min(held.len());
        for payment in payments {
            if payment.check_form().is_err() {
                continue;
            }
            let short = opened(&held, from(&held));
            for probe in probes.iter().chain(held.last()).chain([&payment]) {
                let (all, some) =
                    (judge(&whole, &open(200), probe), judge(&short, &open(200), probe));
                // Where a payment conflicts with several, either may be named.
                let same = match (&some, &all) {
                    (Decision::DoubleSpend(named), Decision::DoubleSpend(_)) => held
                        .iter()
                        .any(|known| id(known) == named.id && conflict(known, probe).is_some()),
                    (Decision::Unread, _) => true,
                    (some, all) => some == all,
                };
                prop_assert!(same, "{:?}: {:?}, not {:?}", probe, some, all);
            }
            if matches!(judge(&whole, &open(200), &payment), Decision::Clear { .. }) {
                whole.insert(&payment, cleared(&payment, 0));
                held.push(payment);
                prop_assert_eq!(opened(&held, from(&held)).frontier(), whole.frontier());
            }
        }
    }

    /// Payments that an honest purse signed after the frontier come from payees that are online at different times:
    /// whatever their order, the book never has to be read.
    #[test]
    fn an_honest_purses_payments_need_the_frontier_alone(
        steps in prop::collection::vec((0u8..6, 1u64..9, any::<u32>()), 1..40), from in 0usize..40,
    ) {
        let mut cumulatives = BTreeMap::<u8, u64>::new();
        let mut signed = Vec::new();
        let mut next = 0;
        for (to, amount, at) in steps {
            let cumulative = cumulatives.entry(to).or_default();
            *cumulative += amount;
            signed.push((at, pay(to, next, amount, *cumulative)));
            next += amount;
        }
        let from = from.min(signed.len());
        signed[from..].sort_by_key(|(at, _)| *at);
        let mut held: Vec<_> = signed.iter().map(|(_, payment)| *payment).collect();
        for payment in held.split_off(from) {
            let decision = judge(&opened(&held, from), &open(1_000), &payment);
            prop_assert_eq!(decision, Decision::Clear { known: false });
            held.push(payment);
        }
    }
}

/// Each condition of the frontier, at its edge.
#[test]
fn what_the_frontier_does_not_reach_is_unread() {
    let held = [pay(1, 0, 10, 10), pay(2, 10, 5, 5)];
    let reached = |payment: &Payment| opened(&held, 2).reaches(payment);
    assert!(reached(&pay(1, 15, 5, 15)));
    assert!(!reached(&pay(1, 14, 6, 16)), "a serial below the end");
    assert!(!reached(&pay(1, 15, 6, 15)), "a promise below the highest");
    assert!(!reached(&pay(1, 15, 5, 16)), "more promised than spent");
    assert!(reached(&pay(3, 15, 5, 5)));
    let frontier = PurseBook::new(held.map(|known| (known, cleared(&known, 0)))).frontier();
    let untold = PurseBook::above(frontier.unwrap());
    assert!(
        !untold.reaches(&pay(1, 15, 5, 15)),
        "a payee of which nothing is told"
    );
    assert_eq!(
        judge(&untold, &open(100), &pay(1, 15, 5, 15)),
        Decision::Unread
    );
}

#[test]
fn there_is_no_frontier_while_something_is_kept() {
    let (first, second) = (pay(1, 0, 10, 10), pay(1, 10, 5, 15));
    let mut book = PurseBook::default();
    book.insert(&first, cleared(&first, 1));
    let kept = Seen {
        id: id(&second),
        number: None,
    };
    book.insert(&second, kept);
    assert_eq!(book.frontier(), None);
    book.insert(&second, cleared(&second, 2));
    let frontier = Frontier {
        spent: 15u64.into(),
        promised: 15u64.into(),
        payments: 2,
    };
    assert_eq!(book.frontier(), Some(frontier));
}

#[test]
fn each_rule_finds_its_pair() {
    let first = pay(1, 0, 10, 10);
    let mut book = PurseBook::default();
    book.insert(&first, cleared(&first, 1));
    for other in [pay(2, 9, 5, 5), pay(1, 10, 10, 15), pay(2, 10, 5, 6)] {
        assert!(conflict(&first, &other).is_some());
        assert_eq!(
            judge(&book, &open(100), &other),
            Decision::DoubleSpend(cleared(&first, 1)),
        );
    }
    assert_eq!(judge(&book, &open(100), &first), Decision::Again(1));
}

/// Three payments whose lies evade every pair are seen by the sum, and cleared once a top-up covers them.
#[test]
fn three_liars_are_seen_by_the_sum() {
    let lies = [pay(1, 0, 10, 10), pay(2, 10, 9, 9), pay(3, 19, 11, 19)];
    let mut book = PurseBook::default();
    for payment in &lies[..2] {
        assert_eq!(
            judge(&book, &open(30), payment),
            Decision::Clear { known: false }
        );
        book.insert(payment, cleared(payment, 1));
    }
    let overpromised = ClearingRefusal::Overpromised {
        promised: 38,
        funds: 30u64.into(),
    };
    let kept = |known| Decision::Keep {
        refusal: overpromised.clone(),
        kept_for: KeptFor::Funds,
        known,
    };
    assert_eq!(judge(&book, &open(30), &lies[2]), kept(false));
    let seen = Seen {
        id: id(&lies[2]),
        number: None,
    };
    book.insert(&lies[2], seen);
    assert_eq!(judge(&book, &open(30), &lies[2]), kept(true));
    assert_eq!(
        judge(&book, &open(38), &lies[2]),
        Decision::Clear { known: true }
    );
}

/// What was seen and refused is not forgotten: nothing that conflicts with it is cleared.
#[test]
fn what_was_kept_counts() {
    let (kept, other) = (pay(1, 90, 20, 20), pay(2, 95, 10, 10));
    let mut book = PurseBook::default();
    assert!(matches!(
        judge(&book, &open(100), &kept),
        Decision::Keep {
            refusal: ClearingRefusal::BeyondFunds { end: 110, .. },
            ..
        }
    ));
    let seen = Seen {
        id: id(&kept),
        number: None,
    };
    book.insert(&kept, seen);
    assert_eq!(
        judge(&book, &open(200), &other),
        Decision::DoubleSpend(seen)
    );
}

#[test]
fn a_purse_that_ends_is_kept_for_presenting() {
    let (book, payment) = (PurseBook::default(), pay(1, 0, 10, 10));
    let ends = [
        KnownPurse {
            closes_at: Some(Timestamp::MAX),
            ..open(100)
        },
        KnownPurse {
            defaulted: true,
            ..open(100)
        },
        KnownPurse {
            condemned: true,
            ..open(100)
        },
    ];
    for chain in &ends {
        assert!(matches!(
            judge(&book, chain, &payment),
            Decision::Keep {
                kept_for: KeptFor::Presenting,
                known: false,
                ..
            }
        ));
    }
    let closed = KnownPurse {
        closed: true,
        ..open(100)
    };
    assert_eq!(
        judge(&book, &closed, &payment),
        Decision::Refuse(ClearingRefusal::PurseClosed { purse: purse() })
    );
    let nowhere = PurseTerms {
        key: purse(),
        chain: None,
        stopped: false,
    };
    let unknown = decide(&book, &nowhere, &payment, id(&payment));
    assert_eq!(
        unknown,
        Decision::Refuse(ClearingRefusal::UnknownPurse { purse: purse() })
    );
}

#[test]
fn a_stopped_purse_is_not_cleared_and_keeps_its_evidence() {
    let (first, second, third) = (pay(1, 0, 10, 10), pay(2, 5, 10, 10), pay(3, 50, 1, 1));
    let mut book = PurseBook::default();
    book.insert(&first, cleared(&first, 1));
    let chain = open(100);
    let terms = PurseTerms {
        key: purse(),
        chain: Some(&chain),
        stopped: true,
    };
    let judge = |payment| decide(&book, &terms, payment, id(payment));
    assert_eq!(judge(&first), Decision::Again(1));
    let purse = purse();
    assert_eq!(
        judge(&second),
        Decision::Refuse(ClearingRefusal::DoubleSpend { purse })
    );
    assert!(matches!(
        judge(&third),
        Decision::Keep {
            refusal: ClearingRefusal::PurseStopped { .. },
            ..
        }
    ));
}
