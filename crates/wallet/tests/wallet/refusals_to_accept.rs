//! Every reason for which a payment is not taken, in the order of section 8.3, with what the shopkeeper is told.

use offpay_protocol::{
    Amount, Nonce, PaymentId, PurseKey, Reference, Signable, Signature,
    acceptance::{NotCovered, Refusal, Verdict},
    certificate::CertificateRefusal,
    clearance::{ClearanceTree, RecordedPayment},
    conflict::Conflict,
    messages::{Certificate, Clearance, Payment, Revocations},
    payment_rules::MalformedPayment,
    revocations::RevocationList,
    wire::{
        CertifiedPayment, Code, PaymentCode, PaymentWithCertificateCode, ReferenceHint, RequestCode,
    },
};
use offpay_wallet::{
    accept::{AcceptError, AcceptRefusal, NetworkWord},
    ask::ShownRequest,
    messages::Message,
    sync::{Answer, CircleOnChain, PurseView},
};

use crate::world::*;

/// A payee with a request for 20, and a payment of it that it would take.
struct Counter {
    payee: TestWallet,
    request: ShownRequest,
    payment: Payment,
    certificate: Certificate,
    device: u8,
    operator: u8,
    now: u64,
}

const DEVICE: u8 = 0x0d;

impl Counter {
    fn new() -> Self {
        let mut payee = payee();
        let request = ask(&mut payee, 20, NOW).into_inner();
        let purse: PurseKey = key(DEVICE).address().into();
        Self {
            payment: Payment {
                payee: payee.state().account(),
                start: units(0),
                amount: units(20),
                cumulative: units(20),
                reference: request.reference,
            },
            certificate: certificate(purse, key(1).address().into(), 1_000, NOW),
            request,
            payee,
            device: DEVICE,
            operator: 0x0e,
            now: NOW + 60,
        }
    }

    fn offer(&self) -> CertifiedPayment {
        let domain = deployment().domain;
        CertifiedPayment {
            payment: self.payment,
            signature: self.payment.sign(&domain, &key(self.device)).unwrap(),
            certificate: self.certificate,
            certificate_signature: self.certificate.sign(&domain, &key(self.operator)).unwrap(),
        }
    }

    fn take(&mut self) -> Result<(), AcceptRefusal> {
        let offer = self.offer();
        match self.payee.accept(&offer, NetworkWord::None, at(self.now)) {
            Ok(_) => Ok(()),
            Err(AcceptError::Refused(refusal)) => Err(refusal),
            Err(AcceptError::Storage(error)) => panic!("{error}"),
        }
    }

    /// Asks and takes another 20 from the same purse.
    fn take_next(&mut self, start: u64, cumulative: u64) -> Result<(), AcceptRefusal> {
        let request = ask(&mut self.payee, 20, self.now);
        self.payment = Payment {
            start: units(start),
            cumulative: units(cumulative),
            reference: request.reference,
            ..self.payment
        };
        self.take()
    }
}

/// What is refused after `change`, and what is said about it.
fn refused(change: impl FnOnce(&mut Counter)) -> (AcceptRefusal, String) {
    let mut counter = Counter::new();
    change(&mut counter);
    let before = counter.payee.state().records().received.len();
    let refusal = counter.take().unwrap_err();
    assert_eq!(
        counter.payee.state().records().received.len(),
        before,
        "nothing is kept of it"
    );
    let message = refusal.message(&deployment().token);
    assert_plain(&message);
    (refusal, message)
}

fn because(change: impl FnOnce(&mut Counter)) -> (Refusal, String) {
    match refused(change) {
        (AcceptRefusal::Refused(refusal), message) => (refusal, message),
        (other, _) => panic!("{other}"),
    }
}

/// No word that only engineers use, and a whole sentence.
pub(crate) fn assert_plain(message: &str) {
    let jargon = [
        "cumulative",
        "serial",
        "signature",
        "signed",
        "digest",
        "hash",
        "nonce",
        "certificate",
        "revoc",
        "wire",
        "base45",
        "uint",
        "funds",
        "epoch",
        "0x",
        "Error",
        "stale",
        "default",
    ];
    for word in jargon {
        assert!(
            !message.to_lowercase().contains(&word.to_lowercase()),
            "{word}: {message}"
        );
    }
    assert!(message.ends_with('.') && message.len() < 200, "{message}");
    assert!(
        message.starts_with(|first: char| first.is_uppercase() || first.is_numeric()),
        "{message}"
    );
}

