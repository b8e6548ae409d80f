//! Random histories of owner, payees and strangers, and what must hold after each step.

use std::collections::BTreeMap;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Settle(Payment, bool),
    SettleLate(u8),
    MakeGood(u8),
    TopUp(u64),
    AddPledge(u64),
    RequestClose,
    Report(Payment, Payment),
    Close,
    Wait(u64),
}

fn any_payment() -> impl Strategy<Value = Payment> {
    (0u8..4, 0u64..150, 1u64..80, 0u64..80)
        .prop_map(|(to, start, amount, before)| pay(to, start, amount, amount + before.min(start)))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any_payment(), any::<bool>()).prop_map(|(payment, member)| Step::Settle(payment, member)),
        3 => (0u8..4).prop_map(Step::SettleLate),
        1 => (0u8..4).prop_map(Step::MakeGood),
        1 => (0u64..60).prop_map(Step::TopUp),
        1 => (0u64..60).prop_map(Step::AddPledge),
        1 => Just(Step::RequestClose),
        1 => (any_payment(), any_payment()).prop_map(|(a, b)| Step::Report(a, b)),
        1 => Just(Step::Close),
        4 => (0u64..200_000).prop_map(Step::Wait),
    ]
}

/// Money that went in and out, counted by the test itself.
#[derive(Default)]
struct Books {
    put_in: u64,
    pledged: u64,
    from_funds: u128,
    from_balance: u128,
    from_collateral: BTreeMap<AccountId, u128>,
}

fn run(purse: &mut PurseState, books: &mut Books, step: &Step, now: Timestamp) {
    match step {
        Step::Settle(payment, member) => {
            if let Ok(settled) = purse.settle(payment, *member, now) {
                books.from_funds += settled.credited.get();
            }
        }
        Step::SettleLate(to) => {
            if let Ok(amount) = purse.settle_after_settlement_period(payee(*to), now) {
                *books.from_collateral.entry(payee(*to)).or_default() += amount.get();
            }
        }
        Step::MakeGood(to) => {
            if let Ok(made) = purse.make_good(&[payee(*to)], Amount::MAX, Amount::MAX, now) {
                books.from_balance += made.total.get();
            }
        }
        Step::TopUp(amount) => {
            if purse.top_up(units(*amount)).is_ok() {
                books.put_in += amount;
            }
        }
        Step::AddPledge(amount) => {
            if purse.add_pledge(units(*amount)).is_ok() {
                books.pledged += amount;
            }
        }
        Step::RequestClose => drop(purse.request_close(now)),
        Step::Report(a, b) => drop(purse.report_double_spend(a, b, now)),
        Step::Close | Step::Wait(_) => {}
    }
}

fn check(purse: &PurseState, books: &Books) {
    let paid_to: u128 = purse.pairs.values().map(|pair| pair.paid.get()).sum();
    let collateral: u128 = books.from_collateral.values().sum();
    assert_eq!(
        paid_to,
        books.from_funds + books.from_balance + collateral,
        "paidTo is the books"
    );
    assert_eq!(purse.paid.get(), books.from_funds);
    assert!(purse.paid <= purse.funds);
    if purse.closed {
        return;
    }
    assert_eq!(purse.paid_from_collateral.get(), collateral);
    let reserved: u128 = purse
        .pairs
        .values()
        .filter_map(|pair| pair.in_default)
        .map(|d| d.reserved.get())
        .sum();
    assert_eq!(purse.reserved.get(), reserved);
    assert!(
        reserved + collateral <= purse.payable_share().get(),
        "the penalty stays untouched"
    );
    for (payee, pair) in &purse.pairs {
        let held = pair.in_default.map_or(0, |default| default.reserved.get());
        assert!(
            pair.from_collateral.get() + held <= purse.cover().get(),
            "one cover each"
        );
        assert_eq!(
            pair.from_collateral.get(),
            books.from_collateral.get(payee).copied().unwrap_or(0)
        );
        assert!(pair.was_member || pair.from_collateral.is_zero());
        assert!(pair.in_default.is_none() || !pair.owed().is_zero());
        assert!(held <= pair.owed().get());
    }
    assert!(purse.defaulted || (collateral == 0 && !purse.condemned));
    assert!(!(purse.defaulted || purse.reported) || purse.closes_at.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn hold_after_every_step(
        funds in 0u64..150, pledge in 1u64..200, count in 1u16..5,
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut purse = open(funds, pledge, count);
        let mut books = Books { put_in: funds, pledged: pledge, ..Books::default() };
        let mut now = day(0);
        for step in &steps {
            let before = purse.clone();
            if let Step::Wait(seconds) = step {
                now = now.saturating_add(Seconds::new(*seconds).unwrap());
            }
            if matches!(step, Step::Close) && let Ok(closed) = purse.close(now) {
                // All that went in came out: to payees, the owner or the treasury.
                let collateral: u128 = books.from_collateral.values().sum();
                prop_assert_eq!(closed.rest.get() + books.from_funds, u128::from(books.put_in));
                prop_assert_eq!(
                    closed.released.get() + closed.forfeited.get() + collateral,
                    u128::from(books.pledged)
                );
                prop_assert!(closed.released.is_zero() || !before.condemned);
            }
            run(&mut purse, &mut books, step, now);
            check(&purse, &books);
            for (payee, pair) in &before.pairs {
                prop_assert!(purse.pair(*payee).paid >= pair.paid, "paidTo only grows");
                prop_assert!(purse.pair(*payee).presented >= pair.presented);
            }
            prop_assert!(before.closes_at.is_none() || purse.closes_at == before.closes_at);
            prop_assert!(purse.condemned || !before.condemned);
            prop_assert!(!before.defaulted || purse.closed || purse.pledge == before.pledge);
        }
    }

    /// A reservation shrinks only by payment: others cannot crowd out who came first.
    #[test]
    fn a_reservation_is_kept(steps in prop::collection::vec(any_step(), 1..30)) {
        let mut purse = open(100, 200, 2);
        purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
        purse.settle(&pay(0, 0, 95, 95), true, day(0)).unwrap();
        let mut now = day(0);
        for step in &steps {
            if let Step::Wait(seconds) = step {
                now = now.saturating_add(Seconds::new(*seconds).unwrap());
            }
            let before = purse.pair(payee(0));
            run(&mut purse, &mut Books::default(), step, now);
            let after = purse.pair(payee(0));
            let held = |pair: PairState| pair.in_default.map_or(Amount::ZERO, |default| default.reserved);
            if held(after) < held(before) {
                prop_assert!(after.paid > before.paid);
            }
        }
    }

    /// Promise 2: an owner whose cumulatives never add up to more than its funds never defaults.
    #[test]
    fn an_honest_purse_never_defaults(
        spends in prop::collection::vec((0u8..4, 1u64..20), 1..20),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
    ) {
        let mut promised = BTreeMap::<u8, u64>::new();
        let (mut next, mut signed) = (0, Vec::new());
        for (to, amount) in spends {
            let cumulative = promised.entry(to).or_default();
            *cumulative += amount;
            signed.push(pay(to, next, amount, *cumulative));
            next += amount;
        }
        let mut purse = open(next, 100, 3);
        for index in order {
            let settled = purse.settle(index.get(&signed), true, day(0)).unwrap();
            prop_assert!(matches!(settled.outcome, Presentation::PaidInFull | Presentation::NothingOwed));
        }
        prop_assert!(!purse.defaulted);
    }
}
