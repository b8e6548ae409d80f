//! Every reason for which a payment is not made, with what the payer is told.

use offpay_protocol::{Amount, PurseKey, Seconds, Signable};
use offpay_wallet::{
    Durable,
    ask::ShownRequest,
    messages::Message,
    pay::{Paid, PayError, PayOrder, Source},
    records::{PayeeName, PurseStanding},
    refund::RefundOrder,
    sync::{Answer, PurseView},
    wallet::NewIdentity,
};

use crate::{refusals_to_accept::assert_plain, world::*};

struct Scene {
    payer: TestWallet,
    payee: TestWallet,
    request: ShownRequest,
    order: PayOrder,
    now: u64,
}

impl Scene {
    fn new() -> Self {
        let (payer, mut payee) = (payer(), payee());
        let request = ask(&mut payee, 20, NOW).into_inner();
        Self {
            payer,
            payee,
            order: order(&request),
            request,
            now: NOW,
        }
    }

    fn pay(&mut self) -> Result<Durable<Paid>, PayError> {
        self.payer.pay(&self.order, at(self.now))
    }

    fn ask(&mut self, amount: u64) {
        self.request = ask(&mut self.payee, amount, self.now).into_inner();
        self.order = order(&self.request);
    }

    fn purse(&self) -> PurseKey {
        *self.payer.state().records().purses.keys().next().unwrap()
    }

    fn limit(&mut self, change: impl FnOnce(&mut offpay_wallet::settings::SpendingLimits)) {
        let mut settings = *self.payer.state().settings();
        change(&mut settings.spending);
        self.payer.change_settings(settings, at(NOW)).unwrap();
    }
}

fn refused(change: impl FnOnce(&mut Scene)) -> (PayError, String) {
    let mut scene = Scene::new();
    change(&mut scene);
    let before = scene.payer.state().records().clone();
    let refusal = scene.pay().unwrap_err();
    assert_eq!(
        *scene.payer.state().records(),
        before,
        "nothing is stored of it"
    );
    let message = refusal.message(&deployment().token);
    assert_plain(&message);
    (refusal, message)
}

#[test]
fn a_request_that_ran_out() {
    let (refusal, message) = refused(|scene| scene.now = NOW + 600);
    assert!(matches!(refusal, PayError::Expired { .. }));
    assert_eq!(message, "This request has run out. Ask for a new one.");
}

#[test]
fn the_own_request() {
    let (refusal, _) = refused(|scene| {
        scene.request = ask(&mut scene.payer, 5, NOW).into_inner();
        scene.order = order(&scene.request);
    });
    assert!(matches!(refusal, PayError::OwnRequest));
}

#[test]
fn a_request_to_nobody() {
    let (refusal, _) = refused(|scene| {
        scene.order.scanned.request.payee = offpay_protocol::AccountId::ZERO;
    });
    assert!(matches!(refusal, PayError::NoPayee));
}

#[test]
fn a_request_that_somebody_swapped() {
    // The thief keeps the name and the signature, and puts in its own account.
    let (refusal, message) = refused(|scene| {
        scene.order.scanned.request.payee = key(9).address().into();
    });
    assert!(matches!(refusal, PayError::NotSignedByPayee { .. }));
    assert!(message.starts_with("Careful"), "{message}");
    // Or signs as itself for the shop's account.
    let (refusal, _) = refused(|scene| {
        let signature = scene
            .request
            .request
            .sign(&deployment().domain, &key(9))
            .unwrap();
        scene.order.scanned.signature = Some(signature);
    });
    assert!(matches!(refusal, PayError::NotSignedByPayee { .. }));
}

#[test]
fn names_are_verified_only_by_contacts_and_operators() {
    let mut scene = Scene::new();
    let read = scene
        .payer
        .read_request(&scene.order.scanned, at(NOW))
        .unwrap();
    assert_eq!(
        read.payee_name,
        PayeeName::Unverified {
            name: "Blue Door".into()
        }
    );
    scene
        .payer
        .save_contact(scene.request.request.payee, "The bakery", at(NOW))
        .unwrap();
    let read = scene
        .payer
        .read_request(&scene.order.scanned, at(NOW))
        .unwrap();
    assert_eq!(
        read.payee_name,
        PayeeName::Contact {
            name: "The bakery".into()
        }
    );
    assert!(read.payee_name.is_verified());
}

