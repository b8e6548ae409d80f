//! Channels of hosted users, over HTTP.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use offpay_protocol::Seconds;
use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    channel_support::{channel, funded, id_of, offer, open_when, pay, told},
    support::{ADMIN, ONE, User, audit, server, server_on, units},
};

#[tokio::test(flavor = "multi_thread")]
async fn from_opening_to_closing_together() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
        let code = offer(&server, &ben, Some("@ana")).await;
        let offered = ana.get(&server, "/v1/events?limit=200").await;
        let offered = offered["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(offered["kind"], "channel.offered", "{offered}");
        assert_eq!(offered["body"]["code"], code.as_str());
        assert_eq!(offered["body"]["handle"], "ben");
        let body = json!({ "offer": code, "deposit": (50 * ONE).to_string() });
        let opened = ana.done(&server, "/v1/channels", &body).await;
        let id = id_of(&opened);
        let state = opened["channel"]["state"].as_str().unwrap();
        assert!(["opening", "open"].contains(&state), "{state}");
        assert_eq!(opened["operation"]["kind"], "open_channel");
        let again = ana.post(&server, "/v1/channels", &body).await;
        assert_eq!(again.code(), "channel_offer_taken", "{}", again.text);

        let path = format!("/v1/channels/{id}");
        let view = open_when(&server, &ben, &id, |view| units(&view["receivable"]) > 0).await;
        assert_eq!(view["side"], "b");
        assert_eq!(view["counterparty_handle"], "ana");
        assert_eq!(view["state"], "open");
        let account = ana.account(&server).await;
        assert_eq!(units(&account["balance"]["available"]), 150 * ONE);
        assert_eq!(units(&account["channels"]["locked"]), 50 * ONE);
        ben.done(
            &server,
            &format!("{path}/funds"),
            &json!({ "amount": (10 * ONE).to_string() }),
        )
        .await;
        open_when(&server, &ben, &id, |view| {
            units(&view["available"]) == 10 * ONE
        })
        .await;

        let paid = pay(&server, &ana, &id, 20 * ONE).await;
        assert_eq!(paid["direction"], "out");
        assert_eq!(units(&paid["cumulative"]), 20 * ONE);
        // What came in is paid on: more than ben put in.
        pay(&server, &ben, &id, 25 * ONE).await;
        let back = pay(&server, &ana, &id, ONE).await;
        assert_eq!(units(&back["cumulative"]), 21 * ONE);
        let seen = ben.get(&server, &path).await;
        assert_eq!(units(&seen["received"]), 21 * ONE);
        assert_eq!(units(&seen["sent"]), 25 * ONE);
        assert_eq!(units(&seen["available"]), 6 * ONE);
        assert_eq!(units(&seen["receivable"]), 54 * ONE);
        let history = ben.get(&server, &format!("{path}/payments?limit=2")).await;
        assert_eq!(history["items"][0]["direction"], "in");
        assert_eq!(history["items"][1]["direction"], "out");
        let rest = history["next"].as_str().unwrap();
        let rest = format!("{path}/payments?cursor={rest}");
        assert_eq!(
            ben.get(&server, &rest).await["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        let account = ben.account(&server).await;
        assert_eq!(units(&account["channels"]["locked"]), 6 * ONE);
        audit(&server).await;

        let together = format!("{path}/close-together");
        let proposed = ben.post(&server, &together, &json!({})).await;
        assert_eq!(proposed.status, StatusCode::OK, "{}", proposed.text);
        assert_eq!(proposed.body["close"]["agreed"], false);
        let same = ben.post(&server, &together, &json!({})).await;
        assert_eq!(same.body["close"], proposed.body["close"], "signed once");
        for user in [&ana, &ben] {
            let refused = user
                .post(&server, &format!("{path}/pay"), &json!({ "amount": "1" }))
                .await;
            assert_eq!(refused.code(), "channel_close_signed", "{}", refused.text);
        }
        let agreed = ana.post(&server, &together, &json!({})).await;
        assert_eq!(agreed.status, StatusCode::ACCEPTED, "{}", agreed.text);
        ana.wait(&server, agreed.body["operation"]["id"].as_str().unwrap())
            .await;
        open_when(&server, &ana, &id, |view| view["state"] == "closed").await;
        for (user, balance) in [(&ana, 204), (&ben, 196)] {
            let account = user
                .account_when(&server, "paid out", |account| {
                    units(&account["balance"]["final"]) == balance * ONE
                })
                .await;
            assert_eq!(units(&account["channels"]["locked"]), 0);
        }
        let closed = ana
            .post(&server, &format!("{path}/pay"), &json!({ "amount": "1" }))
            .await;
        assert_eq!(closed.code(), "channel_closing", "{}", closed.text);
        audit(&server).await;
        let list = ben.get(&server, "/v1/channels").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);

        let kinds = told(&server, &ben).await;
        for kind in ["opened", "funded", "paid", "received", "closed"] {
            let kind = format!("channel.{kind}");
            assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
        }
        let once = kinds.iter().filter(|kind| *kind == "channel.closed");
        assert_eq!(once.count(), 1, "{kinds:?}");
        let kinds = told(&server, &ana).await;
        assert!(
            kinds.contains(&"channel.close_proposed".to_owned()),
            "{kinds:?}"
        );
    }
}

