//! A crash between signing and clearing loses nothing.

use offpay_operator::{
    hosted::{NewPayment, plan},
    storage::{ChainStorage as _, HostedPurseStorage as _, idempotency::IdempotencyStorage as _},
};
use offpay_protocol::{AccountId, Amount, Reference, Signable as _, Timestamp};
use offpay_server::{testing::eventually, vault::KeyName};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{User, audit, server, units};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_before_the_crash_is_cleared_after_it() {
    let mut server = server().await;
    let (ana, purse) = User::ready(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    // What paying does up to the moment at which the process dies: signed and stored, not cleared.
    let app = server.app().clone();
    let kept = app.database.hosted_purse(purse).await.unwrap().unwrap();
    let known = app.database.purse(purse).await.unwrap();
    let payee: AccountId = ben.account.parse().unwrap();
    let payment = plan(
        known.as_ref(),
        kept.next_serial,
        Amount::ZERO,
        payee,
        Amount::from_u64(9),
        Reference::new([5; 32].into()),
    )
    .unwrap();
    let domain = *app.contract.domain();
    let signature = app
        .vault
        .sign_with(kept.made.user, KeyName::Purse(purse), |key| {
            payment.sign(&domain, key)
        })
        .await
        .unwrap()
        .unwrap();
    let new = NewPayment {
        id: payment.id(&domain),
        user: kept.made.user,
        payee_user: None,
        purse,
        payment,
        signature,
        memo: String::new(),
        refund_of: None,
        once: None,
    };
    server.stop().await;
    // The loops are gone; the row is written as the dying process would have.
    let database = offpay_store::Database::open(&server.local.config.database.url.read().unwrap())
        .await
        .unwrap();
    let now = app.now();
    assert!(database.record_signed(&new, now).await.unwrap());
    database.close().await;
    drop(app);
    server.start_again().await.unwrap();

    eventually("it is cleared", || async {
        let history = ana.get(&server, "/v1/history").await;
        (history["items"][0]["state"] == "cleared").then_some(())
    })
    .await;
    // The next payment goes on behind it.
    let next = ana
        .post(&server, "/v1/pay", &json!({ "to": "@ben", "amount": "1" }))
        .await;
    assert_eq!(units(&next.body["cumulative"]), 10, "{}", next.text);
    audit(&server).await;
}

/// The answer is kept after the work is done: a crash in between loses the one and not the other.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_after_its_answer_was_lost_is_done_once() {
    let server = server().await;
    let (ana, purse) = User::ready(&server, "ana").await;
    User::register(&server, "ben").await;
    ana.done(&server, "/v1/faucet", &json!({})).await;
    let keyed = async |path: &str, body: &Value| {
        let headers = [("idempotency-key", "once")];
        let token = Some(ana.token.as_str());
        let sent = server.send(Method::POST, path, token, Some(body), &headers);
        sent.await.unwrap()
    };
    let orders = [
        ("/v1/pay", json!({ "to": "@ben", "amount": "9" })),
        ("/v1/faucet", json!({ "amount": "7" })),
        (
            &*format!("/v1/purses/{purse}/funds"),
            json!({ "amount": "5" }),
        ),
    ];
    for (path, body) in &orders {
        let first = keyed(path, body).await;
        assert!(first.status.is_success(), "{path}: {}", first.text);
        let database = &server.app().database;
        database.forget_old_requests(Timestamp::MAX).await.unwrap();
        let again = keyed(path, body).await;
        if *path == "/v1/pay" {
            assert_eq!(again.status, 201, "{}", again.text);
            assert_eq!(again.body["id"], first.body["id"]);
        } else {
            assert_eq!(again.code(), "already_started", "{path}: {}", again.text);
            assert_eq!(again.body["data"]["operation"], first.body["id"], "{path}");
        }
        // The key is free for the next order.
        database.forget_old_requests(Timestamp::MAX).await.unwrap();
    }
    let history = ana.get(&server, "/v1/history").await;
    assert_eq!(history["items"].as_array().unwrap().len(), 1, "{history}");
    audit(&server).await;
}
