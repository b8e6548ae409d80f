//! One payment from request to receipt, with nothing but two wallets.

use crate::world::*;
use offpay_protocol::acceptance::Verdict;
use offpay_wallet::sync::{Readiness, Standing, Task};

#[test]
fn two_wallets_and_no_network() {
    let (mut payer, mut payee) = (payer(), payee());
    assert!(matches!(
        payer.state().readiness(at(NOW)),
        Readiness::Ready { .. }
    ));

    let request = ask(&mut payee, 20, NOW);
    let shown = pay(&mut payer, &request, NOW + 5).unwrap();
    let taken = accept(&mut payee, &shown, NOW + 10).unwrap();
    assert_eq!(taken.acceptance.verdict, Verdict::Guaranteed);
    assert_eq!(taken.acceptance.exposure, units(20));
    assert!(!taken.again);

    let receipt = payee
        .give_receipt(taken.id, at(NOW + 11))
        .unwrap()
        .into_inner();
    payer
        .take_receipt(receipt.receipt, receipt.signature, at(NOW + 12))
        .unwrap();
    assert_eq!(
        payer.state().records().made[&taken.id].receipt,
        Some(receipt)
    );

    assert_eq!(payee.state().standing(taken.id), Some(Standing::Held));
    let tasks = payee.state().tasks(at(NOW + 20));
    assert!(
        matches!(tasks[..], [Task::ReadFinalizedBlock, Task::HandIn { id, .. }, ..] if id == taken.id)
    );
}

#[test]
fn the_same_payment_shown_twice_is_the_same_payment() {
    let (mut payer, mut payee) = (payer(), payee());
    let request = ask(&mut payee, 20, NOW);
    let shown = pay(&mut payer, &request, NOW).unwrap();
    let first = accept(&mut payee, &shown, NOW).unwrap();
    let second = accept(&mut payee, &shown, NOW + 3_600).unwrap();
    assert!(second.again);
    assert_eq!(first.acceptance, second.acceptance);
    assert_eq!(payee.state().records().received.len(), 1);
    assert_eq!(*payer.show_payment(first.id).unwrap(), shown);
}