/// **O101** over HTTP: whatever is asked at once, no number is signed twice, and nothing is lost between the two ends.
#[tokio::test(flavor = "multi_thread")]
async fn payments_at_once_have_one_number_each() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
        let id = channel(&server, &ana, &ben, 100).await;
        pay(&server, &ana, &id, 50).await;
        let ways = (0..24).map(|n| if n % 3 == 0 { &ben } else { &ana });
        let paid = join_all(ways.map(|user| pay(&server, user, &id, 1))).await;
        let numbers: BTreeSet<(String, u128)> = paid
            .iter()
            .map(|paid| {
                let signer = paid["voucher"]["signature"].as_str().unwrap();
                assert!(!signer.is_empty());
                let by_ana = units(&paid["cumulative"]) > 50;
                (by_ana.to_string(), units(&paid["cumulative"]))
            })
            .collect();
        assert_eq!(numbers.len(), 24, "{numbers:?}");
        let view = ana.get(&server, &format!("/v1/channels/{id}")).await;
        assert_eq!(units(&view["sent"]), 66);
        assert_eq!(units(&view["received"]), 8);
        assert_eq!(units(&view["available"]), 42);
        // All that is left, asked for twice at once: one of them.
        let most = json!({ "amount": "42" });
        let path = format!("/v1/channels/{id}/pay");
        let both = join_all([(); 2].map(|()| ana.post(&server, &path, &most))).await;
        let done = both.iter().filter(|one| one.status == StatusCode::CREATED);
        assert_eq!(done.count(), 1, "{both:?}");
        let short = both
            .iter()
            .find(|one| one.status != StatusCode::CREATED)
            .unwrap();
        assert_eq!(short.code(), "insufficient_funds");
        audit(&server).await;
    }
}

