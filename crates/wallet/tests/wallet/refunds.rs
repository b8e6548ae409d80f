//! A payment back that names the original.

use offpay_protocol::wire::{Code, PaymentCode, PaymentWithCertificateCode, ReferenceHint};
use offpay_wallet::{
    accept::NetworkWord,
    messages::Message,
    refund::{RefundOrder, refund_request},
};

use crate::{refusals_to_accept::assert_plain, world::*};

#[test]
fn in_parts_and_never_more_than_was_received() {
    let (mut payer, mut payee) = (payer(), payee());
    open_purse(&mut payee, 500, NOW);
    join_market(&mut payer, NOW);
    let original = sale(&mut payer, &mut payee, 50, NOW).id;
    let order = |amount: Option<u64>| RefundOrder {
        original,
        amount: amount.map(units),
        purse: None,
    };
    let part = payment(payee.refund(&order(Some(20)), at(NOW)).unwrap());
    assert_eq!(part.refund_of, Some(original));
    let request = refund_request(payer.state().account(), original);
    assert_eq!(
        part.payment.reference,
        request.reference(&deployment().domain)
    );

    // Scanned as any payment is: the payer's wallet knows what it may be given back.
    let hint = ReferenceHint::own_request(part.payment.reference);
    let code = PaymentCode::new(&deployment().domain, &part.payment, hint, part.signature).unwrap();
    let code = Code::PaymentWithCertificate(PaymentWithCertificateCode::new(
        code,
        &part.certificate.certificate,
        part.certificate.signature,
    ));
    let taken = payer
        .accept_code(&code, NetworkWord::None, at(NOW))
        .unwrap();
    assert_eq!(
        (taken.refund_of, taken.payment.amount),
        (Some(original), units(20))
    );
    assert!(
        payer
            .accept_code(&code, NetworkWord::None, at(NOW))
            .unwrap()
            .again
    );

    let refusal = payee.refund(&order(Some(31)), at(NOW)).unwrap_err();
    assert_eq!(refusal.code(), "refund_more_than_received");
    assert_plain(&refusal.message(&deployment().token));
    let rest = payment(payee.refund(&order(None), at(NOW)).unwrap());
    assert_eq!(rest.payment.amount, units(30));
    accept(&mut payer, &rest, NOW).unwrap();
    assert_reopens_as(&payer);
    assert_reopens_as(&payee);
    let refusal = payee.refund(&order(None), at(NOW)).unwrap_err();
    assert_eq!(refusal.code(), "refund_all_given_back");
    assert_plain(&refusal.message(&deployment().token));
}

#[test]
fn a_customer_outside_the_circle_takes_a_refund_and_nothing_else_uncovered() {
    let (mut payer, mut payee) = (payer(), payee());
    open_purse(&mut payee, 500, NOW);
    let original = sale(&mut payer, &mut payee, 50, NOW).id;
    let order = RefundOrder {
        original,
        amount: None,
        purse: None,
    };
    let back = payment(payee.refund(&order, at(NOW)).unwrap());
    let taken = accept(&mut payer, &back, NOW).unwrap();
    assert!(matches!(
        taken.acceptance.verdict,
        offpay_protocol::acceptance::Verdict::NotCovered { .. }
    ));
    // What is sold is not given away for it.
    let request = ask(&mut payer, 10, NOW);
    let paid = pay(&mut payee, &request, NOW).unwrap();
    let refused = accept(&mut payer, &paid, NOW).unwrap_err();
    assert_eq!(refused.code(), "limit_uncovered");
}

#[test]
fn a_refund_needs_a_purse() {
    let (mut payer, mut payee) = (payer(), payee());
    let original = sale(&mut payer, &mut payee, 50, NOW).id;
    let order = RefundOrder {
        original,
        amount: None,
        purse: None,
    };
    assert_eq!(
        payee.refund(&order, at(NOW)).unwrap_err().code(),
        "no_purse"
    );
}