fn limits(counter: &mut Counter, change: impl FnOnce(&mut offpay_protocol::acceptance::Limits)) {
    let mut settings = *counter.payee.state().settings();
    change(&mut settings.acceptance.limits);
    counter.payee.change_settings(settings, at(NOW)).unwrap();
}

#[test]
fn the_good_payment_is_taken() {
    Counter::new().take().unwrap();
}

#[test]
fn a_payment_that_is_not_for_this_wallet() {
    let (refusal, message) = refused(|counter| counter.payment.reference = Reference::ZERO);
    assert_eq!(refusal, AcceptRefusal::NotForThisWallet);
    assert!(message.contains("for somebody else"), "{message}");
    assert!(!refusal.is_retryable());
}

#[test]
fn a_request_that_was_taken_back() {
    let (refusal, message) = refused(|counter| {
        counter
            .payee
            .withdraw_request(counter.request.reference, at(NOW))
            .unwrap();
    });
    assert_eq!(refusal, AcceptRefusal::RequestWithdrawn);
    assert_eq!(message, "You took this request back. Make a new one.");
}

#[test]
fn a_request_that_ran_out() {
    let (refusal, message) = because(|counter| counter.now = NOW + 600);
    assert_eq!(
        refusal,
        Refusal::RequestExpired {
            expires_at: at(NOW + 600)
        }
    );
    assert_eq!(message, "Your request has run out. Make a new one.");
}

#[test]
fn a_request_that_was_paid() {
    let (refusal, message) = because(|counter| {
        counter.take().unwrap();
        counter.payment.start = units(20);
        counter.payment.cumulative = units(40);
    });
    assert!(matches!(refusal, Refusal::RequestUsed { .. }));
    assert!(message.contains("paid already"), "{message}");
}

#[test]
fn a_payment_by_another_key_than_the_certified_one() {
    let (refusal, message) = because(|counter| counter.device = 3);
    assert!(matches!(refusal, Refusal::NotTheCertifiedPurse { .. }));
    assert!(message.contains("do not belong together"), "{message}");
}

#[test]
fn a_signature_that_nobody_can_have_made() {
    let mut counter = Counter::new();
    let mut offer = counter.offer();
    // r is the x-coordinate of no point on the curve.
    let mut bytes = [0; 64];
    bytes[31] = 5;
    bytes[63] = 1;
    offer.signature = Signature::from_compact(bytes).unwrap();
    let refusal = counter
        .payee
        .accept(&offer, NetworkWord::None, at(NOW))
        .unwrap_err();
    assert_eq!(refusal.code(), "payment_signature");
    let message = refusal.message(&deployment().token);
    assert_eq!(message, "This code is damaged or forged. Do not accept it.");
}

#[test]
fn an_operator_that_is_not_trusted() {
    let (refusal, message) = because(|counter| counter.operator = 4);
    assert!(matches!(
        refusal,
        Refusal::Certificate(CertificateRefusal::UntrustedOperator { .. })
    ));
    assert!(message.contains("Scan the operator's card"), "{message}");
    assert!(refusal.is_retryable());
}

#[test]
fn a_certificate_that_is_too_old() {
    let (refusal, message) = because(|counter| counter.certificate.as_of = at(NOW - DAY));
    assert!(matches!(
        refusal,
        Refusal::Certificate(CertificateRefusal::Stale { .. })
    ));
    assert!(message.contains("24 hours old"), "{message}");
}

#[test]
fn a_certificate_from_the_future() {
    let (refusal, message) = because(|counter| counter.certificate.as_of = at(NOW + 3_600));
    assert!(matches!(
        refusal,
        Refusal::Certificate(CertificateRefusal::FromTheFuture { .. })
    ));
    assert!(message.contains("clock"), "{message}");
}

#[test]
fn a_certificate_with_impossible_terms() {
    let (refusal, message) = because(|counter| counter.certificate.cover_count = 0);
    assert_eq!(
        refusal,
        Refusal::Certificate(CertificateRefusal::ImpossibleTerms)
    );
    assert!(message.contains("forged"), "{message}");
}

#[test]
fn a_payment_to_somebody_else() {
    let (refusal, message) = because(|counter| counter.payment.payee = key(9).address().into());
    assert!(matches!(refusal, Refusal::OtherPayee { .. }));
    assert!(message.contains("goes to somebody else"), "{message}");
}

#[test]
fn another_amount_than_was_asked_for() {
    let (refusal, message) = because(|counter| {
        counter.payment.amount = units(19);
        counter.payment.cumulative = units(19);
    });
    assert_eq!(
        refusal,
        Refusal::OtherAmount {
            asked: units(20),
            paid: units(19)
        }
    );
    assert_eq!(
        message,
        "You asked for 0.00002 OFFPAY, the payment is 0.000019 OFFPAY."
    );
}

