use super::*;
use crate::{certificate::CertificateRefusal, conflict::Conflict, payment_rules::MalformedPayment};

#[test]
fn the_request_is_ones_own_unexpired_and_unused() {
    let refused = Scene::refused(|scene| scene.request.payee = AccountId::new([9; 20].into()));
    assert_eq!(refused, Refusal::NotOwnRequest);
    let refused = Scene::refused(|scene| scene.now = at(NOW + 600));
    assert_eq!(
        refused,
        Refusal::RequestExpired {
            expires_at: at(NOW + 600)
        }
    );
    let by = PaymentId::new([7; 32].into());
    let refused = Scene::refused(|scene| scene.paid_by = vec![by]);
    assert_eq!(refused, Refusal::RequestUsed { by });
    let refused = Scene::refused(|scene| scene.paid_by = vec![scene.payment.id(&scene.domain)]);
    assert_eq!(refused, Refusal::AlreadyAccepted);
}

#[test]
fn a_printed_request_is_paid_many_times_but_by_each_payment_once() {
    let mut scene = Scene::new();
    scene.request.amount = Amount::ZERO;
    scene.request.expires_at = Timestamp::ZERO;
    scene.payment.reference = scene.request.reference(&scene.domain);
    scene.paid_by = vec![PaymentId::new([7; 32].into())];
    assert!(scene.accept().is_ok());
    scene.paid_by.push(scene.payment.id(&scene.domain));
    assert_eq!(scene.accept(), Err(Refusal::AlreadyAccepted));
}

#[test]
fn the_signer_is_the_certified_purse() {
    let refused = Scene::refused(|scene| scene.device = 2);
    let signer = key(2).address().into();
    let certified = key(DEVICE).address().into();
    assert_eq!(refused, Refusal::NotTheCertifiedPurse { signer, certified });
}

#[test]
fn the_certificate_is_trusted_and_fresh() {
    let refused = Scene::refused(|scene| scene.operator = 11);
    let operator = key(11).address().into();
    assert_eq!(
        refused,
        Refusal::Certificate(CertificateRefusal::UntrustedOperator { operator })
    );
    let refused = Scene::refused(|scene| scene.certificate.as_of = at(NOW - 86_400));
    assert!(matches!(
        refused,
        Refusal::Certificate(CertificateRefusal::Stale { .. })
    ));
    assert!(refused.is_retryable());
}

#[test]
fn payee_amount_and_reference_match() {
    let other = AccountId::new([9; 20].into());
    let refused = Scene::refused(|scene| scene.payment.payee = other);
    assert_eq!(refused, Refusal::OtherPayee { payee: other });
    let refused = Scene::refused(|scene| scene.payment.amount = units(19));
    assert_eq!(
        refused,
        Refusal::OtherAmount {
            asked: units(20),
            paid: units(19)
        }
    );
    let refused = Scene::refused(|scene| scene.payment.reference = Reference::ZERO);
    assert_eq!(refused, Refusal::OtherReference);
}

#[test]
fn the_payment_fits_the_funds() {
    let refused = Scene::refused(|scene| scene.payment.start = units(981));
    let beyond = MalformedPayment::BeyondFunds {
        end: 1_001,
        funds: units(1_000),
    };
    assert_eq!(refused, Refusal::Malformed(beyond));
    let refused = Scene::refused(|scene| scene.payment.cumulative = units(21));
    assert!(matches!(
        refused,
        Refusal::Malformed(MalformedPayment::CumulativeAboveSerials { .. })
    ));
}

#[test]
fn a_lying_cumulative_is_refused() {
    let scene = Scene::new().after(0, 30, 30);
    let refused = scene.clone().pays(50, 49).accept().unwrap_err();
    let low = Refusal::CumulativeTooLow {
        known: units(30),
        amount: units(20),
        cumulative: units(49),
    };
    assert_eq!(refused, low);
    assert!(scene.clone().pays(50, 50).accept().is_ok());
    let generous = scene.pays(50, 60).accept().unwrap();
    assert_eq!((generous.excess, generous.exposure), (units(10), units(60)));
}

#[test]
fn what_was_settled_counts_as_known() {
    let mut scene = Scene::new().pays(50, 40);
    scene.settled = units(30);
    assert!(matches!(
        scene.accept(),
        Err(Refusal::CumulativeTooLow { .. })
    ));
    scene.payment.cumulative = units(50);
    let accepted = scene.accept().unwrap();
    assert_eq!((accepted.exposure, accepted.excess), (units(20), units(30)));
}

#[test]
fn an_older_payment_is_covered_by_the_newer_once() {
    // The newer one promised 50 and was taken for 30; the older one fills the gap of 20.
    let mut scene = Scene::new().after(20, 30, 50).pays(0, 20);
    let older = scene.accept().unwrap();
    assert!(older.is_older);
    assert_eq!((older.exposure, older.excess), (units(50), units(0)));
    // Another in the same gap: nothing is left to cover it, even if the first one was forgotten.
    scene.accepted = units(50);
    assert!(matches!(
        scene.accept(),
        Err(Refusal::CumulativeTooLow { .. })
    ));
}

