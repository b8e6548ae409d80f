//! Payments are handed in.

use offpay_api::payments::{ClearedPayments, ClearingResult, SeenPayment, SeenState};
use offpay_protocol::{Signed, conflict::conflict, messages::Payment};
use offpay_server::testing::{TestServer, eventually};
use offpay_store::testing::Engine;
use serde_json::{Value, json};

use super::support::{World, key, units};

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_cleared_and_the_same_one_again_is_the_same() {
    let mut world = World::new(Engine::Sqlite).await;
    let (ana, stranger) = (key("ana"), key("stranger"));
    let purse = world.purse(&ana).await;
    let payment = world.pay(&ana, 7, 0, 10);
    let first = world.clear(&payment).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let cleared = world.cleared(&payment, &first.text).await;
    assert_eq!(cleared.purse, purse);
    assert_eq!(world.clear(&payment).await.body, first.body);
    // A key is not needed, and one that was used for another payment does not matter.
    let other = world.pay(&ana, 8, 10, 5);
    for payment in [&payment, &other] {
        let body = json!({ "payment": payment });
        let headers = &[("idempotency-key", "the same")];
        let answer = world
            .server
            .send(
                reqwest::Method::POST,
                "/v1/payments",
                None,
                Some(&body),
                headers,
            )
            .await
            .unwrap();
        world.cleared(payment, &answer.text).await;
    }
    // It can be looked up, by purse and name together.
    let path = format!("/v1/payments/{purse}/{}", cleared.id);
    let seen = world.server.get(&path, None).await.unwrap();
    let seen: SeenPayment = serde_json::from_str(&seen.text).unwrap();
    assert_eq!((seen.payment, seen.state), (payment, SeenState::Cleared));
    assert_eq!(seen.cleared.as_ref(), Some(&cleared));
    let none = format!("/v1/payments/{}/{}", stranger.address(), cleared.id);
    assert_eq!(
        world.server.get(&none, None).await.unwrap().code(),
        "not_found"
    );
    // A restart changes nothing.
    world.server.start_again().await.unwrap();
    assert_eq!(world.clear(&payment).await.body, first.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_it_is() {
    let world = World::new(Engine::Sqlite).await;
    let (ana, stranger) = (key("ana"), key("stranger"));
    let purse = world.purse(&ana).await;
    let unknown = world.clear(&world.pay(&stranger, 7, 0, 10)).await;
    assert_eq!(unknown.code(), "unknown_purse");
    assert!(unknown.body["retryable"].as_bool().unwrap());
    let beyond = world.pay(&ana, 7, 95, 10);
    let refused = world.clear(&beyond).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "beyond_funds")
    );
    assert_eq!(refused.body["data"]["funds"], json!(units(100)));
    let path = format!(
        "/v1/payments/{purse}/{}",
        beyond.message.id(world.contract.domain())
    );
    let kept = world.server.get(&path, None).await.unwrap();
    assert_eq!(kept.body["state"], "kept_for_funds", "{}", kept.text);
    let mut foreign = world.pay(&ana, 7, 0, 10);
    foreign.domain = offpay_protocol::Domain::new(1, [1; 20].into());
    assert_eq!(world.clear(&foreign).await.code(), "foreign_domain");
    let nothing = world.pay(&ana, 7, 0, 0);
    assert_eq!(world.clear(&nothing).await.code(), "payment_nothing_paid");
    let garbage = json!({ "payment": { "message": 1 } });
    let garbage = world.server.post("/v1/payments", None, &garbage).await;
    assert_eq!(garbage.unwrap().code(), "invalid_request");
}

