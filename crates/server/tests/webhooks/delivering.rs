//! What is delivered.

use offpay_server::testing::eventually;
use offpay_store::testing::Engine;
use serde_json::json;

use crate::{
    receiver::{Call, Receiver},
    support::{happen, happens, hook, register, start, start_on},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_delivered_signed_and_in_order() {
    for engine in Engine::ALL {
        let server = start_on(engine, |_| {}).await;
        let receiver = Receiver::start().await;
        let ana = register(&server, "ana").await;
        happen(&server, &ana, 90..91).await;
        let hook = hook(&server, &ana, &receiver.url(), &[]).await;
        happen(&server, &ana, 0..20).await;
        let calls = receiver.called(20).await;
        let numbers: Vec<_> = calls.iter().map(Call::number).collect();
        assert_eq!(
            numbers,
            (0..20).collect::<Vec<_>>(),
            "{engine:?}: from now on, in order"
        );

        let events = server
            .get("/v1/events?limit=200", Some(&ana.token))
            .await
            .unwrap();
        for call in &calls {
            assert!(call.is_signed_with(&hook.secret));
            assert!(!call.is_signed_with("whsec_AAAA"));
            let time: u64 = call.timestamp.parse().unwrap();
            assert!(server.app().now().get().abs_diff(time) < 30);
            let listed = events.body["items"].as_array().unwrap();
            assert!(listed.contains(&call.event()), "as the log has it");
        }
        let mut ids: Vec<_> = calls.iter().map(|call| &call.id).collect();
        assert!(
            ids.iter()
                .all(|id| id.starts_with("msg_") && !id.contains('.'))
        );
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 20, "each has a name of its own");

        let deliveries = eventually("all noted", || async {
            let deliveries = hook.deliveries(&server, &ana).await;
            let done = deliveries.iter().all(|one| one["state"] == "delivered");
            (deliveries.len() == 20 && done).then_some(deliveries)
        })
        .await;
        assert_eq!(
            deliveries[0]["message"],
            json!(calls[19].id),
            "newest first"
        );
        assert_eq!(deliveries[0]["attempts"], 1);
        assert_eq!(deliveries[0]["status"], 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_chosen_and_only_ones_own() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let (ana, bob) = (
        register(&server, "ana").await,
        register(&server, "bob").await,
    );
    hook(
        &server,
        &ana,
        &receiver.url(),
        &["operation.*", "payment.cleared"],
    )
    .await;
    happens(&server, &bob, "payment.cleared", 100).await;
    happens(&server, &ana, "payment.received", 0).await;
    happens(&server, &ana, "payment.cleared", 1).await;
    happens(&server, &ana, "account.signed_in", 2).await;
    happens(&server, &ana, "operation.mined", 3).await;
    happens(&server, &ana, "operation.final", 4).await;
    let calls = receiver.called(3).await;
    let numbers: Vec<_> = calls.iter().map(Call::number).collect();
    assert_eq!(numbers, [1, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_comes_whatever_was_chosen_and_to_the_one_alone() {
    let server = start().await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let ana = register(&server, "ana").await;
    let chosen = hook(&server, &ana, &receiver.url(), &["payment.cleared"]).await;
    hook(&server, &ana, &other.url(), &["webhook.test", "payment.*"]).await;
    let path = chosen.path("/test");
    let key = [("idempotency-key", "one-test")];
    for _ in 0..2 {
        let answer = server
            .send(reqwest::Method::POST, &path, Some(&ana.token), None, &key)
            .await
            .unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        assert_eq!(answer.body["kind"], "webhook.test");
    }
    happens(&server, &ana, "payment.cleared", 7).await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[0].kind(), "webhook.test");
    assert_eq!(calls[0].event()["body"]["webhook"], chosen.id.as_str());
    assert!(calls[0].is_signed_with(&chosen.secret));
    assert_eq!(calls[1].number(), 7);
    assert_eq!(other.called(1).await[0].number(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn something_is_delivered_again_under_the_same_name() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..2).await;
    receiver.called(2).await;
    let first = eventually("both noted", || async {
        let deliveries = hook.deliveries(&server, &ana).await;
        let done = deliveries.iter().all(|one| one["state"] == "delivered");
        (deliveries.len() == 2 && done).then(|| deliveries[1].clone())
    })
    .await;
    let id = first["id"].as_str().unwrap();
    let path = hook.path(&format!("/deliveries/{id}/redelivery"));
    let again = server
        .post(&path, Some(&ana.token), &json!({}))
        .await
        .unwrap();
    assert_eq!(again.status, 202, "{}", again.text);
    assert_eq!(again.body["state"], "pending");
    let calls = receiver.called(3).await;
    assert_eq!(calls[2].id, calls[0].id);
    assert_eq!(calls[2].body, calls[0].body);
}