#[test]
fn more_than_the_purse_holds() {
    let (refusal, message) = because(|counter| counter.payment.start = units(990));
    assert!(matches!(
        refusal,
        Refusal::Malformed(MalformedPayment::BeyondFunds { .. })
    ));
    assert!(message.contains("does not hold that much"), "{message}");
}

#[test]
fn a_payment_that_can_never_be_settled() {
    let (refusal, message) = because(|counter| counter.payment.cumulative = units(21));
    assert!(matches!(
        refusal,
        Refusal::Malformed(MalformedPayment::CumulativeAboveSerials { .. })
    ));
    assert!(message.contains("never be paid out"), "{message}");
}

#[test]
fn a_cumulative_that_does_not_add_up() {
    let mut counter = Counter::new();
    counter.take().unwrap();
    let refusal = counter.take_next(20, 30).unwrap_err();
    assert_eq!(refusal.code(), "payment_cumulative_too_low");
    let message = refusal.message(&deployment().token);
    assert_plain(&message);
    assert!(message.contains("miscounted"), "{message}");
}

#[test]
fn a_double_spend_is_refused_and_its_proof_kept() {
    let mut counter = Counter::new();
    counter.payment.start = units(100);
    counter.take().unwrap();
    let first = counter.payment;
    let refusal = counter.take_next(110, 40).unwrap_err();
    assert!(matches!(
        refusal,
        AcceptRefusal::Refused(Refusal::Conflict {
            conflict: Conflict::SameSerial { .. },
            ..
        })
    ));
    let message = refusal.message(&deployment().token);
    assert_plain(&message);
    assert!(message.contains("same money twice"), "{message}");

    let evidence = counter.payee.state().records().evidence.clone();
    assert_eq!(evidence.len(), 1);
    assert_eq!(
        (evidence[0].a.payment, evidence[0].b.payment),
        (first, counter.payment)
    );
    // Shown again, it is refused again, and not kept twice.
    assert!(counter.take().is_err());
    assert_eq!(counter.payee.state().records().evidence.len(), 1);
    // From now on nothing of this purse is taken.
    let refusal = counter.take_next(140, 60).unwrap_err();
    assert!(refusal.code() == "payment_conflict" || refusal.code() == "purse_revoked");
}

#[test]
fn a_purse_on_the_revocation_list() {
    let (refusal, message) = because(|counter| {
        let list = RevocationList::new([counter.certificate.purse]);
        let statement = Revocations {
            version: 1,
            digest: list.digest(),
            as_of: at(NOW),
        };
        let signature = statement.sign(&deployment().domain, &operator()).unwrap();
        let answer = Answer::Revocations {
            list,
            statement,
            signature,
        };
        counter.payee.learn(answer, at(NOW)).unwrap();
    });
    assert_eq!(refusal, Refusal::Revoked);
    assert_eq!(
        message,
        "This payer's wallet was stopped. Do not accept it."
    );
}

#[test]
fn a_purse_that_the_chain_showed_closing() {
    let (refusal, _) = because(|counter| {
        let mut closing = on_chain(key(1).address().into(), 1_000);
        closing.closes_at = Some(at(NOW + 7 * DAY));
        let purse = counter.certificate.purse;
        let view = PurseView {
            purse,
            on_chain: Some(closing),
            at: block(NOW),
        };
        counter.payee.learn(Answer::Payer(view), at(NOW)).unwrap();
    });
    assert_eq!(refusal, Refusal::Revoked);
}

#[test]
fn too_many_held() {
    let (refusal, message) = because(|counter| limits(counter, |limits| limits.payments = 0));
    assert_eq!(refusal, Refusal::TooManyHeld { limit: 0 });
    assert!(message.contains("Go online first"), "{message}");
}

#[test]
fn too_much_held() {
    let (refusal, _) = because(|counter| limits(counter, |limits| limits.total = units(19)));
    assert_eq!(
        refusal,
        Refusal::TooMuchHeld {
            held: units(20),
            limit: units(19)
        }
    );
}

#[test]
fn too_much_held_from_one_payer() {
    let (refusal, message) =
        because(|counter| limits(counter, |limits| limits.per_payer = units(19)));
    assert_eq!(
        refusal,
        Refusal::TooMuchFromPayer {
            held: units(20),
            limit: units(19)
        }
    );
    assert!(message.contains("from this payer"), "{message}");
}

