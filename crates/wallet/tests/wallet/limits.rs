//! What a payee holds: counted per purse once, whatever the payments say of earlier ones.

use offpay_protocol::{acceptance::Verdict, cover::cover};

use crate::world::*;

#[test]
fn exposure_is_what_the_purse_promised_and_did_not_settle() {
    let (mut payer, mut payee) = (payer(), payee());
    let owner = payer.state().account();
    let first = sale(&mut payer, &mut payee, 20, NOW);
    let second = sale(&mut payer, &mut payee, 30, NOW);
    assert_eq!(first.acceptance.exposure, units(20));
    assert_eq!(second.acceptance.exposure, units(50));
    let holdings = payee.state().holdings(owner);
    assert_eq!(
        (holdings.payments, holdings.total, holdings.from_payer),
        (2, units(50), units(50))
    );
    let somebody = key(9).address().into();
    assert_eq!(payee.state().holdings(somebody).from_payer, units(0));
}

#[test]
fn a_payment_that_was_never_collected_counts_as_exposure() {
    let (mut payer, mut payee) = (payer(), payee());
    let request = ask(&mut payee, 40, NOW);
    pay(&mut payer, &request, NOW).unwrap();
    // The payer walked away; the next payment counts what was promised before.
    let taken = sale(&mut payer, &mut payee, 5, NOW);
    assert_eq!(taken.payment.cumulative, units(45));
    assert_eq!(
        (taken.acceptance.exposure, taken.acceptance.excess),
        (units(45), units(40))
    );
    // It turns up after all: covered already.
    let made = payer
        .state()
        .records()
        .made
        .values()
        .find(|made| made.payment.amount == units(40));
    let lost = payer.show_payment(made.unwrap().id).unwrap();
    let taken = accept(&mut payee, &lost, NOW).unwrap();
    assert!(taken.acceptance.is_older);
    assert_eq!(
        (taken.acceptance.exposure, taken.acceptance.excess),
        (units(45), units(0))
    );
}

#[test]
fn guaranteed_ends_where_the_cover_does() {
    let (mut payer, mut payee) = (wallet(1), payee());
    open_purse(&mut payer, 5_000, NOW);
    let one_cover = cover(units(10_000), deployment().parameters.circle_penalty, 10);
    assert_eq!(one_cover, units(900));
    let mut settings = *payee.state().settings();
    settings.acceptance.limits.uncovered = units(100);
    payee.change_settings(settings, at(NOW)).unwrap();
    let all = sale(&mut payer, &mut payee, 900, NOW);
    assert_eq!(all.acceptance.verdict, Verdict::Guaranteed);
    let more = sale(&mut payer, &mut payee, 100, NOW);
    assert!(
        matches!(more.acceptance.verdict, Verdict::CoveredUpTo { up_to, .. } if up_to == units(900))
    );
    let request = ask(&mut payee, 1, NOW);
    let shown = pay(&mut payer, &request, NOW).unwrap();
    let refusal = accept(&mut payee, &shown, NOW).unwrap_err();
    assert_eq!(refusal.code(), "limit_uncovered");
}
