use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{AccountId, Serials, payment_rules::promises_exceed};

fn payee(index: u8) -> AccountId {
    AccountId::new([index.wrapping_add(1); 20].into())
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

#[test]
fn one_serial_twice() {
    assert_eq!(
        conflict(&pay(1, 0, 10, 10), &pay(2, 9, 5, 5)),
        Some(Conflict::SameSerial {
            serial: Amount::from_u64(9)
        })
    );
    assert_eq!(conflict(&pay(1, 0, 10, 10), &pay(2, 10, 5, 5)), None);
}

#[test]
fn one_promise_counted_twice() {
    assert_eq!(
        conflict(&pay(1, 0, 10, 10), &pay(1, 10, 10, 15)),
        Some(Conflict::SamePromise {
            unit: Amount::from_u64(5)
        })
    );
    assert_eq!(conflict(&pay(1, 0, 10, 10), &pay(1, 10, 10, 20)), None);
}

#[test]
fn more_promised_than_handed_out() {
    assert_eq!(
        conflict(&pay(1, 0, 10, 10), &pay(2, 10, 5, 6)),
        Some(Conflict::MorePromisedThanSpent { serials: 15 })
    );
}

#[test]
fn same_fields_but_the_reference_conflict() {
    let other = Payment {
        reference: alloy_primitives::B256::repeat_byte(1).into(),
        ..pay(1, 0, 10, 10)
    };
    assert!(matches!(
        conflict(&pay(1, 0, 10, 10), &other),
        Some(Conflict::SameSerial { .. })
    ));
    assert_eq!(conflict(&other, &other), None);
}

#[test]
fn what_can_never_settle_conflicts_with_nothing() {
    let malformed = pay(1, 0, 10, 11);
    assert_eq!(conflict(&malformed, &pay(2, 0, 10, 10)), None);
    assert_eq!(conflict(&pay(2, 0, 10, 10), &malformed), None);
}

#[test]
fn the_widest_numbers_do_not_wrap() {
    let top = Payment {
        start: Amount::MAX,
        cumulative: Amount::MAX,
        ..pay(1, 0, 1, 1)
    };
    let other = Payment {
        payee: payee(2),
        start: Amount::MAX,
        amount: Amount::MAX,
        ..top
    };
    assert!(matches!(
        conflict(&top, &other),
        Some(Conflict::SameSerial { .. })
    ));
    let apart = Payment {
        payee: payee(2),
        start: Amount::ZERO,
        amount: Amount::MAX,
        ..top
    };
    assert!(matches!(
        conflict(&top, &apart),
        Some(Conflict::MorePromisedThanSpent { .. })
    ));
}

/// Three payments whose lies evade every pair: the sum rule is there for them.
#[test]
fn three_liars_evade_the_pairs() {
    let funds = Amount::from_u64(30);
    let lies = [pay(1, 0, 10, 10), pay(2, 10, 9, 9), pay(3, 19, 11, 19)];
    for a in &lies {
        assert_eq!(a.check_within(funds), Ok(()));
        for b in &lies {
            assert_eq!(conflict(a, b), None);
        }
    }
    assert!(promises_exceed(
        lies.iter().map(|payment| payment.cumulative),
        funds
    ));
}

const FUNDS: u64 = 60;

fn any_payment() -> impl Strategy<Value = Payment> {
    (0u8..3, 0..FUNDS, 1..=FUNDS, 1..=FUNDS)
        .prop_map(|(to, start, amount, cumulative)| pay(to, start, amount, cumulative))
        .prop_filter("well formed", |payment| {
            payment.check_within(FUNDS.into()).is_ok()
        })
}

/// What an honest wallet does: one writer hands out serials in order, with gaps, and counts every payee's promises.
fn honest_history() -> impl Strategy<Value = Vec<Payment>> {
    prop::collection::vec((0u8..4, 0u64..3, 1u64..9), 0..12).prop_map(|steps| {
        let (mut next, mut promised) = (0, BTreeMap::<u8, u64>::new());
        let mut history = Vec::new();
        for (to, gap, amount) in steps {
            let cumulative = promised.entry(to).or_default();
            if next + gap + amount > FUNDS {
                break;
            }
            *cumulative += amount;
            history.push(pay(to, next + gap, amount, *cumulative));
            next += gap + amount;
        }
        history
    })
}

fn highest(payments: &[Payment]) -> BTreeMap<AccountId, Amount> {
    let mut highest = BTreeMap::new();
    for payment in payments {
        let entry = highest.entry(payment.payee).or_insert(Amount::ZERO);
        *entry = payment.cumulative.max(*entry);
    }
    highest
}

fn some_pair_conflicts(payments: &[Payment]) -> bool {
    payments
        .iter()
        .any(|a| payments.iter().any(|b| conflict(a, b).is_some()))
}

proptest! {
    #[test]
    fn the_order_of_the_two_does_not_matter(a in any_payment(), b in any_payment()) {
        prop_assert_eq!(conflict(&a, &b), conflict(&b, &a));
    }

    /// Rule (i), serial by serial.
    #[test]
    fn disjoint_serials_or_a_conflict(a in any_payment(), b in any_payment()) {
        let overlap = Serials::overlaps(a.serials().unwrap(), b.serials().unwrap());
        if overlap && a != b {
            prop_assert!(matches!(conflict(&a, &b), Some(Conflict::SameSerial { .. })), "{a:?} {b:?}");
        }
    }

    /// An honest payer is never caught, by any rule.
    #[test]
    fn an_honest_history_is_free_of_conflicts(history in honest_history()) {
        prop_assert!(!some_pair_conflicts(&history));
        prop_assert!(!promises_exceed(highest(&history).into_values(), FUNDS.into()));
        for payment in &history {
            prop_assert_eq!(payment.check_within(FUNDS.into()), Ok(()));
        }
    }

    /// With two payees the pairs suffice: promises beyond the funds are always proven by the two highest.
    #[test]
    fn two_payees_cannot_be_overpromised_unseen(mut a in any_payment(), mut b in any_payment()) {
        (a.payee, b.payee) = (payee(1), payee(2));
        if promises_exceed([a.cumulative, b.cumulative], FUNDS.into()) {
            prop_assert!(conflict(&a, &b).is_some());
        }
    }

    /// The pigeonhole: where cumulatives are true sums of known payments, promises beyond the funds mean that two
    /// payments share a serial. Where they lie, the sum rule sees it instead; with neither, all can be paid.
    #[test]
    fn either_a_pair_or_the_sum_shows_an_overspend(spends in prop::collection::vec((0u8..4, 0..FUNDS, 1u64..20), 1..12)) {
        let mut promised = BTreeMap::<u8, u64>::new();
        let mut payments = Vec::new();
        for (to, start, amount) in spends {
            let sum = promised.entry(to).or_default();
            let payment = pay(to, start, amount, *sum + amount);
            if payment.check_within(FUNDS.into()).is_ok() {
                *sum += amount;
                payments.push(payment);
            }
        }
        let overspent = promises_exceed(highest(&payments).into_values(), FUNDS.into());
        let shared = payments.iter().enumerate().any(|(at, a)| {
            payments[..at].iter().any(|b| a.serials().unwrap().overlaps(b.serials().unwrap()))
        });
        prop_assert!(!overspent || shared);
        prop_assert!(!shared || some_pair_conflicts(&payments));
    }
}
