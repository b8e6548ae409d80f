//! Users, their webhooks, and what happens to them.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    storage::EventStorage as _,
};
use offpay_protocol::{Amount, Seconds};
use offpay_server::{
    Config,
    testing::{Answer, TestServer, eventually},
};
use offpay_store::testing::Engine;
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) token: String,
}

pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Hook {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/webhooks/{}{rest}", self.id)
    }

    /// What is known of it.
    pub(crate) async fn view(&self, server: &TestServer, user: &User) -> Value {
        let answer = server.get(&self.path(""), Some(&user.token)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    pub(crate) async fn change(&self, server: &TestServer, user: &User, change: Value) -> Answer {
        server
            .send(
                Method::PATCH,
                &self.path(""),
                Some(&user.token),
                Some(&change),
                &[],
            )
            .await
            .unwrap()
    }

    /// Its deliveries, newest first.
    pub(crate) async fn deliveries(&self, server: &TestServer, user: &User) -> Vec<Value> {
        let path = self.path("/deliveries?limit=200");
        let answer = server.get(&path, Some(&user.token)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["items"].as_array().unwrap().clone()
    }

    /// Waits until what is known of it is so.
    pub(crate) async fn is(&self, server: &TestServer, user: &User, state: &str) -> Value {
        eventually(state, || async {
            let view = self.view(server, user).await;
            (view["state"] == state).then_some(view)
        })
        .await
    }
}

pub(crate) async fn start() -> TestServer {
    start_with(|_| {}).await
}

/// A server whose faucet gives nothing: nothing here needs money.
pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> TestServer {
    start_on(Engine::Sqlite, change).await
}

pub(crate) async fn start_on(engine: Engine, change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::start_with(engine, |config| {
        config.money.faucet_amount = Some(Amount::ZERO);
        change(config);
    })
    .await
    .unwrap()
}

pub(crate) async fn register(server: &TestServer, handle: &str) -> User {
    let body = json!({ "handle": handle, "password": "a long enough password" });
    let answer = server.post("/v1/users", None, &body).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text);
    User {
        id: answer.body["user"].as_str().unwrap().parse().unwrap(),
        token: answer.body["token"].as_str().unwrap().to_owned(),
    }
}

/// Makes a webhook.
pub(crate) async fn hook(server: &TestServer, user: &User, url: &str, kinds: &[&str]) -> Hook {
    let body = json!({ "url": url, "kinds": kinds });
    let answer = server
        .post("/v1/webhooks", Some(&user.token), &body)
        .await
        .unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
    Hook {
        id: answer.body["webhook"]["id"].as_str().unwrap().to_owned(),
        secret: answer.body["secret"].as_str().unwrap().to_owned(),
    }
}

/// Payments are received.
pub(crate) async fn happen(server: &TestServer, user: &User, numbers: std::ops::Range<u32>) {
    for number in numbers {
        happens(server, user, "payment.received", number).await;
    }
}

pub(crate) async fn happens(server: &TestServer, user: &User, kind: &'static str, number: u32) {
    let event = NewEvent {
        audience: Audience::User(user.id),
        kind,
        body: json!({ "number": number }),
    };
    let app = server.app();
    app.database
        .append_events(&[event], app.now())
        .await
        .unwrap();
}

/// The server's clock goes forward.
pub(crate) fn pass(server: &TestServer, seconds: u64) {
    let app = server.app();
    let span = Seconds::new(seconds).unwrap();
    app.clock.see(app.now().saturating_add(span));
}
