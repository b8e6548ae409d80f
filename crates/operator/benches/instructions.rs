//! What is done for every payment, for counting its instructions under valgrind: `scripts/instructions` runs it. Each
//! function here is one line of the snapshot. Prints what it worked on.
#![allow(missing_docs, clippy::print_stdout)]

use std::{collections::BTreeMap, hint::black_box};

use offpay_operator::clearing::{PurseBook, Seen};
use offpay_protocol::{
    AccountId, Amount, Circle, Domain, Nonce, Reference, Seconds, Signable as _, Signature, Signed,
    SigningKey, Timestamp,
    acceptance::{
        Deployment, Holdings, Limits, Membership, Offer, OwnRequest, PayeeWallet, PurseHistory,
        accept,
    },
    certificate::TrustedOperators,
    cover::Parameters,
    messages::{Certificate, Payment, Request, TypedData as _},
};

/// What one purse has signed when a payment is held against it.
const RANGES: u64 = 1_000_000;
/// How often each is done; the script divides by it.
const TIMES: u64 = 16;
const NOW: u64 = 10_000_000;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

fn domain() -> Domain {
    Domain::new(31_337, [0xfe; 20].into())
}

fn payment(number: u64) -> Payment {
    let payee = u8::try_from(number % 100).unwrap();
    Payment {
        payee: AccountId::new([payee + 1; 20].into()),
        start: Amount::from_u64(number * 10),
        amount: Amount::from_u64(10),
        cumulative: Amount::from_u64((number / 100 + 1) * 10),
        reference: Reference::ZERO,
    }
}

#[inline(never)]
fn measured_digest(domain: &Domain, payments: &[Payment]) {
    for payment in payments {
        black_box(black_box(payment).digest(domain));
    }
}

#[inline(never)]
fn measured_sign(domain: &Domain, payments: &[Payment], key: &SigningKey) -> Vec<Signature> {
    let signed = payments.iter().map(|payment| payment.sign(domain, key));
    signed.collect::<Result<_, _>>().unwrap()
}

#[inline(never)]
fn measured_recover(domain: &Domain, payments: &[Payment], signatures: &[Signature]) {
    for (payment, signature) in payments.iter().zip(signatures) {
        black_box(payment.recover(domain, signature).unwrap());
    }
}

#[inline(never)]
fn measured_decode_json(rows: &[Vec<u8>]) {
    for row in rows {
        black_box(serde_json::from_slice::<Signed<Payment>>(row).unwrap());
    }
}

#[inline(never)]
fn measured_conflict_check(book: &PurseBook, payments: &[(Payment, Seen)]) {
    for (payment, seen) in payments {
        assert_eq!(black_box(book).find(payment, seen.id), None);
    }
}

#[inline(never)]
fn measured_book_insert(book: &mut PurseBook, payments: &[(Payment, Seen)]) {
    for (payment, seen) in payments {
        book.insert(payment, *seen);
    }
}

#[inline(never)]
fn measured_accept(scene: &Scene) {
    for _ in 0..TIMES {
        scene.accept();
    }
}

/// A payee with no network, who is shown a payment of 20 and its purse's certificate.
struct Scene {
    domain: Domain,
    parameters: Parameters,
    operators: TrustedOperators,
    memberships: BTreeMap<Circle, Membership>,
    limits: Limits,
    request: Request,
    payment: Payment,
    signature: Signature,
    certificate: Certificate,
    certificate_signature: Signature,
}

impl Scene {
    fn new() -> Self {
        let (domain, units) = (domain(), Amount::from_u64);
        let market = Circle::new([0xcc; 20].into());
        let request = Request {
            payee: AccountId::new([0xaa; 20].into()),
            amount: units(20),
            nonce: Nonce::short(*b"12345678"),
            expires_at: at(NOW + 600),
            name: "Blue Door".into(),
            memo: String::new(),
        };
        let membership = Membership {
            from: at(NOW - 900_000),
            until: None,
            checked_at: at(NOW - 3_600),
        };
        let payment = Payment {
            payee: request.payee,
            start: units(0),
            amount: units(20),
            cumulative: units(20),
            reference: request.reference(&domain),
        };
        let certificate = Certificate {
            purse: key(1).address().into(),
            owner: AccountId::new([0xbb; 20].into()),
            circle: market,
            funds: units(1_000),
            pledge: units(1_000),
            cover_count: 10,
            circle_size: 10,
            as_of: at(NOW - 7_200),
        };
        Self {
            parameters: Parameters::standard(units(1)),
            operators: TrustedOperators::new([key(10).address().into()]),
            memberships: [(market, membership)].into(),
            limits: Limits {
                payments: 500,
                total: units(1_000),
                per_payer: units(100),
                since_sync: Seconds::DAY,
                least_cover_count: 10,
                uncovered: Amount::ZERO,
                margin: Seconds::DAY,
            },
            signature: payment.sign(&domain, &key(1)).unwrap(),
            certificate_signature: certificate.sign(&domain, &key(10)).unwrap(),
            request,
            payment,
            certificate,
            domain,
        }
    }

    fn accept(&self) {
        let accepted = accept(
            &Deployment {
                domain: &self.domain,
                parameters: &self.parameters,
                operators: &self.operators,
            },
            &PayeeWallet {
                payee: self.request.payee,
                memberships: &self.memberships,
                holdings: Holdings::default(),
                limits: &self.limits,
                synced_at: at(NOW - 3_600),
            },
            &OwnRequest {
                request: &self.request,
                paid_by: &[],
            },
            &PurseHistory {
                purse: self.certificate.purse,
                seen: &[],
                accepted: Amount::ZERO,
                settled: Amount::ZERO,
                revoked: false,
            },
            &Offer {
                payment: &self.payment,
                signature: &self.signature,
                certificate: &self.certificate,
                certificate_signature: &self.certificate_signature,
            },
            at(NOW),
        );
        black_box(accepted.unwrap());
    }
}

fn main() {
    let (domain, key) = (domain(), key(1));
    let payments: Vec<_> = (0..TIMES).map(payment).collect();
    // What is set up at its first use is no part of any.
    let mut signatures = warm_up(&domain, &payments, &key);
    measured_digest(&domain, &payments);
    signatures.extend(measured_sign(&domain, &payments, &key));
    let signatures = signatures.split_off(1);
    measured_recover(&domain, &payments, &signatures);
    let rows: Vec<_> = payments
        .iter()
        .zip(&signatures)
        .map(|(message, signature)| {
            let signed = Signed {
                domain,
                message: *message,
                signature: *signature,
            };
            serde_json::to_vec(&signed).unwrap()
        })
        .collect();
    measured_decode_json(&rows);
    measured_accept(&Scene::new());
    let seen = |number: u64| {
        let mut id = [0x11; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let id = alloy_primitives::B256::new(id).into();
        let number = i64::try_from(number).ok();
        (
            payment(number.unwrap_or(0).unsigned_abs()),
            Seen { id, number },
        )
    };
    let mut book = PurseBook::new((0..RANGES).map(seen));
    let next: Vec<_> = (RANGES..RANGES + TIMES).map(seen).collect();
    measured_conflict_check(&book, &next);
    measured_book_insert(&mut book, &next);
    println!("{} ranges, {TIMES} times", book.len());
}

fn warm_up(domain: &Domain, payments: &[Payment], key: &SigningKey) -> Vec<Signature> {
    let first = payments[0].sign(domain, key).unwrap();
    payments[0].recover(domain, &first).unwrap();
    vec![first]
}