#[test]
fn a_conflict_with_any_payment_seen_is_refused() {
    let scene = Scene::new().pays(100, 20);
    let mut elsewhere = scene.clone();
    elsewhere.seen.push(Payment {
        payee: AccountId::new([9; 20].into()),
        start: units(110),
        ..scene.payment
    });
    let with = elsewhere.seen[0].id(&scene.domain);
    let conflict = Conflict::SameSerial { serial: units(110) };
    assert_eq!(
        elsewhere.accept(),
        Err(Refusal::Conflict { with, conflict })
    );
    assert!(!Refusal::Conflict { with, conflict }.is_retryable());
}

#[test]
fn a_revoked_purse_is_refused() {
    assert_eq!(
        Scene::refused(|scene| scene.revoked = true),
        Refusal::Revoked
    );
}

#[test]
fn the_owners_limits() {
    let refused = Scene::refused(|scene| scene.holdings.payments = 500);
    assert_eq!(refused, Refusal::TooManyHeld { limit: 500 });
    let refused = Scene::refused(|scene| scene.holdings.total = units(981));
    assert_eq!(
        refused,
        Refusal::TooMuchHeld {
            held: units(1_001),
            limit: units(1_000)
        }
    );
    let refused = Scene::refused(|scene| scene.holdings.from_payer = units(81));
    assert_eq!(
        refused,
        Refusal::TooMuchFromPayer {
            held: units(101),
            limit: units(100)
        }
    );
    let refused = Scene::refused(|scene| scene.synced_at = at(NOW - 86_401));
    assert!(matches!(refused, Refusal::TooLongSinceSync { .. }));
    let refused = Scene::refused(|scene| scene.memberships.clear());
    assert_eq!(
        refused,
        Refusal::TooMuchUncovered {
            uncovered: units(20),
            limit: units(0)
        }
    );
    assert!(refused.is_retryable());
}

#[test]
fn the_limits_themselves_are_allowed() {
    let mut scene = Scene::new();
    scene.holdings = Holdings {
        payments: 499,
        total: units(980),
        from_payer: units(80),
    };
    scene.synced_at = at(NOW - 86_400);
    assert!(scene.accept().is_ok());
}

#[test]
fn enough_covers_count_even_if_they_are_not_certain() {
    let mut scene = Scene::new();
    scene.certificate.circle_size = u16::MAX;
    assert!(scene.accept().is_ok());
    scene.limits.least_cover_count = 11;
    assert!(matches!(
        scene.accept(),
        Err(Refusal::TooMuchUncovered { .. })
    ));
}

#[test]
fn few_covers_count_for_nothing_unless_they_are_certain() {
    let few = |size| {
        let mut scene = Scene::new();
        scene.certificate.cover_count = 2;
        scene.certificate.circle_size = size;
        scene.accept()
    };
    assert!(matches!(few(3), Err(Refusal::TooMuchUncovered { .. })));
    assert_eq!(few(2).unwrap().verdict, Verdict::Guaranteed);
}

/// A payment with everything wrong is refused for the first reason; mending one after the other meets all others.
#[test]
fn the_questions_are_asked_in_order() {
    let mut scene = Scene::new().after(50, 20, 20);
    scene.request.payee = AccountId::new([9; 20].into());
    scene.now = at(NOW + 600);
    scene.device = 2;
    scene.operator = 11;
    scene.payment = Payment {
        amount: units(19),
        cumulative: units(18),
        start: units(60),
        ..scene.payment
    };
    scene.revoked = true;
    scene.holdings.payments = 500;
    let mut met = Vec::new();
    for _ in 0..20 {
        let Err(refusal) = scene.accept() else { break };
        met.push(refusal.code());
        match refusal {
            Refusal::NotOwnRequest => {
                scene.request.payee = payee();
                scene.payment.reference = scene.request.reference(&scene.domain);
            }
            Refusal::RequestExpired { .. } => scene.now = at(NOW),
            Refusal::NotTheCertifiedPurse { .. } => scene.device = DEVICE,
            Refusal::Certificate(_) => scene.operator = OPERATOR,
            Refusal::OtherAmount { .. } => scene.payment.amount = units(20),
            Refusal::Malformed(_) => scene.payment.cumulative = units(30),
            Refusal::CumulativeTooLow { .. } => scene.payment.cumulative = units(40),
            Refusal::Conflict { .. } => scene.payment.start = units(100),
            Refusal::Revoked => scene.revoked = false,
            Refusal::TooManyHeld { .. } => scene.holdings.payments = 0,
            other => panic!("{other}"),
        }
    }
    assert_eq!(
        met,
        [
            "request_not_own",
            "request_expired",
            "payment_not_the_certified_purse",
            "certificate_operator_untrusted",
            "payment_other_amount",
            "payment_malformed",
            "payment_cumulative_too_low",
            "payment_conflict",
            "purse_revoked",
            "limit_payments_held",
        ]
    );
    assert!(scene.accept().is_ok());
}