#[test]
fn too_long_since_the_last_sync() {
    let (refusal, message) = because(|counter| {
        counter.now = NOW + 2 * DAY;
        counter.request = counter
            .payee
            .ask(&ask_for(20), &entropy(), at(counter.now))
            .unwrap()
            .into_inner();
        counter.payment.reference = counter.request.reference;
        counter.certificate.as_of = at(counter.now);
    });
    assert!(matches!(refusal, Refusal::TooLongSinceSync { .. }));
    assert!(message.contains("2 days ago"), "{message}");
}

#[test]
fn more_uncovered_than_the_owner_allows() {
    let (refusal, message) =
        because(|counter| counter.certificate.circle = offpay_protocol::Circle::OPEN);
    assert_eq!(
        refusal,
        Refusal::TooMuchUncovered {
            uncovered: units(20),
            limit: Amount::ZERO
        }
    );
    assert!(message.contains("would not be covered"), "{message}");
}

#[test]
fn above_the_floor_the_network_is_asked() {
    let mut counter = Counter::new();
    let mut settings = *counter.payee.state().settings();
    settings.acceptance.floor = Some(units(20));
    counter.payee.change_settings(settings, at(NOW)).unwrap();
    let refusal = counter.take().unwrap_err();
    assert_eq!(
        refusal,
        AcceptRefusal::NeedsNetwork {
            amount: units(20),
            floor: units(20)
        }
    );
    assert!(refusal.is_retryable());
    assert_plain(&refusal.message(&deployment().token));
    let offer = counter.offer();
    let domain = deployment().domain;
    let id = offer.payment.id(&domain);
    let purse = offer.payment.recover(&domain, &offer.signature).unwrap();
    let others = [PaymentId::ZERO, id, PaymentId::new([9; 32].into())];
    let others = others.map(|id| RecordedPayment { purse, id });
    let tree = ClearanceTree::new(&others).unwrap();
    let clearance = Clearance {
        root: tree.root(),
        cleared_at: at(NOW),
    };
    let signature = clearance.sign(&domain, &operator()).unwrap();
    let forged = clearance.sign(&domain, &key(9)).unwrap();
    let (path, other_path) = (tree.path(1).unwrap(), tree.path(2).unwrap());
    for (signature, path) in [(&forged, &path), (&signature, &other_path)] {
        let word = NetworkWord::Cleared {
            clearance: &clearance,
            signature,
            path,
        };
        let refusal = counter.payee.accept(&offer, word, at(NOW)).unwrap_err();
        assert!(refusal.code().starts_with("clearance_"), "{refusal}");
        assert_plain(&refusal.message(&deployment().token));
    }
    let word = NetworkWord::Cleared {
        clearance: &clearance,
        signature: &signature,
        path: &path,
    };
    counter.payee.accept(&offer, word, at(NOW)).unwrap();
}

#[test]
fn codes_that_are_no_payments() {
    let mut counter = Counter::new();
    let domain = deployment().domain;
    let token = deployment().token;
    let refuse = |counter: &mut Counter, code: &Code| {
        counter
            .payee
            .accept_code(code, NetworkWord::None, at(NOW))
            .unwrap_err()
    };
    let request = Code::Request(RequestCode::new(
        &domain,
        counter.request.request.clone(),
        None,
    ));
    let refusal = refuse(&mut counter, &request);
    assert_eq!(refusal.code(), "not_a_payment");
    assert_plain(&refusal.message(&token));

    let offer = counter.offer();
    let hint = ReferenceHint::own_request(offer.payment.reference);
    let bare = PaymentCode::new(&domain, &offer.payment, hint, offer.signature).unwrap();
    let refusal = refuse(&mut counter, &Code::Payment(bare));
    assert_eq!(refusal.code(), "certificate_missing");
    assert_plain(&refusal.message(&token));

    let elsewhere = offpay_protocol::Domain::new(1, [1; 20].into());
    let foreign = PaymentCode::new(&elsewhere, &offer.payment, hint, offer.signature).unwrap();
    let refusal = refuse(&mut counter, &Code::Payment(foreign));
    assert_eq!(refusal.code(), "code_unreadable");
    assert_eq!(
        refusal.message(&token),
        "This code is for another network or currency."
    );

    // With the certificate it is taken, and from then on the certificate is known.
    let full =
        PaymentWithCertificateCode::new(bare, &offer.certificate, offer.certificate_signature);
    let full = Code::PaymentWithCertificate(full);
    let taken = counter
        .payee
        .accept_code(&full, NetworkWord::None, at(NOW))
        .unwrap();
    assert!(!taken.again);
    let again = counter
        .payee
        .accept_code(&Code::Payment(bare), NetworkWord::None, at(NOW))
        .unwrap();
    assert!(again.again);
}