#[test]
fn the_amount_is_the_requests_or_the_payers() {
    let (refusal, message) = refused(|scene| scene.order.amount = Some(units(19)));
    assert!(matches!(refusal, PayError::OtherAmount { .. }));
    assert_eq!(message, "This request is for exactly 0.00002 OFFPAY.");
    let (refusal, _) = refused(|scene| scene.ask(0));
    assert!(matches!(refusal, PayError::AmountMissing));
    let (refusal, _) = refused(|scene| {
        scene.ask(0);
        scene.order.amount = Some(Amount::ZERO);
    });
    assert!(matches!(refusal, PayError::AmountMissing));
    let mut scene = Scene::new();
    scene.ask(0);
    scene.order.amount = Some(units(7));
    assert_eq!(payment(scene.pay().unwrap()).payment.amount, units(7));
}

#[test]
fn a_request_is_paid_once() {
    let mut scene = Scene::new();
    let shown = payment(scene.pay().unwrap());
    let refusal = scene.pay().unwrap_err();
    assert!(matches!(refusal, PayError::AlreadyPaid { by } if by == shown.id));
    assert_plain(&refusal.message(&deployment().token));
    // A printed one is paid as often as people like.
    scene.ask(0);
    scene.order.amount = Some(units(7));
    scene.pay().unwrap();
    scene.pay().unwrap();
}

#[test]
fn the_owners_limits() {
    let (refusal, message) = refused(|scene| {
        scene.limit(|limits| limits.per_payment = Some(units(19)));
    });
    assert!(matches!(refusal, PayError::OverPaymentLimit { .. }));
    assert_eq!(
        message,
        "Your own limit for one payment is 0.000019 OFFPAY."
    );
    let (refusal, _) = refused(|scene| {
        scene.limit(|limits| limits.per_day = Some(units(39)));
        scene.pay().unwrap();
        scene.ask(20);
    });
    assert!(matches!(refusal, PayError::OverDayLimit { spent, .. } if spent == units(20)));
    let (refusal, _) = refused(|scene| {
        scene.limit(|limits| limits.payments_per_day = Some(1));
        scene.pay().unwrap();
        scene.ask(1);
    });
    assert!(matches!(refusal, PayError::OverCountLimit { limit: 1 }));
    assert!(refusal.is_retryable());
}

#[test]
fn a_day_later_the_limits_are_free_again() {
    let mut scene = Scene::new();
    scene.limit(|limits| {
        limits.per_day = Some(units(20));
        limits.payments_per_day = Some(1);
    });
    scene.pay().unwrap();
    scene.now = NOW + DAY;
    let purse = scene.purse();
    renew(&mut scene.payer, purse, NOW + DAY);
    scene.ask(20);
    scene.pay().unwrap();
    assert_eq!(scene.payer.state().spending(at(NOW + DAY)).total, units(20));
}

#[test]
fn more_than_is_left() {
    let (refusal, message) = refused(|scene| scene.ask(1_001));
    assert!(matches!(refusal, PayError::NotEnough { left, .. } if left == units(1_000)));
    assert!(message.contains("0.001 OFFPAY is left"), "{message}");
}

