//! The clock is the highest time ever seen: putting it back makes nothing valid again.

use offpay_protocol::{acceptance::Refusal, certificate::CertificateRefusal};
use offpay_wallet::{
    accept::{AcceptError, AcceptRefusal},
    pay::PayError,
    sync::Answer,
};

use crate::world::*;

fn refusal(error: AcceptError) -> Refusal {
    match error {
        AcceptError::Refused(AcceptRefusal::Refused(refusal)) => refusal,
        other => panic!("{other}"),
    }
}

#[test]
fn a_payee_that_puts_its_clock_back() {
    let (mut payer, mut payee) = (payer(), payee());
    let request = ask(&mut payee, 20, NOW);
    let shown = pay(&mut payer, &request, NOW).unwrap();
    // Something at a later time is seen, and then the clock goes back.
    ask(&mut payee, 1, NOW + 700);
    let late = refusal(accept(&mut payee, &shown, NOW).unwrap_err());
    assert!(matches!(late, Refusal::RequestExpired { .. }));
    assert_eq!(payee.state().time(at(5)), at(NOW + 700));
}

#[test]
fn a_payer_that_puts_its_clock_back() {
    let (mut payer, mut payee) = (payer(), payee());
    payer
        .learn(Answer::Synced(block(NOW + DAY)), at(NOW))
        .unwrap();
    let request = ask(&mut payee, 20, NOW + DAY);
    let refusal = pay(&mut payer, &request, NOW).unwrap_err();
    assert!(matches!(refusal, PayError::CertificateNotFresh { .. }));
}

#[test]
fn what_a_finalized_block_says_is_a_clock() {
    let (mut payer, mut payee) = (payer(), payee());
    payee
        .learn(Answer::Synced(block(NOW + 2 * DAY)), at(NOW))
        .unwrap();
    assert_eq!(payee.state().time(at(NOW)), at(NOW + 2 * DAY));
    // A device that is two days slow does not take yesterday's certificate.
    let request = ask(&mut payee, 20, NOW);
    let shown = pay(&mut payer, &request, NOW).unwrap();
    let stale = refusal(accept(&mut payee, &shown, NOW).unwrap_err());
    assert!(matches!(
        stale,
        Refusal::Certificate(CertificateRefusal::Stale { .. })
    ));
}

#[test]
fn an_accepted_certificate_is_a_clock() {
    let (mut payer, mut payee) = (payer(), payee());
    let purse = *payer.state().records().purses.keys().next().unwrap();
    // The payee's clock is five minutes slow.
    renew(&mut payer, purse, NOW + 300);
    let request = ask(&mut payee, 20, NOW);
    let shown = pay(&mut payer, &request, NOW + 300).unwrap();
    accept(&mut payee, &shown, NOW).unwrap();
    assert_eq!(payee.state().time(at(0)), at(NOW + 300));
}

#[test]
fn refused_certificates_do_not_move_the_clock() {
    let (mut payer, mut payee) = (payer(), payee());
    let request = ask(&mut payee, 20, NOW);
    let mut shown = pay(&mut payer, &request, NOW).unwrap();
    shown.certificate.certificate.as_of = at(NOW + 10 * DAY);
    assert!(accept(&mut payee, &shown, NOW).is_err());
    assert_eq!(payee.state().time(at(NOW)), at(NOW));
}