/// Refusals that this wallet's own look-ups exclude, but that the protocol names: they have messages too.
#[test]
fn refusals_that_cannot_come_from_here_have_messages() {
    let token = deployment().token;
    let excluded = [
        Refusal::NotOwnRequest,
        Refusal::AlreadyAccepted,
        Refusal::OtherReference,
        Refusal::Certificate(CertificateRefusal::Signature(
            offpay_protocol::signature::SignatureError::HighS,
        )),
        Refusal::Malformed(MalformedPayment::NoPayee),
        Refusal::Malformed(MalformedPayment::NothingPaid),
    ];
    for refusal in excluded {
        assert_plain(&refusal.message(&token));
    }
}

#[test]
fn every_verdict_has_its_words() {
    let token = deployment().token;
    let covered = Verdict::CoveredUpTo {
        up_to: units(90),
        while_at_most: 10,
        circle_size: 50,
    };
    assert!(covered.message(&token).contains("0.00009 OFFPAY"));
    assert!(
        Verdict::Guaranteed
            .message(&token)
            .starts_with("Guaranteed")
    );
    for why in [
        NotCovered::NotJoined { circle: market() },
        NotCovered::MembershipPending { from: at(NOW) },
        NotCovered::DismissalPending { until: at(NOW) },
        NotCovered::TooLate {
            hand_in_by: at(NOW),
        },
        NotCovered::NoCover,
    ] {
        let message = Verdict::NotCovered { why }.message(&token);
        assert_plain(&message);
        assert!(message.starts_with("Not covered. "), "{message}");
    }
}

/// Where a payee stands when it allows everything.
fn verdict(change: impl FnOnce(&mut Counter)) -> Verdict {
    let mut counter = Counter::new();
    limits(&mut counter, |limits| limits.uncovered = Amount::MAX);
    change(&mut counter);
    counter.take().unwrap();
    let id = counter.payment.id(&deployment().domain);
    counter.payee.state().records().received[&id]
        .acceptance
        .verdict
}

fn see_membership(counter: &mut Counter, place: Option<CircleOnChain>, time: u64) {
    let answer = Answer::Membership {
        circle: market(),
        place,
        at: block(time),
    };
    counter.payee.learn(answer, at(time)).unwrap();
}

#[test]
fn verdicts_follow_the_membership_that_was_seen() {
    assert_eq!(verdict(|_| ()), Verdict::Guaranteed);
    let crowded = verdict(|counter| counter.certificate.circle_size = 11);
    assert!(matches!(
        crowded,
        Verdict::CoveredUpTo {
            while_at_most: 10,
            ..
        }
    ));
    let left = verdict(|counter| counter.payee.leave_circle(market(), at(NOW)).unwrap());
    assert_eq!(
        left,
        Verdict::NotCovered {
            why: NotCovered::NotJoined { circle: market() }
        }
    );
    let pending = verdict(|counter| {
        let place = CircleOnChain {
            from: at(NOW + DAY),
            until: None,
        };
        see_membership(counter, Some(place), NOW);
    });
    let why = NotCovered::MembershipPending {
        from: at(NOW + DAY),
    };
    assert_eq!(pending, Verdict::NotCovered { why });
    let dismissed = verdict(|counter| {
        let place = CircleOnChain {
            from: at(NOW - DAY),
            until: Some(at(NOW + DAY)),
        };
        see_membership(counter, Some(place), NOW);
    });
    let why = NotCovered::DismissalPending {
        until: at(NOW + DAY),
    };
    assert_eq!(dismissed, Verdict::NotCovered { why });
    let ended = verdict(|counter| {
        let place = CircleOnChain {
            from: at(NOW - DAY),
            until: Some(at(NOW)),
        };
        see_membership(counter, Some(place), NOW);
    });
    assert!(matches!(
        ended,
        Verdict::NotCovered {
            why: NotCovered::NotJoined { .. }
        }
    ));
}

#[test]
fn a_printed_request_is_paid_many_times() {
    let mut counter = Counter::new();
    let printed = ask(&mut counter.payee, 0, NOW);
    assert_eq!(
        printed.request.nonce.bytes()[8..],
        Nonce::short([0; 8]).bytes()[8..]
    );
    for sold in 0..3u64 {
        counter.payment = Payment {
            start: units(20 * sold),
            cumulative: units(20 * (sold + 1)),
            reference: printed.reference,
            ..counter.payment
        };
        counter.take().unwrap();
    }
    assert_eq!(counter.payee.state().records().received.len(), 3);
}
