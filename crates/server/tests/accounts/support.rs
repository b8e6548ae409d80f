//! Registering and signing in.

use offpay_protocol::{Seconds, Timestamp};
use offpay_server::testing::{Answer, TestServer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A user who registered.
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) answer: Value,
}

pub(crate) async fn register(server: &TestServer, handle: &str) -> Person {
    let answer = server
        .post(
            "/v1/users",
            None,
            &json!({ "handle": handle, "password": PASSWORD }),
        )
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    Person {
        token: answer.body["token"].as_str().unwrap().to_owned(),
        answer: answer.body,
    }
}

pub(crate) async fn sign_in(server: &TestServer, handle: &str, password: &str) -> Answer {
    server
        .post(
            "/v1/sessions",
            None,
            &json!({ "handle": handle, "password": password }),
        )
        .await
        .unwrap()
}

pub(crate) async fn delete(server: &TestServer, path: &str, token: &str) -> Answer {
    server
        .send(Method::DELETE, path, Some(token), None, &[])
        .await
        .unwrap()
}

/// The server's clock goes forward.
pub(crate) fn pass(server: &TestServer, seconds: u64) -> Timestamp {
    let now = server
        .app()
        .now()
        .saturating_add(Seconds::new(seconds).unwrap());
    server.app().clock.see(now);
    now
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
