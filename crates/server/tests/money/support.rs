//! A server with users who have money.

use offpay_chain::Sender;
use offpay_operator::storage::HostedPurseStorage as _;
use offpay_protocol::{PaymentId, PurseKey, Signed};
use offpay_server::{
    Config,
    testing::{Answer, TestServer, eventually},
};
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// What the operator's token is.
pub(crate) const ADMIN: &str = "the operator's own token, for tests";
/// Its SHA-256.
const ADMIN_HASH: &str = "effeea1dc30f3ab4e550cf561f6b5134516d2ea048ba878bade0bbe097011587";

/// One token of the local chain.
pub(crate) const ONE: u128 = 1_000_000_000_000_000_000;

/// A server whose addresses can be confirmed at once.
pub(crate) async fn server_on(engine: Engine, change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::start_with(engine, |config| {
        config.money.address_delay_s = 0;
        config.accounts.admin_token_sha256 = Some(ADMIN_HASH.to_owned());
        change(config);
    })
    .await
    .unwrap()
}

pub(crate) async fn server() -> TestServer {
    server_on(Engine::Sqlite, |_| {}).await
}

/// A registered user.
pub(crate) struct User {
    pub(crate) token: String,
    pub(crate) account: String,
}

impl User {
    pub(crate) async fn register(server: &TestServer, handle: &str) -> Self {
        let body = json!({ "handle": handle, "password": "correct horse battery" });
        let answer = server.post("/v1/users", None, &body).await.unwrap();
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        Self {
            token: text("token"),
            account: text("account"),
        }
    }

    pub(crate) async fn get(&self, server: &TestServer, path: &str) -> Value {
        let answer = server.get(path, Some(&self.token)).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.body
    }

    pub(crate) async fn post(&self, server: &TestServer, path: &str, body: &Value) -> Answer {
        server.post(path, Some(&self.token), body).await.unwrap()
    }

    /// Asks for something that needs the chain, and waits until it is final.
    pub(crate) async fn done(&self, server: &TestServer, path: &str, body: &Value) -> Value {
        let answer = self.post(server, path, body).await;
        assert_eq!(
            answer.status,
            StatusCode::ACCEPTED,
            "{path}: {}",
            answer.text
        );
        let started = answer.body;
        let operation = match started.get("operation") {
            Some(operation) => operation.clone(),
            None => started.clone(),
        };
        self.wait(server, operation["id"].as_str().unwrap()).await;
        started
    }

    /// Waits until an operation is final.
    pub(crate) async fn wait(&self, server: &TestServer, id: &str) {
        let path = format!("/v1/operations/{id}");
        eventually("the operation is final", || async {
            server.finalize().await.unwrap();
            let state = self.get(server, &path).await["state"].clone();
            assert_ne!(state, "failed");
            assert_ne!(state, "failing");
            (state == "final").then_some(())
        })
        .await;
    }

    /// Registers, is given tokens and opens a purse; what it holds.
    pub(crate) async fn ready(server: &TestServer, handle: &str) -> (Self, PurseKey) {
        let user = Self::register(server, handle).await;
        user.done(server, "/v1/faucet", &json!({})).await;
        // The outbox can be ahead of the follower.
        user.account_when(server, "the gift is there", |account| {
            units(&account["balance"]["available"]) > 0
        })
        .await;
        let opened = user.done(server, "/v1/setup", &json!({})).await;
        let purse: PurseKey = opened["purse"].as_str().unwrap().parse().unwrap();
        let path = "/v1/account";
        eventually("the purse's money is final", || async {
            server.finalize().await.unwrap();
            let account = user.get(server, path).await;
            let available = units(&account["purses"][0]["available"]);
            (available > 0).then_some(())
        })
        .await;
        (user, purse)
    }

    pub(crate) async fn account(&self, server: &TestServer) -> Value {
        self.get(server, "/v1/account").await
    }

    /// Waits until the account looks as `is` wants it.
    pub(crate) async fn account_when(
        &self,
        server: &TestServer,
        what: &str,
        is: impl Fn(&Value) -> bool,
    ) -> Value {
        eventually(what, || async {
            server.finalize().await.unwrap();
            let account = self.account(server).await;
            is(&account).then_some(account)
        })
        .await
    }
}

/// An amount of an answer.
pub(crate) fn units(value: &Value) -> u128 {
    value.as_str().unwrap_or("0").parse().unwrap()
}

/// Brings a payment on-chain, as anybody can.
pub(crate) async fn settle(server: &TestServer, payment: &Value) {
    let id: PaymentId = payment["id"].as_str().unwrap().parse().unwrap();
    let stored = server.app().database.hosted_payment(id).await.unwrap();
    let stored = stored.unwrap().signed;
    let signed = Signed {
        domain: *server.contract().domain(),
        message: stored.payment,
        signature: stored.signature,
    };
    let anybody: Sender = server.local.chain.sender("anybody").await.unwrap();
    let settle = server.contract().settle(&signed).unwrap();
    settle.send(&anybody).await.unwrap();
    server.finalize().await.unwrap();
}

/// Audits until it was compared with the chain, and is clean.
pub(crate) async fn audit(server: &TestServer) -> Value {
    eventually("a clean audit", || async {
        let answer = server.get("/v1/admin/audit", Some(ADMIN)).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        (answer.body["clean"] == true).then_some(answer.body)
    })
    .await
}
