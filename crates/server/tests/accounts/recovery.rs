use offpay_server::testing::{Answer, TestServer};
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{PASSWORD, delete, pass, register, sign_in, text};

const NEW: &str = "another staple tonight";
const HOUR: u64 = 3_600;

async fn begin(server: &TestServer, handle: &str, code: &str) -> Answer {
    let body = json!({ "handle": handle, "code": code });
    server.post("/v1/recoveries", None, &body).await.unwrap()
}

async fn complete(server: &TestServer, token: &str) -> Answer {
    let body = json!({ "token": token, "password": NEW });
    server
        .post("/v1/recoveries/completion", None, &body)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn o69_a_recovery_waits_and_the_owner_is_told() {
    for engine in Engine::ALL {
        let mut server = TestServer::start_with(engine, |_| {}).await.unwrap();
        let ana = register(&server, "ana").await;
        let codes = ana.answer["recovery_codes"].as_array().unwrap();
        let wrong = begin(&server, "ana", "AAAAA-AAAAA-AAAAA-AAAAA").await;
        let nobody = begin(&server, "nobody", text(&codes[0])).await;
        assert_eq!(wrong.code(), "sign_in_refused");
        assert_eq!(wrong.body, nobody.body);
        let begun = begin(&server, "ana", text(&codes[0])).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
        let token = text(&begun.body["token"]).to_owned();

        // The owner sees it where they are signed in, and when they sign in.
        let me = server.get("/v1/me", Some(&ana.token)).await.unwrap();
        assert_eq!(me.body["recovery"]["ready_at"], begun.body["ready_at"]);
        assert_eq!(me.body["recovery_codes_left"], 9);
        let signed_in = sign_in(&server, "ana", PASSWORD).await;
        assert_eq!(
            signed_in.body["recovery"]["ready_at"],
            begun.body["ready_at"]
        );
        assert_eq!(
            begin(&server, "ana", text(&codes[1])).await.code(),
            "recovery_under_way"
        );

        // Not a second early, not even over a restart, and not with another password meanwhile.
        let early = complete(&server, &token).await;
        assert_eq!(early.code(), "recovery_too_early");
        assert_eq!(sign_in(&server, "ana", NEW).await.code(), "sign_in_refused");
        server.start_again().await.unwrap();
        let ready = begun.body["ready_at"].as_u64().unwrap();
        let left = ready - server.app().now().get();
        pass(&server, left - 1);
        assert_eq!(complete(&server, &token).await.code(), "recovery_too_early");
        pass(&server, 1);
        let done = complete(&server, &token).await;
        assert_eq!(done.status, StatusCode::CREATED, "{engine:?} {}", done.text);
        assert_eq!(done.body["account"], ana.answer["account"]);
        assert_eq!(
            complete(&server, &token).await.code(),
            "sign_in_refused",
            "once"
        );
        // What was signed in before is not any more; the old password is void.
        assert_eq!(
            server.get("/v1/me", Some(&ana.token)).await.unwrap().code(),
            "unauthorized"
        );
        assert_eq!(
            sign_in(&server, "ana", PASSWORD).await.code(),
            "sign_in_refused"
        );
        assert_eq!(
            sign_in(&server, "ana", NEW).await.status,
            StatusCode::CREATED
        );
        assert_eq!(
            begin(&server, "ana", text(&codes[0])).await.code(),
            "sign_in_refused",
            "used up"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o69_the_owner_cancels_a_recovery() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let bea = register(&server, "bea").await;
    let codes = ana.answer["recovery_codes"].as_array().unwrap();
    assert_eq!(
        delete(&server, "/v1/me/recovery", &ana.token).await.code(),
        "not_found"
    );
    let begun = begin(&server, "ana", text(&codes[0])).await;
    let token = text(&begun.body["token"]).to_owned();
    assert_eq!(
        delete(&server, "/v1/me/recovery", &bea.token).await.code(),
        "not_found"
    );
    let cancelled = delete(&server, "/v1/me/recovery", &ana.token).await;
    assert_eq!(cancelled.status, StatusCode::NO_CONTENT);
    pass(&server, 49 * HOUR);
    assert_eq!(complete(&server, &token).await.code(), "sign_in_refused");
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.status,
        StatusCode::CREATED
    );

    // One that nobody completes in time is over, and makes room.
    let begun = begin(&server, "ana", text(&codes[1])).await;
    let token = text(&begun.body["token"]).to_owned();
    pass(&server, 48 * HOUR + 7 * 24 * HOUR);
    assert_eq!(complete(&server, &token).await.code(), "sign_in_refused");
    assert_eq!(
        begin(&server, "ana", text(&codes[2])).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn new_codes_void_the_old_ones() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let new = server
        .post("/v1/me/recovery-codes", Some(&ana.token), &json!({}))
        .await
        .unwrap();
    assert_eq!(new.status, StatusCode::CREATED, "{}", new.text);
    let old = text(&ana.answer["recovery_codes"][0]);
    assert_eq!(begin(&server, "ana", old).await.code(), "sign_in_refused");
    let typed = text(&new.body["recovery_codes"][0])
        .to_lowercase()
        .replace('-', " ");
    assert_eq!(
        begin(&server, "ana", &typed).await.status,
        StatusCode::CREATED
    );
}
