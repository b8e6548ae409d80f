use offpay_operator::{
    identity::{AccessTokenId, Scope},
    storage::identity::{Spent, TokenStorage as _},
};
use offpay_protocol::Amount;
use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{delete, pass, register, text};

async fn give(server: &TestServer, token: &str, body: &Value) -> offpay_server::testing::Answer {
    server
        .post("/v1/access-tokens", Some(token), body)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn o66_a_token_does_what_its_scopes_say_and_nothing_about_signing_in() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let soon = server.app().now().get() + 3_600;
    for wrong in [
        json!({ "name": "shop", "scopes": ["pay"], "expires_at": soon }),
        json!({ "name": "shop", "scopes": ["read"], "budget": "5", "expires_at": soon }),
        json!({ "name": "shop", "scopes": [], "expires_at": soon }),
        json!({ "name": "", "scopes": ["read"], "expires_at": soon }),
        json!({ "name": "shop", "scopes": ["everything"], "expires_at": soon }),
        json!({ "name": "shop", "scopes": ["read"], "expires_at": 5 }),
        json!({ "name": "shop", "scopes": ["read"], "expires_at": soon + 400 * 86_400 }),
    ] {
        assert_eq!(
            give(&server, &ana.token, &wrong).await.code(),
            "invalid_request",
            "{wrong}"
        );
    }
    let body = json!({ "name": "till", "scopes": ["request"], "expires_at": soon });
    let till = give(&server, &ana.token, &body).await;
    assert_eq!(till.status, StatusCode::CREATED, "{}", till.text);
    let till = text(&till.body["token"]).to_owned();
    assert_eq!(
        server.get("/v1/me", Some(&till)).await.unwrap().code(),
        "scope_missing"
    );

    let body =
        json!({ "name": "books", "scopes": ["read", "pay"], "budget": "100", "expires_at": soon });
    let books = give(&server, &ana.token, &body).await;
    let id = text(&books.body["access_token"]["id"]).to_owned();
    let books = text(&books.body["token"]).to_owned();
    assert_eq!(
        server.get("/v1/me", Some(&books)).await.unwrap().status,
        StatusCode::OK
    );
    assert_eq!(give(&server, &books, &body).await.code(), "forbidden");
    for (path, body) in [
        (
            "/v1/me/password",
            json!({ "new": "another staple tonight" }),
        ),
        ("/v1/me/recovery-codes", json!({})),
        ("/v1/me/second-factor", json!({})),
    ] {
        let refused = server.post(path, Some(&books), &body).await.unwrap();
        assert_eq!(refused.code(), "forbidden", "{path}");
    }
    for path in ["/v1/sessions", "/v1/me/export", "/v1/access-tokens"] {
        assert_eq!(
            server.get(path, Some(&books)).await.unwrap().code(),
            "forbidden",
            "{path}"
        );
    }
    for path in ["/v1/sessions", "/v1/me/recovery", "/v1/me"] {
        assert_eq!(
            delete(&server, path, &books).await.code(),
            "forbidden",
            "{path}"
        );
    }

    let path = format!("/v1/access-tokens/{id}");
    let bea = register(&server, "bea").await;
    assert_eq!(delete(&server, &path, &bea.token).await.code(), "not_found");
    assert_eq!(
        delete(&server, &path, &ana.token).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        server.get("/v1/me", Some(&books)).await.unwrap().code(),
        "unauthorized"
    );

    // A session that is not fresh gives no token; and tokens end.
    pass(&server, 601);
    assert_eq!(
        give(&server, &ana.token, &body).await.code(),
        "sign_in_again"
    );
    pass(&server, 3_600);
    assert_eq!(
        server.get("/v1/me", Some(&till)).await.unwrap().code(),
        "unauthorized"
    );
}

/// However many spend at once, no more than the budget is spent; the same work costs once.
#[tokio::test(flavor = "multi_thread")]
async fn o67_a_budget_is_never_exceeded() {
    for engine in Engine::ALL {
        let server = TestServer::start_with(engine, |_| {}).await.unwrap();
        let ana = register(&server, "ana").await;
        let soon = server.app().now().get() + 3_600;
        let body =
            json!({ "name": "shop", "scopes": ["pay"], "budget": "100", "expires_at": soon });
        let given = give(&server, &ana.token, &body).await;
        let id: AccessTokenId = text(&given.body["access_token"]["id"]).parse().unwrap();
        let now = server.app().now();
        let spend = |work: String, amount| {
            let database = server.app().database.clone();
            tokio::spawn(async move {
                database
                    .spend_budget(id, &work, Amount::from_u64(amount), now)
                    .await
                    .unwrap()
            })
        };
        // Thirty works of 9 each, each asked for twice: eleven fit.
        let asked: Vec<_> = (0..60)
            .map(|n| (n % 30, spend(format!("work {}", n % 30), 9)))
            .collect();
        let mut paid = std::collections::BTreeSet::new();
        for (work, done) in asked {
            if let Spent::Yes { .. } = done.await.unwrap() {
                paid.insert(work);
            }
        }
        assert_eq!(paid.len(), 11, "{engine:?}");
        let database = &server.app().database;
        let tokens = database
            .access_tokens(given_user(&ana.answer))
            .await
            .unwrap();
        assert_eq!(tokens[0].spent, Amount::from_u64(99), "{engine:?}");

        let one = *paid.first().unwrap();
        let other = spend(format!("work {one}"), 8).await.unwrap();
        assert_eq!(other, Spent::Mismatch);
        database
            .release_budget(id, &format!("work {one}"))
            .await
            .unwrap();
        database
            .release_budget(id, &format!("work {one}"))
            .await
            .unwrap();
        let remaining = Amount::from_u64(10);
        let too_much = spend("more".to_owned(), 11).await.unwrap();
        assert_eq!(too_much, Spent::Exceeded { remaining });
        let all = spend("more".to_owned(), 10).await.unwrap();
        assert_eq!(
            all,
            Spent::Yes {
                remaining: Amount::ZERO
            }
        );
    }
}

fn given_user(answer: &Value) -> offpay_operator::UserId {
    text(&answer["user"]).parse().unwrap()
}

#[test]
fn every_scope_that_moves_money_is_known_to() {
    let moving: Vec<_> = Scope::ALL
        .into_iter()
        .filter(|scope| scope.moves_money())
        .collect();
    assert_eq!(moving, [Scope::Pay, Scope::Manage, Scope::Withdraw]);
}
