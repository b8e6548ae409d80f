//! A server with a chain of its own, people with purses, and payments that clearing has seen.

use offpay_chain::{Contract, Sender, contract::PurseTerms, local};
use offpay_operator::{
    clearing::KeptFor,
    storage::clearing::{ClearingCommit, ClearingStorage as _, StoredPayment},
};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Reference, Signable as _, Signed, SigningKey,
    messages::{Payment, PurseOpening},
};
use offpay_server::{config::AdminToken, testing::TestServer};
use offpay_store::testing::Engine;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The operator's token.
pub(crate) const ADMIN: &str = "the operator's own token, for tests";

pub(crate) const UNIT: u128 = 1_000_000_000_000_000_000;

pub(crate) fn units(units: u128) -> Amount {
    Amount::new(units * UNIT).unwrap()
}

pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) contract: Contract,
    /// Admits the members of its circle.
    pub(crate) circle: Sender,
}

impl World {
    pub(crate) async fn new(engine: Engine) -> Self {
        let server = TestServer::start_with(engine, |config| {
            // The test mints with the faucet's key, and counts the server's transactions.
            config.money.faucet_amount = Some(Amount::ZERO);
            config.admin.tokens = vec![AdminToken {
                name: "anna".to_owned(),
                sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(ADMIN)),
            }];
            config.settlement.gather_s = 0;
            config.settlement.poll_ms = 100;
            config.outbox.poll_ms = 100;
        })
        .await
        .unwrap();
        let contract = server.contract().clone();
        let circle = server.local.chain.sender("circle").await.unwrap();
        Self {
            server,
            contract,
            circle,
        }
    }

    /// Somebody who is registered with 500 of collateral and has a balance of 10,000.
    pub(crate) async fn person(&self, name: &str) -> Sender {
        let person = self.server.local.chain.sender(name).await.unwrap();
        let owner = self.server.app().keys.token_owner.clone().unwrap();
        let token = self.server.token();
        token
            .mint(&owner, person.address(), units(20_000))
            .await
            .unwrap();
        token
            .approve(&person, self.contract.address(), Amount::MAX)
            .await
            .unwrap();
        self.contract
            .register(units(500))
            .send(&person)
            .await
            .unwrap();
        self.contract
            .deposit(units(10_000))
            .send(&person)
            .await
            .unwrap();
        person
    }

    /// A purse with funds of 100 and a pledge of 50 for one payee of the circle.
    pub(crate) async fn purse(&self, owner: &Sender, key: &SigningKey) -> PurseKey {
        let terms = PurseTerms {
            key: key.address().into(),
            funds: units(100),
            pledge: units(50),
            cover_count: 1,
            circle: Circle::new(self.circle.address()),
        };
        let consent = PurseOpening {
            owner: owner.account(),
        }
        .sign(self.contract.domain(), key)
        .unwrap();
        self.contract
            .open_purse(&terms, &consent)
            .send(owner)
            .await
            .unwrap();
        terms.key
    }

    /// A payment that clearing has seen and that can be presented.
    pub(crate) async fn seen(
        &self,
        key: &SigningKey,
        payee: AccountId,
        start: u128,
        amount: u128,
    ) -> Signed<Payment> {
        let message = Payment {
            payee,
            start: units(start),
            amount: units(amount),
            cumulative: units(amount),
            reference: Reference::ZERO,
        };
        let domain = *self.contract.domain();
        let signature = message.sign(&domain, key).unwrap();
        let signed = Signed {
            domain,
            message,
            signature,
        };
        let stored = StoredPayment {
            id: message.id(&domain),
            purse: key.address().into(),
            payment: message,
            signature,
        };
        let app = self.server.app();
        let commit = ClearingCommit {
            kept: vec![(stored, KeptFor::Presenting)],
            now: app.now(),
            ..ClearingCommit::default()
        };
        app.database.commit_clearing(&commit).await.unwrap();
        signed
    }

    /// What the admin API answers.
    pub(crate) async fn admin(&self, path: &str) -> Value {
        let answer = self.server.get(path, Some(ADMIN)).await.unwrap();
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer.body
    }

    pub(crate) async fn paid(&self, purse: PurseKey, payee: AccountId) -> Amount {
        self.contract.paid_to(purse, payee).await.unwrap()
    }
}

pub(crate) fn key(name: &str) -> SigningKey {
    local::key(name).unwrap()
}

pub(crate) fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 20].into())
}