async fn keyed(server: &TestServer, user: &User, path: &str, body: &Value) -> Value {
    let headers = [("idempotency-key", "once")];
    let token = Some(user.token.as_str());
    let sent = server.send(Method::POST, path, token, Some(body), &headers);
    let answer = sent.await.unwrap();
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_pays_once() {
    let server = server().await;
    let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
    let id = channel(&server, &ana, &ben, 100).await;
    let path = format!("/v1/channels/{id}/pay");
    let body = json!({ "amount": "9" });
    let first = keyed(&server, &ana, &path, &body).await;
    // The kept answer is lost, as in a crash before it was kept: the voucher is not.
    forget_answers(&server).await;
    let again = keyed(&server, &ana, &path, &body).await;
    assert_eq!(again, first);
    let view = ana.get(&server, &format!("/v1/channels/{id}")).await;
    assert_eq!(units(&view["sent"]), 9);
}

/// As if the server had been cut off after the work and before its answer was kept.
async fn forget_answers(server: &TestServer) {
    use offpay_operator::storage::idempotency::IdempotencyStorage as _;
    let app = server.app();
    let later = app.now().saturating_add(Seconds::days(30));
    app.database.forget_old_requests(later).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_why() {
    let server = server_on(Engine::Sqlite, |config| config.money.channels = 2).await;
    let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
    let cleo = funded(&server, "cleo").await;
    let open = |body: Value| {
        let (ana, server) = (&ana, &server);
        async move { ana.post(server, "/v1/channels", &body).await }
    };
    for body in [
        json!({ "deposit": "5" }),
        json!({ "deposit": "5", "with": "@ben", "offer": "OP1:X" }),
        json!({ "deposit": "5", "offer": "OP1:NONSENSE" }),
        json!({ "deposit": "0", "with": "@ben" }),
        json!({ "deposit": "5", "with": "@ana" }),
        json!({ "deposit": "5", "with": "@ben", "close_delay": 60 }),
    ] {
        let refused = open(body.clone()).await;
        assert_eq!(
            refused.code(),
            "invalid_request",
            "{body}: {}",
            refused.text
        );
    }
    let nobody = open(json!({ "deposit": "5", "with": "@nobody" })).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let poor = json!({ "deposit": (201 * ONE).to_string(), "with": "@ben" });
    assert_eq!(open(poor).await.code(), "insufficient_funds");

    // One way, to ben: he can be paid, and pays nothing.
    let body = json!({ "deposit": "100", "with": "@ben" });
    let opened = ana.post(&server, "/v1/channels", &body).await;
    assert_eq!(opened.status, StatusCode::ACCEPTED, "{}", opened.text);
    let id = id_of(&opened.body);
    let path = format!("/v1/channels/{id}");
    let early = ana
        .post(&server, &format!("{path}/pay"), &json!({ "amount": "1" }))
        .await;
    assert_eq!(early.code(), "channel_not_open", "{}", early.text);
    assert_eq!(early.body["retryable"], true);
    open_when(&server, &ana, &id, |view| units(&view["available"]) == 100).await;
    let post = async |user: &User, what: &str, body: Value| {
        user.post(&server, &format!("{path}{what}"), &body).await
    };
    let short = post(&ana, "/pay", json!({ "amount": "101" })).await;
    assert_eq!(short.code(), "insufficient_funds");
    assert_eq!(short.body["data"]["available"], "100");
    let nothing = post(&ana, "/pay", json!({ "amount": "0" })).await;
    assert_eq!(nothing.code(), "invalid_request");
    let back = post(&ben, "/pay", json!({ "amount": "1" })).await;
    assert_eq!(back.code(), "channel_one_way", "{}", back.text);
    assert_eq!(
        post(&ben, "/funds", json!({ "amount": "1" })).await.code(),
        "channel_one_way"
    );
    let together = post(&ana, "/close-together", json!({})).await;
    assert_eq!(together.code(), "close_refused");
    assert_eq!(together.body["data"]["code"], "channel_one_way_close");
    let early = post(&ana, "/finalize", json!({})).await;
    assert_eq!(early.code(), "operation_refused", "{}", early.text);
    assert_eq!(early.body["data"]["code"], "NotFinalizable");
    let nothing = post(&ben, "/present", json!({})).await;
    assert_eq!(
        nothing.body["data"]["code"], "NothingNew",
        "{}",
        nothing.text
    );

    // It is nobody else's.
    for what in ["/pay", "/funds"] {
        let stranger = post(&cleo, what, json!({ "amount": "1" })).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "{}", stranger.text);
    }
    assert_eq!(
        post(&cleo, "/close", json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let hidden = server.get(&path, Some(&cleo.token)).await.unwrap();
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);

    // As many as one user may have, and no more.
    let code = offer(&server, &ana, None).await;
    assert!(code.starts_with("OP1:"));
    let more = ana.post(&server, "/v1/channels/offers", &json!({})).await;
    assert_eq!(more.code(), "channel_limit", "{}", more.text);

    // Who is frozen moves nothing.
    pay(&server, &ana, &id, 30).await;
    let me = ana.get(&server, "/v1/me").await;
    let frozen = format!("/v1/admin/users/{}/freeze", me["user"].as_str().unwrap());
    let reason = json!({ "reason": "a test" });
    let answer = server.post(&frozen, Some(ADMIN), &reason).await.unwrap();
    assert!(answer.status.is_success(), "{}", answer.text);
    for what in ["/pay", "/funds"] {
        let refused = post(&ana, what, json!({ "amount": "1" })).await;
        assert_eq!(refused.code(), "account_frozen", "{}", refused.text);
    }
    assert_eq!(
        post(&ana, "/close", json!({})).await.code(),
        "account_frozen"
    );
    assert_eq!(ana.get(&server, &path).await["state"], "open");

    // Ben has his at once, and ana the rest.
    let closed = post(&ben, "/close", json!({})).await;
    assert_eq!(closed.status, StatusCode::ACCEPTED, "{}", closed.text);
    ben.wait(&server, closed.body["id"].as_str().unwrap()).await;
    ben.account_when(&server, "ben is paid", |account| {
        units(&account["balance"]["final"]) == 200 * ONE + 30
    })
    .await;
    ana.account_when(&server, "the rest is back", |account| {
        units(&account["balance"]["final"]) == 200 * ONE - 30
    })
    .await;
    audit(&server).await;
}

/// An access token pays in channels within its budget, and opens none without the scope.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_pay_within_their_budget() {
    let server = server().await;
    let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
    let id = channel(&server, &ana, &ben, 100).await;
    let soon = server.app().now().get() + 3_600;
    let body =
        json!({ "name": "till", "scopes": ["read", "pay"], "budget": "10", "expires_at": soon });
    let made = ana.post(&server, "/v1/access-tokens", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let till = User {
        token: made.body["token"].as_str().unwrap().to_owned(),
        account: ana.account.clone(),
    };
    pay(&server, &till, &id, 7).await;
    let path = format!("/v1/channels/{id}/pay");
    let short = till.post(&server, &path, &json!({ "amount": "101" })).await;
    assert_eq!(short.code(), "insufficient_funds");
    let more = till.post(&server, &path, &json!({ "amount": "4" })).await;
    assert_eq!(more.code(), "budget_exceeded", "{}", more.text);
    pay(&server, &till, &id, 3).await;
    let open = json!({ "deposit": "1", "with": "@ben" });
    let refused = till.post(&server, "/v1/channels", &open).await;
    assert_eq!(refused.code(), "scope_missing");
    let close = format!("/v1/channels/{id}/close");
    assert_eq!(
        till.post(&server, &close, &json!({})).await.code(),
        "scope_missing"
    );
}

/// An account with an open channel is not deleted: its keys are needed.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_channel_is_not_deleted() {
    let server = server().await;
    let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
    let ana_has = json!({ "deposit": (200 * ONE).to_string(), "with": "@ben" });
    let opened = ana.done(&server, "/v1/channels", &ana_has).await;
    let id = id_of(&opened);
    open_when(&server, &ana, &id, |view| units(&view["available"]) > 0).await;
    let delete = async |user: &User| {
        let token = Some(user.token.as_str());
        server
            .send(Method::DELETE, "/v1/me", token, None, &[])
            .await
            .unwrap()
    };
    let refused = delete(&ana).await;
    assert_eq!(refused.code(), "money_held", "{}", refused.text);
    let account = ana.account(&server).await;
    assert_eq!(
        units(&account["balance"]["final"]),
        0,
        "only the channel has it"
    );
    assert_eq!(delete(&ben).await.code(), "money_held");
}
