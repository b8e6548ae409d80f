//! The Rust rules and the contract agree: on which payments conflict, and that an overspend ends in a default.
#![allow(missing_docs, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;

use offpay_chain::{ChainError, ContractError, Sender};
use offpay_protocol::{
    AccountId, Reference, Signed, SigningKey, conflict::conflict, messages::Payment,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use support::{World, account, key, units};
use tokio::runtime::Runtime;

const FUNDS: u64 = 40;

/// A payment that can be settled: small numbers, so that every way to conflict and to just not conflict comes up.
fn well_formed() -> impl Strategy<Value = Payment> {
    (0..FUNDS, 1..=12u64, 0..=3u8)
        .prop_flat_map(|(start, amount, payee)| {
            let amount = amount.min(FUNDS - start);
            (
                Just(start),
                Just(amount),
                amount..=start + amount,
                Just(payee % 2),
                0..3u8,
            )
        })
        .prop_map(|(start, amount, cumulative, payee, reference)| Payment {
            payee: account(0xa0 + payee),
            start: units(start),
            amount: units(amount),
            cumulative: units(cumulative),
            reference: Reference::new([reference; 32].into()),
        })
}

/// Pairs that lie beside each other, as an honest wallet signs them, are rare among random ones.
fn pair() -> impl Strategy<Value = (Payment, Payment)> {
    let honest =
        (1..=12u64, 1..=12u64, 0..=2u8, 0..=3u64).prop_map(|(first, second, payee, gap)| {
            let a = payment(0, 0, first, first);
            let before = if payee == 0 { first } else { 0 };
            (a, payment(payee, first + gap, second, before + second))
        });
    prop_oneof![3 => (well_formed(), well_formed()), 1 => honest, 1 => well_formed().prop_map(|same| (same, same))]
}

fn payment(payee: u8, start: u64, amount: u64, cumulative: u64) -> Payment {
    Payment {
        payee: account(0xa0 + payee),
        start: units(start),
        amount: units(amount),
        cumulative: units(cumulative),
        reference: Reference::ZERO,
    }
}

/// Whether the contract would stop the purse for these two.
async fn contract_says(
    world: &World,
    device: &SigningKey,
    a: Payment,
    b: Payment,
) -> Result<bool, ChainError> {
    let (a, b) = (world.sign(device, a), world.sign(device, b));
    let report = world.contract.report_double_spend(&a, &b)?;
    match report.check(world.operator.address()).await {
        Ok(()) => Ok(true),
        Err(ChainError::Refused(error)) if *error == ContractError::NoConflict => Ok(false),
        Err(error) => Err(error),
    }
}

fn holds<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    match runner.run(strategy, test) {
        Ok(()) => {}
        Err(TestError::Fail(reason, value)) => panic!("{reason}: {value:?}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn exactly_the_pairs_that_conflict_stop_a_purse() {
    let runtime = Runtime::new().unwrap();
    let (world, device) = runtime.block_on(async {
        let world = World::new().await;
        let device = key("device");
        let owner = world.person("owner").await;
        world.purse(&owner, &device, FUNDS, 100).await;
        (world, device)
    });
    let counts = std::cell::Cell::new((0, 0));
    holds(800, &pair(), |(a, b)| {
        prop_assert!(a.check_form().is_ok() && b.check_form().is_ok());
        let expected = conflict(&a, &b).is_some();
        for (a, b) in [(a, b), (b, a)] {
            let said = runtime.block_on(contract_says(&world, &device, a, b));
            prop_assert_eq!(
                said.map_err(|error| TestCaseError::fail(error.to_string()))?,
                expected
            );
        }
        let (conflicting, fine) = counts.get();
        counts.set(if expected {
            (conflicting + 1, fine)
        } else {
            (conflicting, fine + 1)
        });
        Ok(())
    });
    let (conflicting, fine) = counts.get();
    println!("{conflicting} pairs conflict, {fine} do not");
    assert!(conflicting > 150 && fine > 150);
}

/// Any payments of one purse, honest or not: whatever the cheat's device signs.
fn history() -> impl Strategy<Value = Vec<Payment>> {
    proptest::collection::vec(well_formed(), 1..10)
}

/// The purse owes more than its funds exactly if the highest cumulatives, added up over payees, exceed them.
#[test]
fn every_overspend_ends_in_a_default_that_the_contract_sees() {
    let runtime = Runtime::new().unwrap();
    let (world, owner) = runtime.block_on(async {
        let world = World::new().await;
        let owner = world.person("owner").await;
        (world, owner)
    });
    let number = std::cell::Cell::new(0);
    let overspends = std::cell::Cell::new(0);
    holds(40, &history(), |history| {
        number.set(number.get() + 1);
        let device = key(&format!("device {}", number.get()));
        let in_default = runtime.block_on(settle_all(&world, &owner, &device, &history));
        let mut promised: BTreeMap<AccountId, u128> = BTreeMap::new();
        for payment in &history {
            let highest = promised.entry(payment.payee).or_default();
            *highest = (*highest).max(payment.cumulative.get());
        }
        let overspent = promised.values().sum::<u128>() > u128::from(FUNDS);
        overspends.set(overspends.get() + u32::from(overspent));
        prop_assert_eq!(in_default, overspent);
        Ok(())
    });
    println!(
        "{} of {} histories overspend",
        overspends.get(),
        number.get()
    );
    assert!(overspends.get() > 3);
}

/// Hands in all of it, and says whether the purse is in default.
async fn settle_all(
    world: &World,
    owner: &Sender,
    device: &SigningKey,
    history: &[Payment],
) -> bool {
    let purse = world.purse(owner, device, FUNDS, 10).await;
    for payment in history {
        let signed: Signed<Payment> = world.sign(device, *payment);
        world
            .contract
            .settle(&signed)
            .unwrap()
            .send(&world.operator)
            .await
            .unwrap();
    }
    let purse = world.contract.purse(purse).await.unwrap().unwrap();
    assert_eq!(purse.defaulted, purse.pairs_in_default > 0);
    // Its closing has begun, so no certificate is issued for it any more.
    assert_eq!(purse.defaulted, purse.closes_at.is_some());
    purse.defaulted
}
