use offpay_server::testing::{Answer, TestServer};
use reqwest::StatusCode;
use serde_json::json;
use totp_rs::{Algorithm, Builder, Secret};

use crate::support::{PASSWORD, pass, register, sign_in, text};

fn code(secret: &str, now: u64) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build()
        .unwrap();
    totp.generate(now).to_string()
}

async fn with_code(server: &TestServer, code: &str) -> Answer {
    let body = json!({ "handle": "ana", "password": PASSWORD, "code": code });
    server.post("/v1/sessions", None, &body).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn o68_a_password_alone_is_not_enough_and_each_code_works_once() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let token = Some(ana.token.as_str());
    let begun = server
        .post("/v1/me/second-factor", token, &json!({}))
        .await
        .unwrap();
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
    let secret = text(&begun.body["secret"]).to_owned();
    assert!(text(&begun.body["link"]).contains(&secret));
    // Not on before it is confirmed: nobody is locked out by a QR code that was never scanned.
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.status,
        StatusCode::CREATED
    );
    let confirm = "/v1/me/second-factor/confirmation";
    let wrong = server
        .post(confirm, token, &json!({ "code": "abcdef" }))
        .await
        .unwrap();
    assert_eq!(wrong.code(), "sign_in_refused");
    let first = code(&secret, server.app().now().get());
    let right = server
        .post(confirm, token, &json!({ "code": first }))
        .await
        .unwrap();
    assert_eq!(right.status, StatusCode::NO_CONTENT, "{}", right.text);

    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.code(),
        "second_factor_required"
    );
    let wrong = sign_in(&server, "ana", "wrong horse battery").await;
    assert_eq!(
        wrong.code(),
        "sign_in_refused",
        "who has not the password is not told of the code"
    );
    assert_eq!(
        with_code(&server, &first).await.code(),
        "sign_in_refused",
        "it was used"
    );
    let now = pass(&server, 31).get();
    let second = code(&secret, now);
    assert_eq!(
        with_code(&server, &second).await.status,
        StatusCode::CREATED
    );
    assert_eq!(with_code(&server, &second).await.code(), "sign_in_refused");
    // An older code that was never used is not taken after a newer one.
    assert_eq!(
        with_code(&server, &code(&secret, now - 30)).await.code(),
        "sign_in_refused"
    );

    // Codes are guessed at no faster than passwords.
    let mut refused = 0;
    while with_code(&server, "000000").await.code() == "sign_in_refused" {
        refused += 1;
    }
    assert!(refused <= 5, "{refused}");
    let now = pass(&server, 3_600).get();
    assert_eq!(
        with_code(&server, &code(&secret, now)).await.status,
        StatusCode::CREATED
    );
    let now = pass(&server, 31).get();
    let body = json!({ "code": code(&secret, now) });
    let off = server
        .post("/v1/me/second-factor/end", token, &body)
        .await
        .unwrap();
    assert_eq!(off.status, StatusCode::NO_CONTENT, "{}", off.text);
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.status,
        StatusCode::CREATED
    );
}

/// Where money goes is not said by a session alone, where there is a second factor.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_confirmed_with_a_code() {
    let server = TestServer::start_with(offpay_store::testing::Engine::Sqlite, |config| {
        config.money.address_delay_s = 0;
    })
    .await
    .unwrap();
    let ana = register(&server, "ana").await;
    let token = Some(ana.token.as_str());
    let post =
        async |path: &str, body: &serde_json::Value| server.post(path, token, body).await.unwrap();
    let begun = post("/v1/me/second-factor", &json!({})).await;
    let secret = text(&begun.body["secret"]).to_owned();
    let first = json!({ "code": code(&secret, server.app().now().get()) });
    let on = post("/v1/me/second-factor/confirmation", &first).await;
    assert_eq!(on.status, StatusCode::NO_CONTENT, "{}", on.text);
    let address = "0x00000000000000000000000000000000000000aa";
    let added = post("/v1/addresses", &json!({ "address": address })).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let confirm = format!("/v1/addresses/{address}/confirm");
    for body in [json!({}), json!({ "code": null })] {
        let refused = post(&confirm, &body).await;
        assert_eq!(refused.code(), "second_factor_required", "{}", refused.text);
    }
    let bare = server
        .client()
        .post(server.url(&confirm))
        .bearer_auth(&ana.token);
    let bare = bare.send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED, "without a body");
    assert_eq!(
        post(&confirm, &first).await.code(),
        "sign_in_refused",
        "it was used"
    );
    let kept = server.get("/v1/addresses", token).await.unwrap();
    assert!(kept.body[0]["confirmed_at"].is_null(), "{}", kept.text);
    let now = pass(&server, 31).get();
    let right = post(&confirm, &json!({ "code": code(&secret, now) })).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.text);
    assert!(right.body["confirmed_at"].is_u64());
}