/// Each over a connection of its own.
async fn at_once(
    server: &TestServer,
    payments: [&Signed<Payment>; 2],
) -> [(reqwest::StatusCode, Value); 2] {
    let post = |payment: &Signed<Payment>| {
        let client = reqwest::Client::new();
        let (url, body) = (server.url("/v1/payments"), json!({ "payment": payment }));
        async move {
            let answer = client.post(url).json(&body).send().await.unwrap();
            (answer.status(), answer.json().await.unwrap())
        }
    };
    let (one, other) = tokio::join!(post(payments[0]), post(payments[1]));
    [one, other]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_conflict_one_is_cleared_and_the_purse_is_stopped_on_chain() {
    for engine in Engine::ALL {
        let world = World::new(engine).await;
        let mallory = key("mallory");
        let purse = world.purse(&mallory).await;
        let pair = [world.pay(&mallory, 7, 0, 10), world.pay(&mallory, 8, 0, 10)];
        let answers = at_once(&world.server, [&pair[0], &pair[1]]).await;
        let won = answers.iter().position(|(status, _)| *status == 200);
        let won = won.unwrap_or_else(|| panic!("{engine:?}: none is cleared: {answers:?}"));
        world.cleared(&pair[won], &answers[won].1.to_string()).await;
        let (status, refused) = &answers[1 - won];
        assert_eq!(
            (status.as_u16(), &refused["code"]),
            (409, &json!("double_spend"))
        );
        // Anybody can check the evidence.
        let evidence = &refused["data"]["evidence"];
        let signed = |which: &str| -> Signed<Payment> {
            serde_json::from_value(evidence[which].clone()).unwrap()
        };
        let (first, second) = (signed("first"), signed("second"));
        assert_eq!((first, second), (pair[won], pair[1 - won]), "{engine:?}");
        assert_eq!((first.signer(), second.signer()), (Ok(purse), Ok(purse)));
        assert!(conflict(&first.message, &second.message).is_some());
        // Whatever comes next: the same answers, and nothing new.
        let again = world.clear(&pair[won]).await;
        assert_eq!(again.body, answers[won].1);
        assert_eq!(world.clear(&pair[1 - won]).await.code(), "double_spend");
        let next = world.clear(&world.pay(&mallory, 9, 50, 5)).await;
        assert_eq!(next.code(), "purse_stopped");
        assert_eq!(next.body["data"]["evidence"], *evidence);
        assert_eq!(world.certificate(purse).await.code(), "purse_stopped");
        // The report was queued with the refusal, and reaches the chain by itself.
        eventually("the purse is reported on-chain", || async {
            let state = world.contract.purse(purse).await.unwrap()?;
            (state.reported && state.closes_at.is_some()).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_each_row_for_itself() {
    let world = World::new(Engine::Sqlite).await;
    let (ana, stranger) = (key("ana"), key("stranger"));
    world.purse(&ana).await;
    let rows = [
        json!(world.pay(&ana, 7, 0, 10)),
        json!({ "no": "payment" }),
        json!(world.pay(&stranger, 7, 0, 10)),
        json!(world.pay(&ana, 8, 0, 10)),
        json!(world.pay(&ana, 7, 0, 10)),
    ];
    let body = json!({ "payments": rows });
    let answer = world.server.post("/v1/payments/batch", None, &body).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer: ClearedPayments = serde_json::from_str(&answer.text).unwrap();
    let said: Vec<_> = answer
        .results
        .iter()
        .map(|result| match result {
            ClearingResult::Cleared(_) => "cleared",
            ClearingResult::Problem(problem) => problem.code.name(),
        })
        .collect();
    assert_eq!(
        said,
        [
            "cleared",
            "invalid_request",
            "unknown_purse",
            "double_spend",
            "cleared"
        ]
    );
    let ClearingResult::Cleared(first) = &answer.results[0] else {
        panic!("{said:?}");
    };
    let text = serde_json::to_string(first).unwrap();
    world.cleared(&world.pay(&ana, 7, 0, 10), &text).await;
    assert_eq!(answer.results[0], answer.results[4]);
    let ClearingResult::Problem(refused) = &answer.results[3] else {
        panic!("{said:?}");
    };
    assert_eq!(refused.data["evidence"]["first"], rows[0]);
    // 1,000 are taken together, and no more.
    for (count, status) in [(1_000, 200), (1_001, 400), (0, 200)] {
        let body = json!({ "payments": vec![&rows[2]; count] });
        let answer = world.server.post("/v1/payments/batch", None, &body).await;
        assert_eq!(answer.unwrap().status, status, "{count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_have_a_limit_of_their_own() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.http.requests_per_minute = 3;
        config.clearing.requests_per_minute = 20;
    })
    .await
    .unwrap();
    let body = json!({ "payments": [] });
    let mut taken = 0;
    for _ in 0..100 {
        let answer = server
            .post("/v1/payments/batch", None, &body)
            .await
            .unwrap();
        if answer.code() == "rate_limited" {
            break;
        }
        taken += 1;
    }
    assert!((20..100).contains(&taken), "{taken}");
    // They took nothing from the others.
    let other = server.get("/v1/operator", None).await.unwrap();
    assert_eq!(other.status, 200);
}
