use super::*;
use crate::{Nonce, Reference, Seconds, SigningKey};

mod refusals;
mod verdicts;

const NOW: u64 = 10_000_000;
const DEVICE: u8 = 1;
const OPERATOR: u8 = 10;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn units(units: u64) -> Amount {
    units.into()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

fn payee() -> AccountId {
    AccountId::new([0xaa; 20].into())
}

fn market() -> Circle {
    Circle::new([0xcc; 20].into())
}

/// A purse with funds 1000 and a cover of 90 for each of ten members; a request for 20, paid by its first payment.
#[derive(Clone)]
struct Scene {
    domain: Domain,
    parameters: Parameters,
    operators: TrustedOperators,
    memberships: BTreeMap<Circle, Membership>,
    holdings: Holdings,
    limits: Limits,
    synced_at: Timestamp,
    request: Request,
    paid_by: Vec<PaymentId>,
    seen: Vec<Payment>,
    accepted: Amount,
    settled: Amount,
    revoked: bool,
    payment: Payment,
    device: u8,
    certificate: Certificate,
    operator: u8,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let domain = Domain::new(1, [0xff; 20].into());
        let request = Request {
            payee: payee(),
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
        Self {
            parameters: Parameters::standard(units(1)),
            operators: TrustedOperators::new([key(OPERATOR).address().into()]),
            memberships: [(market(), membership)].into(),
            holdings: Holdings::default(),
            limits: Limits {
                payments: 500,
                total: units(1_000),
                per_payer: units(100),
                since_sync: Seconds::DAY,
                least_cover_count: 10,
                uncovered: Amount::ZERO,
                margin: Seconds::DAY,
            },
            synced_at: at(NOW - 3_600),
            payment: Payment {
                payee: payee(),
                start: units(0),
                amount: units(20),
                cumulative: units(20),
                reference: request.reference(&domain),
            },
            request,
            paid_by: Vec::new(),
            seen: Vec::new(),
            accepted: Amount::ZERO,
            settled: Amount::ZERO,
            revoked: false,
            device: DEVICE,
            certificate: Certificate {
                purse: key(DEVICE).address().into(),
                owner: AccountId::new([0xbb; 20].into()),
                circle: market(),
                funds: units(1_000),
                pledge: units(1_000),
                cover_count: 10,
                circle_size: 10,
                as_of: at(NOW - 7_200),
            },
            operator: OPERATOR,
            now: at(NOW),
            domain,
        }
    }

    /// The purse paid this before, for another request.
    fn after(mut self, start: u64, amount: u64, cumulative: u64) -> Self {
        self.seen.push(Payment {
            start: units(start),
            amount: units(amount),
            cumulative: units(cumulative),
            reference: Reference::ZERO,
            ..self.payment
        });
        self.accepted = self.accepted.checked_add(units(amount)).unwrap();
        self
    }

    fn pays(mut self, start: u64, cumulative: u64) -> Self {
        self.payment.start = units(start);
        self.payment.cumulative = units(cumulative);
        self
    }

    fn accept(&self) -> Result<Accepted, Refusal> {
        let signature = self.payment.sign(&self.domain, &key(self.device)).unwrap();
        let certificate_signature = self
            .certificate
            .sign(&self.domain, &key(self.operator))
            .unwrap();
        accept(
            &Deployment {
                domain: &self.domain,
                parameters: &self.parameters,
                operators: &self.operators,
            },
            &PayeeWallet {
                payee: payee(),
                memberships: &self.memberships,
                holdings: self.holdings,
                limits: &self.limits,
                synced_at: self.synced_at,
            },
            &OwnRequest {
                request: &self.request,
                paid_by: &self.paid_by,
            },
            &PurseHistory {
                purse: self.certificate.purse,
                seen: &self.seen,
                accepted: self.accepted,
                settled: self.settled,
                revoked: self.revoked,
            },
            &Offer {
                payment: &self.payment,
                signature: &signature,
                certificate: &self.certificate,
                certificate_signature: &certificate_signature,
            },
            self.now,
        )
    }

    fn refused(change: impl FnOnce(&mut Self)) -> Refusal {
        let mut scene = Self::new();
        change(&mut scene);
        scene.accept().unwrap_err()
    }

    fn verdict(change: impl FnOnce(&mut Self)) -> Verdict {
        let mut scene = Self::new();
        scene.limits.uncovered = Amount::MAX;
        change(&mut scene);
        scene.accept().unwrap().verdict
    }

    fn membership(&mut self) -> &mut Membership {
        self.memberships.get_mut(&market()).unwrap()
    }
}
