//! Every error is a problem; headers make browsers careful; other origins call only where they may.

use offpay_api::Code;
use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::{Method, StatusCode};

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_are_problems() {
    let server = TestServer::start().await.unwrap();
    let missing = server.get("/v1/nothing", None).await.unwrap();
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.code(), "not_found");
    assert_eq!(missing.headers["content-type"], "application/problem+json");
    assert_eq!(missing.body["type"], "/problems/not_found");
    let method = server
        .send(Method::DELETE, "/healthz", None, None, &[])
        .await
        .unwrap();
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(method.code(), "method_not_allowed");
    assert!(method.headers.contains_key("allow"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_problem_has_its_page() {
    let server = TestServer::start().await.unwrap();
    let all = server.get("/problems", None).await.unwrap();
    for code in Code::ALL {
        let page = server
            .get(&format!("/problems/{}", code.name()), None)
            .await
            .unwrap();
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains(code.title()));
        assert!(all.text.contains(code.name()));
    }
    let none = server.get("/problems/%3Cscript%3E", None).await.unwrap();
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_make_browsers_careful() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.http.public_url = Some("https://pay.example".into());
    })
    .await
    .unwrap();
    for path in ["/healthz", "/v1/nothing"] {
        let answer = server.get(path, None).await.unwrap();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"));
        assert!(answer.headers.contains_key("strict-transport-security"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_are_taken_over_or_made() {
    let server = TestServer::start().await.unwrap();
    let given = server
        .send(
            Method::GET,
            "/healthz",
            None,
            None,
            &[("x-request-id", "mine-1")],
        )
        .await
        .unwrap();
    assert_eq!(given.headers["x-request-id"], "mine-1");
    let odd = server
        .send(
            Method::GET,
            "/healthz",
            None,
            None,
            &[("x-request-id", "a b\"{}")],
        )
        .await
        .unwrap();
    let made = odd.headers["x-request-id"].to_str().unwrap();
    assert!(made.parse::<uuid::Uuid>().is_ok(), "{made}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_configured_origins_may_call() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.http.cors_origins = vec!["https://shop.example".into()];
    })
    .await
    .unwrap();
    for (origin, may) in [
        ("https://shop.example", true),
        ("https://evil.example", false),
    ] {
        let asked = server
            .send(
                Method::OPTIONS,
                "/healthz",
                None,
                None,
                &[
                    ("origin", origin),
                    ("access-control-request-method", "POST"),
                    ("access-control-request-headers", "idempotency-key"),
                ],
            )
            .await
            .unwrap();
        let allowed = asked.headers.get("access-control-allow-origin");
        assert_eq!(allowed.is_some(), may, "{origin}");
        assert!(
            !asked
                .headers
                .contains_key("access-control-allow-credentials")
        );
    }
}
