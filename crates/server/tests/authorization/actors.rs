//! Everybody who tries.

use std::sync::atomic::{AtomicU32, Ordering};

use alloy_primitives::{eip191_hash_message, hex};
use offpay_operator::identity::Scope;
use offpay_protocol::{Seconds, SigningKey};
use offpay_server::{
    Config,
    testing::{Answer, TestServer},
};
use offpay_store::testing::Engine;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const OPERATOR: &str = "opa_for-tests";

/// A server with an operator's token, whose users need not wait for addresses.
pub(crate) async fn server() -> TestServer {
    TestServer::start_with(Engine::Sqlite, |config: &mut Config| {
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(OPERATOR));
        config.accounts.admin_token_sha256 = Some(hash);
        config.money.address_delay_s = 0;
    })
    .await
    .unwrap()
}

/// A user with a session.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) session: String,
    pub(crate) account: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A new user whose key the server holds.
pub(crate) async fn hosted(server: &TestServer) -> User {
    let body =
        json!({ "handle": format!("user{}", number()), "password": "correct horse battery" });
    let answer = server.post("/v1/users", None, &body).await.unwrap();
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    User {
        id: text(&answer.body["user"]),
        session: text(&answer.body["token"]),
        account: text(&answer.body["account"]),
    }
}

/// A new user who holds the key.
pub(crate) async fn with_own_key(server: &TestServer) -> User {
    let mut secret = [1; 32];
    secret[..4].copy_from_slice(&number().to_be_bytes());
    let key = SigningKey::from_bytes(&secret).unwrap();
    let nonce = server
        .post("/v1/sessions/wallet/nonce", None, &json!({}))
        .await
        .unwrap()
        .body;
    let message = format!(
        "{} wants you to sign in with your Ethereum account:\n{}\n\nSign in to OffPay\n\nURI: {}\nVersion: 1\n\
         Chain ID: {}\nNonce: {}\nIssued At: 2024-01-01T00:00:00Z",
        text(&nonce["domain"]),
        key.address().to_checksum(None),
        text(&nonce["uri"]),
        nonce["chain_id"],
        text(&nonce["nonce"]),
    );
    let signature = key.sign(eip191_hash_message(message.as_bytes())).unwrap();
    let body =
        json!({ "message": message, "signature": hex::encode_prefixed(signature.to_bytes()) });
    let answer = server
        .post("/v1/sessions/wallet", None, &body)
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    User {
        id: text(&answer.body["user"]),
        session: text(&answer.body["token"]),
        account: text(&answer.body["account"]),
    }
}

/// An access token of theirs, for an hour: its id and itself.
pub(crate) async fn token(server: &TestServer, user: &User, scopes: &[Scope]) -> (String, String) {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    let mut body = json!({
        "name": "app", "scopes": names, "expires_at": server.app().now().get() + 3_600,
    });
    if scopes.iter().any(|scope| scope.moves_money()) {
        body["budget"] = json!("1000");
    }
    let given = server
        .post("/v1/access-tokens", Some(&user.session), &body)
        .await
        .unwrap();
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    (
        text(&given.body["access_token"]["id"]),
        text(&given.body["token"]),
    )
}

/// Another session of a user, which was ended.
pub(crate) async fn ended_session(server: &TestServer) -> String {
    let user = hosted(server).await;
    let path = "/v1/sessions/current";
    let ended = server
        .send(Method::DELETE, path, Some(&user.session), None, &[])
        .await
        .unwrap();
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.text);
    user.session
}

/// An access token with every scope, which was revoked.
pub(crate) async fn revoked_token(server: &TestServer) -> String {
    let user = hosted(server).await;
    let (id, token) = token(server, &user, &Scope::ALL).await;
    let path = format!("/v1/access-tokens/{id}");
    let revoked = server
        .send(Method::DELETE, &path, Some(&user.session), None, &[])
        .await
        .unwrap();
    assert_eq!(revoked.status, StatusCode::NO_CONTENT, "{}", revoked.text);
    token
}

/// The operator freezes a user.
pub(crate) async fn freeze(server: &TestServer, user: &User) {
    let path = format!("/v1/admin/users/{}/freeze", user.id);
    let answer = server
        .post(&path, Some(OPERATOR), &json!({ "reason": "a test" }))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
}

/// The server's clock goes forward.
pub(crate) fn pass(server: &TestServer, seconds: u64) {
    let app = server.app();
    let then = app.now().saturating_add(Seconds::new(seconds).unwrap());
    app.clock.see(then);
}

/// Whether a caller was let in: whatever else was wrong with what they asked.
pub(crate) fn is_let_in(answer: &Answer) -> bool {
    !matches!(
        answer.code(),
        "unauthorized" | "forbidden" | "scope_missing" | "account_frozen" | "sign_in_again"
    )
}
