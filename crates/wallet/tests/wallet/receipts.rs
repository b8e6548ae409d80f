//! Receipts: given once and the same every time, taken only from the payee.

use offpay_protocol::{PaymentId, Signable, messages::Receipt};
use offpay_wallet::{messages::Message, receipt::ReceiptError};

use crate::{refusals_to_accept::assert_plain, world::*};

#[test]
fn the_same_receipt_every_time() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let first = payee.give_receipt(taken.id, at(NOW + 5)).unwrap();
    let second = payee.give_receipt(taken.id, at(NOW + 500)).unwrap();
    assert_eq!(first, second);
    assert_eq!(first.receipt.accepted_at, at(NOW));
    let hint: [u8; 8] = taken.id.bytes()[..8].try_into().unwrap();
    let found: Vec<_> = payer.state().made_by_hint(hint).collect();
    assert_eq!(found, [taken.id]);
}

#[test]
fn a_receipt_by_somebody_else() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let receipt = Receipt {
        payment: taken.id,
        accepted_at: at(NOW),
    };
    let forged = receipt.sign(&deployment().domain, &key(9)).unwrap();
    let refusal = payer.take_receipt(receipt, forged, at(NOW)).unwrap_err();
    assert!(matches!(refusal, ReceiptError::NotByPayee));
    assert_plain(&refusal.message(&deployment().token));
}

#[test]
fn a_receipt_for_nothing() {
    let (mut payer, mut payee) = (payer(), payee());
    let unknown = payee.give_receipt(PaymentId::ZERO, at(NOW)).unwrap_err();
    assert!(matches!(unknown, ReceiptError::UnknownPayment(_)));
    assert_plain(&unknown.message(&deployment().token));
    let receipt = Receipt {
        payment: PaymentId::ZERO,
        accepted_at: at(NOW),
    };
    let signature = receipt.sign(&deployment().domain, &key(2)).unwrap();
    assert!(payer.take_receipt(receipt, signature, at(NOW)).is_err());
}