#[test]
fn no_purse_and_purses_that_cannot_pay() {
    let (refusal, _) = refused(|scene| scene.payer = wallet(3));
    assert!(matches!(refusal, PayError::NoPurse));
    let (refusal, _) = refused(|scene| {
        let purse = scene.purse();
        scene.payer.retire_purse(purse, at(NOW)).unwrap();
    });
    assert!(matches!(refusal, PayError::NoPurse));
    let (refusal, _) = refused(|scene| {
        let mut closing = on_chain(scene.payer.state().account(), 1_000);
        closing.closes_at = Some(at(NOW + DAY));
        let purse = scene.purse();
        let view = PurseView {
            purse,
            on_chain: Some(closing),
            at: block(NOW),
        };
        scene.payer.learn(Answer::Purse(view), at(NOW)).unwrap();
        scene.order.source = Source::Purse(purse);
        let standing = scene.payer.state().purse(purse).unwrap().standing;
        assert_eq!(
            standing,
            PurseStanding::Closing {
                closes_at: at(NOW + DAY)
            }
        );
    });
    assert!(matches!(refusal, PayError::PurseNotUsable { .. }));
}

#[test]
fn a_purse_that_is_only_prepared_pays_nothing() {
    let mut scene = Scene::new();
    scene.payer = wallet(3);
    let order = scene
        .payer
        .prepare_purse(terms(1_000), &entropy(), at(NOW))
        .unwrap();
    assert!(matches!(scene.pay().unwrap_err(), PayError::NoPurse));
    // Seen on-chain, it still lacks a certificate.
    see_purse(&mut scene.payer, order.key, 1_000, NOW);
    let refusal = scene.pay().unwrap_err();
    assert!(matches!(refusal, PayError::NoCertificate { .. }));
    assert_plain(&refusal.message(&deployment().token));
    renew(&mut scene.payer, order.key, NOW);
    scene.pay().unwrap();
}

#[test]
fn a_certificate_that_payees_would_not_take() {
    let (refusal, message) = refused(|scene| {
        scene.now = NOW + DAY;
        scene.ask(20);
    });
    assert!(matches!(refusal, PayError::CertificateNotFresh { .. }));
    assert!(message.contains("Go online once"), "{message}");
    assert!(refusal.is_retryable());
}

#[test]
fn a_top_up_that_payees_cannot_see_yet() {
    let (refusal, message) = refused(|scene| {
        let purse = scene.purse();
        see_purse(&mut scene.payer, purse, 2_000, NOW);
        scene.ask(1_001);
    });
    assert!(matches!(refusal, PayError::NotCertifiedYet { left, .. } if left == units(1_000)));
    assert!(message.contains("up to 0.001 OFFPAY for now"), "{message}");
    assert!(refusal.is_retryable());
}

#[test]
fn a_locked_wallet() {
    let (refusal, message) = refused(|scene| scene.payer.lock());
    assert!(matches!(refusal, PayError::Locked(_)));
    assert_eq!(message, "The wallet is locked. Type your PIN.");
}

#[test]
fn a_till_cannot_pay() {
    let mut scene = Scene::new();
    scene.payer = wallet_of(NewIdentity::Payee(key(5).address().into()));
    let refusal = scene.pay().unwrap_err();
    assert!(matches!(refusal, PayError::CannotPay));
    assert_plain(&refusal.message(&deployment().token));
}

#[test]
fn payments_and_refunds_that_never_were() {
    let mut scene = Scene::new();
    let id = offpay_protocol::PaymentId::ZERO;
    let unknown = scene.payer.show_payment(id).unwrap_err();
    assert!(matches!(unknown, PayError::UnknownPayment(_)));
    assert_plain(&unknown.message(&deployment().token));
    let refund = RefundOrder {
        original: id,
        amount: None,
        purse: None,
    };
    let unknown = scene.payer.refund(&refund, at(NOW)).unwrap_err();
    assert_eq!(unknown.code(), "refund_unknown_payment");
    assert_plain(&unknown.message(&deployment().token));
}

#[test]
fn an_unsigned_request_is_paid_under_an_unverified_name() {
    let mut scene = Scene::new();
    let mut asked = ask_for(20);
    asked.signed = false;
    asked.valid_for = Seconds::new(60);
    scene.request = scene
        .payee
        .ask(&asked, &entropy(), at(NOW))
        .unwrap()
        .into_inner();
    scene.order = order(&scene.request);
    let read = scene
        .payer
        .read_request(&scene.order.scanned, at(NOW))
        .unwrap();
    assert_eq!(read.signer, None);
    scene.pay().unwrap();
}
