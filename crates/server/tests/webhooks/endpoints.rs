//! The endpoints.

use offpay_operator::{admin::NewAction, storage::AdminStorage as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    receiver::Receiver,
    support::{User, happen, hook, register, start, start_with},
};

#[tokio::test(flavor = "multi_thread")]
async fn anothers_webhook_is_none() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let (ana, bob) = (
        register(&server, "ana").await,
        register(&server, "bob").await,
    );
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..1).await;
    receiver.called(1).await;
    let delivery = hook.deliveries(&server, &ana).await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let requests = [
        (Method::GET, hook.path(""), None),
        (
            Method::PATCH,
            hook.path(""),
            Some(json!({ "enabled": false })),
        ),
        (Method::DELETE, hook.path(""), None),
        (Method::POST, hook.path("/secret"), Some(json!({}))),
        (Method::GET, hook.path("/deliveries"), None),
        (
            Method::POST,
            hook.path(&format!("/deliveries/{delivery}/redelivery")),
            None,
        ),
        (Method::POST, hook.path("/test"), None),
    ];
    for (method, path, body) in requests {
        let answer = server
            .send(method.clone(), &path, Some(&bob.token), body.as_ref(), &[])
            .await
            .unwrap();
        assert_eq!(answer.code(), "not_found", "{method} {path}");
        let answer = server
            .send(method.clone(), &path, None, body.as_ref(), &[])
            .await
            .unwrap();
        assert_eq!(answer.code(), "unauthorized", "{method} {path}");
    }
    let listed = server.get("/v1/webhooks", Some(&bob.token)).await.unwrap();
    assert_eq!(listed.body["items"], json!([]));
    assert_eq!(hook.view(&server, &ana).await["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn listed_page_by_page_and_deleted() {
    let server = start_with(|config| config.webhooks.per_user = 3).await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let mut hooks = Vec::new();
    for _ in 0..3 {
        hooks.push(hook(&server, &ana, &receiver.url(), &[]).await);
    }
    let body = json!({ "url": receiver.url() });
    let refused = server
        .post("/v1/webhooks", Some(&ana.token), &body)
        .await
        .unwrap();
    assert_eq!(refused.code(), "too_many_webhooks");
    assert_eq!(refused.body["data"]["most"], 3);

    let mut listed: Vec<String> = Vec::new();
    let mut path = "/v1/webhooks?limit=2".to_owned();
    loop {
        let page = server.get(&path, Some(&ana.token)).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.text);
        let items = page.body["items"].as_array().unwrap();
        listed.extend(
            items
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/webhooks?limit=2&cursor={next}"),
            None => break,
        }
    }
    let made: Vec<_> = hooks.iter().map(|hook| hook.id.clone()).collect();
    assert_eq!(listed, made);

    for status in [204, 404] {
        let gone = server
            .send(
                Method::DELETE,
                &hooks[0].path(""),
                Some(&ana.token),
                None,
                &[],
            )
            .await
            .unwrap();
        assert_eq!(gone.status, status);
    }
    hook(&server, &ana, &receiver.url(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_page_by_page() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..5).await;
    receiver.called(5).await;
    let all = hook.deliveries(&server, &ana).await;
    let mut listed: Vec<Value> = Vec::new();
    let mut path = hook.path("/deliveries?limit=2");
    loop {
        let page = server.get(&path, Some(&ana.token)).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.text);
        listed.extend(page.body["items"].as_array().unwrap().clone());
        match page.body["next"].as_str() {
            Some(next) => path = hook.path(&format!("/deliveries?limit=2&cursor={next}")),
            None => break,
        }
    }
    let ids = |list: &[Value]| list.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&listed), ids(&all));
    let path = hook.path("/deliveries?state=skipped");
    let skipped = server.get(&path, Some(&ana.token)).await.unwrap();
    assert_eq!(skipped.body["items"], json!([]));
    for odd in ["state=lost", "cursor=x", "limit=x"] {
        let path = hook.path(&format!("/deliveries?{odd}"));
        let answer = server.get(&path, Some(&ana.token)).await.unwrap();
        assert_eq!(answer.code(), "invalid_request", "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_makes_one_webhook() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let body = json!({ "url": receiver.url() });
    let create = async || {
        server
            .send(
                Method::POST,
                "/v1/webhooks",
                Some(&ana.token),
                Some(&body),
                &[("idempotency-key", "the-one")],
            )
            .await
            .unwrap()
    };
    let first = create().await;
    assert_eq!(first.status, 201, "{}", first.text);
    let replayed = create().await;
    assert_eq!(replayed.body, first.body);
    // The answer was never kept: as after a crash.
    crate::support::pass(&server, 25 * 3_600);
    let again = create().await;
    assert_eq!(again.status, 201, "{}", again.text);
    assert_eq!(again.body["secret"], first.body["secret"]);
    assert_eq!(again.body["webhook"]["id"], first.body["webhook"]["id"]);
    let listed = server.get("/v1/webhooks", Some(&ana.token)).await.unwrap();
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_refused() {
    let server = start().await;
    let ana = register(&server, "ana").await;
    let url = "https://shop.example/hook";
    for body in [
        json!({}),
        json!({ "url": url, "kinds": ["payment.setled"] }),
        json!({ "url": url, "kinds": ["*"] }),
        json!({ "url": url, "kinds": vec!["payment.*"; 33] }),
        json!({ "url": url, "secret": "mine" }),
    ] {
        let answer = server
            .post("/v1/webhooks", Some(&ana.token), &body)
            .await
            .unwrap();
        assert_eq!(answer.code(), "invalid_request", "{body}");
    }
}

async fn give(server: &offpay_server::testing::TestServer, user: &User, scope: &str) -> String {
    let expires_at = server.app().now().get() + 3_600;
    let body = json!({ "name": "shop", "scopes": [scope], "expires_at": expires_at });
    let answer = server
        .post("/v1/access-tokens", Some(&user.token), &body)
        .await
        .unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_needs_the_scope() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let body = json!({ "url": receiver.url() });
    let reads = give(&server, &ana, "read").await;
    let refused = server
        .post("/v1/webhooks", Some(&reads), &body)
        .await
        .unwrap();
    assert_eq!(refused.code(), "scope_missing");
    let refused = server.get("/v1/webhooks", Some(&reads)).await.unwrap();
    assert_eq!(refused.code(), "scope_missing", "a URL can hold a secret");
    let token = give(&server, &ana, "webhooks").await;
    let made = server
        .post("/v1/webhooks", Some(&token), &body)
        .await
        .unwrap();
    assert_eq!(made.status, 201, "{}", made.text);
    let events = server.get("/v1/events", Some(&token)).await.unwrap();
    assert_eq!(events.code(), "scope_missing");

    server
        .app()
        .database
        .set_frozen(ana.id, true, &[], &freezing(), server.app().now())
        .await
        .unwrap();
    let frozen = server
        .post("/v1/webhooks", Some(&ana.token), &body)
        .await
        .unwrap();
    assert_eq!(frozen.code(), "account_frozen");
    let looks = server.get("/v1/webhooks", Some(&ana.token)).await.unwrap();
    assert_eq!(looks.status, 200);
}

fn freezing() -> NewAction {
    NewAction {
        actor: "anna".to_owned(),
        action: "user.freeze",
        subject: "ana".to_owned(),
        reason: "a court order".to_owned(),
        details: serde_json::json!({}),
        request: "r-1".to_owned(),
    }
}
