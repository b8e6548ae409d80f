//! Paying: what is refused, and many at once.

use std::collections::BTreeSet;

use offpay_operator::storage::HostedPurseStorage as _;
use offpay_protocol::Amount;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{ONE, User, audit, server, units};

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_never_share_a_serial() {
    let server = server().await;
    let (ana, purse) = User::ready(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    let amount = 7_u64;
    let pay = || async {
        let body = json!({ "to": "@ben", "amount": amount.to_string() });
        ana.post(&server, "/v1/pay", &body).await
    };
    let answers = futures_util::future::join_all((0..20).map(|_| pay())).await;
    let mut starts = BTreeSet::new();
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        assert_eq!(answer.body["state"], "cleared");
        starts.insert(units(&answer.body["cumulative"]));
    }
    assert_eq!(starts.len(), 20, "each promises more than the one before");
    let stored = server.app().database.hosted_purse(purse).await.unwrap();
    assert_eq!(stored.unwrap().next_serial, Amount::from_u64(20 * amount));
    let pending = ben.account(&server).await;
    assert_eq!(units(&pending["pending"]["incoming"]), 140);
    audit(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paid_is_refused_in_plain_words() {
    let server = server().await;
    let (ana, _) = User::ready(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    let refused = async |user: &User, body| user.post(&server, "/v1/pay", &body).await;

    let too_much = json!({ "to": "@ben", "amount": (1_000 * ONE).to_string() });
    let answer = refused(&ana, too_much).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.code(), "insufficient_funds");
    assert_eq!(units(&answer.body["data"]["available"]), 190 * ONE);

    let answer = refused(&ben, json!({ "to": "@ana", "amount": "1" })).await;
    assert_eq!(
        answer.code(),
        "insufficient_funds",
        "no purse: {}",
        answer.text
    );
    assert_eq!(
        refused(&ana, json!({ "to": "@nobody", "amount": "1" }))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    for body in [
        json!({}),
        json!({ "to": "@ben" }),
        json!({ "to": "@ben", "amount": "0" }),
        json!({ "to": "@ana", "amount": "1" }),
        json!({ "request": "OP1:NONSENSE" }),
        json!({ "to": "0x12", "amount": "1" }),
    ] {
        let answer = refused(&ana, body.clone()).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{body}: {}",
            answer.text
        );
        assert_eq!(answer.code(), "invalid_request", "{body}");
    }
    let anonymous = json!({ "to": "@ben", "amount": "1" });
    let answer = server.post("/v1/pay", None, &anonymous).await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    // Nothing of it used a serial.
    let account = ana.account(&server).await;
    assert_eq!(units(&account["purses"][0]["available"]), 190 * ONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purse_that_closes_pays_nobody() {
    let server = server().await;
    let (ana, purse) = User::ready(&server, "ana").await;
    User::register(&server, "ben").await;
    ana.done(&server, &format!("/v1/purses/{purse}/close"), &json!({}))
        .await;
    let answer = ana
        .post(&server, "/v1/pay", &json!({ "to": "@ben", "amount": "1" }))
        .await;
    assert_eq!(answer.code(), "purse_closing", "{}", answer.text);
    let again = ana
        .post(&server, &format!("/v1/purses/{purse}/close"), &json!({}))
        .await;
    assert_eq!(again.code(), "operation_refused");
    assert_eq!(again.body["data"]["code"], "PurseClosing");
}
