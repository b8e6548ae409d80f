use alloy_primitives::{eip191_hash_message, hex};
use offpay_protocol::SigningKey;
use offpay_server::testing::{Answer, TestServer};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::text;

/// What a wallet would show and sign.
fn message(key: &SigningKey, nonce: &Value) -> String {
    format!(
        "{} wants you to sign in with your Ethereum account:\n{}\n\nSign in to OffPay\n\nURI: {}\nVersion: 1\n\
         Chain ID: {}\nNonce: {}\nIssued At: 2024-01-01T00:00:00Z",
        text(&nonce["domain"]),
        key.address().to_checksum(None),
        text(&nonce["uri"]),
        nonce["chain_id"],
        text(&nonce["nonce"]),
    )
}

async fn send(server: &TestServer, key: &SigningKey, message: &str) -> Answer {
    let signature = key.sign(eip191_hash_message(message.as_bytes())).unwrap();
    let body =
        json!({ "message": message, "signature": hex::encode_prefixed(signature.to_bytes()) });
    server
        .post("/v1/sessions/wallet", None, &body)
        .await
        .unwrap()
}

async fn nonce(server: &TestServer) -> Value {
    let answer = server
        .post("/v1/sessions/wallet/nonce", None, &json!({}))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::CREATED);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn o70_a_wallet_signs_in_once_per_nonce() {
    let server = TestServer::start().await.unwrap();
    let key = SigningKey::from_bytes(&[7; 32]).unwrap();
    let thief = SigningKey::from_bytes(&[8; 32]).unwrap();
    let asked = nonce(&server).await;
    let good = message(&key, &asked);

    // Wrong ones first: none of them uses up the nonce.
    assert_eq!(send(&server, &thief, &good).await.code(), "sign_in_refused");
    for (from, to) in [
        (text(&asked["domain"]), "evil.example"),
        (text(&asked["uri"]), "https://evil.example"),
        ("Chain ID: ", "Chain ID: 1"),
        ("Version: 1", "Version: 2"),
        (text(&asked["nonce"]), "00000000000000000000000000000000"),
        (
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00Z\nExpiration Time: 2024-01-02T00:00:00Z",
        ),
        (
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00Z\nNot Before: 2099-01-02T00:00:00Z",
        ),
    ] {
        let altered = good.replacen(from, to, 1);
        assert_ne!(altered, good);
        let refused = send(&server, &key, &altered).await;
        assert_eq!(refused.code(), "sign_in_refused", "{to}");
    }
    let signed_in = send(&server, &key, &good).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{}", signed_in.text);
    let account = key.address().to_string().to_lowercase();
    assert_eq!(text(&signed_in.body["account"]).to_lowercase(), account);
    assert_eq!(
        send(&server, &key, &good).await.code(),
        "sign_in_refused",
        "replayed"
    );

    let token = text(&signed_in.body["token"]);
    let me = server.get("/v1/me", Some(token)).await.unwrap();
    assert_eq!(me.body["custody"], "own");
    let list = server.get("/v1/sessions", Some(token)).await.unwrap();
    assert_eq!(list.body["sessions"].as_array().unwrap().len(), 1);
    let again = send(&server, &key, &message(&key, &nonce(&server).await)).await;
    assert_eq!(again.body["user"], signed_in.body["user"], "the same user");

    // Of two at once with one nonce, one gets in.
    let both = message(&key, &nonce(&server).await);
    let (one, other) = tokio::join!(send(&server, &key, &both), send(&server, &key, &both));
    let created = [one.status, other.status]
        .into_iter()
        .filter(|status| *status == StatusCode::CREATED)
        .count();
    assert_eq!(created, 1);
}
