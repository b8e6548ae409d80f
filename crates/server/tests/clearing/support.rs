//! A server with a chain of its own, and purses that it did not make.

use offpay_api::{operator::OperatorView, payments::ClearedPayment};
use offpay_chain::{Contract, Sender, contract::PurseTerms, local};
use offpay_protocol::{
    AccountId, Amount, Circle, OperatorId, PurseKey, Reference, Signable as _, Signed, SigningKey,
    certificate::TrustedOperators,
    clearance::{ClearanceRefusal, RecordedPayment, check_clearance},
    messages::{Payment, PurseOpening},
};
use offpay_server::{
    Config,
    keys::Keys,
    testing::{Answer, TestServer, eventually},
};
use offpay_store::testing::Engine;
use serde_json::json;

pub(crate) fn units(units: u128) -> Amount {
    Amount::new(units * 1_000_000_000_000_000_000).unwrap()
}

pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) contract: Contract,
    pub(crate) owner: Sender,
}

impl World {
    /// Somebody who is registered with 500 of collateral and has a balance of 10,000.
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let mut mints = None;
        let server = TestServer::start_with(engine, |config| {
            config.outbox.poll_ms = 100;
            change(config);
            // The server has no faucet: two who send with one key get in each other's way.
            mints = Keys::read(&config.keys).unwrap().token_owner;
            config.keys.token_owner = None;
        })
        .await
        .unwrap();
        let contract = server.contract().clone();
        let owner = server.local.chain.sender("owner").await.unwrap();
        let mints = mints.unwrap();
        let token = server.token();
        token
            .mint(&mints, owner.address(), units(20_000))
            .await
            .unwrap();
        token
            .approve(&owner, contract.address(), Amount::MAX)
            .await
            .unwrap();
        contract.register(units(500)).send(&owner).await.unwrap();
        contract.deposit(units(10_000)).send(&owner).await.unwrap();
        Self {
            server,
            contract,
            owner,
        }
    }

    /// A purse with funds of 100 and a pledge of 50, which is not final yet.
    pub(crate) async fn opened(&self, key: &SigningKey) -> PurseKey {
        let terms = PurseTerms {
            key: key.address().into(),
            funds: units(100),
            pledge: units(50),
            cover_count: 1,
            circle: Circle::new(self.owner.address()),
        };
        let consent = PurseOpening {
            owner: self.owner.account(),
        }
        .sign(self.contract.domain(), key)
        .unwrap();
        self.contract
            .open_purse(&terms, &consent)
            .send(&self.owner)
            .await
            .unwrap();
        terms.key
    }

    /// A purse that the server knows as final.
    pub(crate) async fn purse(&self, key: &SigningKey) -> PurseKey {
        let purse = self.opened(key).await;
        self.server.finalize().await.unwrap();
        eventually("the purse is known", || async {
            let answer = self.certificate(purse).await;
            (answer.status == 200).then_some(())
        })
        .await;
        purse
    }

    pub(crate) fn pay(
        &self,
        key: &SigningKey,
        payee: u8,
        start: u128,
        amount: u128,
    ) -> Signed<Payment> {
        let domain = *self.contract.domain();
        let message = Payment {
            payee: AccountId::new([payee; 20].into()),
            start: units(start),
            amount: units(amount),
            cumulative: units(amount),
            reference: Reference::ZERO,
        };
        Signed {
            domain,
            message,
            signature: message.sign(&domain, key).unwrap(),
        }
    }

    pub(crate) async fn clear(&self, payment: &Signed<Payment>) -> Answer {
        let body = json!({ "payment": payment });
        self.server.post("/v1/payments", None, &body).await.unwrap()
    }

    pub(crate) async fn certificate(&self, purse: PurseKey) -> Answer {
        let path = format!("/v1/purses/{purse}/certificate");
        self.server.get(&path, None).await.unwrap()
    }

    /// Whom a wallet trusts that was shown the operator's card.
    pub(crate) async fn trusted(&self) -> TrustedOperators {
        let card = self.server.get("/v1/operator", None).await.unwrap();
        let card: OperatorView = serde_json::from_str(&card.text).unwrap();
        assert_eq!(card.domain, *self.contract.domain());
        assert_eq!((card.decimals, card.keys.len()), (18, 1));
        assert_eq!(card.operator, card.keys[0].operator);
        TrustedOperators::new([card.operator])
    }

    /// The clearance of the answer, checked as a wallet does it.
    pub(crate) async fn cleared(&self, payment: &Signed<Payment>, answer: &str) -> ClearedPayment {
        self.cleared_by(payment, answer, &self.trusted().await)
    }

    /// The same for who trusts these.
    pub(crate) fn cleared_by(
        &self,
        payment: &Signed<Payment>,
        answer: &str,
        trusted: &TrustedOperators,
    ) -> ClearedPayment {
        let cleared: ClearedPayment = serde_json::from_str(answer)
            .unwrap_or_else(|error| panic!("not cleared: {error}: {answer}"));
        assert_eq!(self.check(payment, &cleared, trusted), Ok(cleared.operator));
        assert_eq!(cleared.id, payment.message.id(self.contract.domain()));
        cleared
    }

    pub(crate) fn check(
        &self,
        payment: &Signed<Payment>,
        cleared: &ClearedPayment,
        trusted: &TrustedOperators,
    ) -> Result<OperatorId, ClearanceRefusal> {
        let domain = self.contract.domain();
        let recorded = RecordedPayment {
            purse: payment.signer().unwrap(),
            id: payment.message.id(domain),
        };
        check_clearance(
            recorded,
            &cleared.path,
            &cleared.clearance.message,
            &cleared.clearance.signature,
            domain,
            trusted,
        )
    }
}

pub(crate) fn key(name: &str) -> SigningKey {
    local::key(name).unwrap()
}
