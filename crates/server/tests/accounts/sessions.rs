use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{PASSWORD, delete, pass, register, sign_in, text};

#[tokio::test(flavor = "multi_thread")]
async fn registered_signed_in_and_out_on_both_engines() {
    for engine in Engine::ALL {
        let mut server = TestServer::start_with(engine, |_| {}).await.unwrap();
        let ana = register(&server, "Ana").await;
        assert_eq!(ana.answer["handle"], "ana");
        assert_eq!(ana.answer["recovery_codes"].as_array().unwrap().len(), 10);
        let me = server.get("/v1/me", Some(&ana.token)).await.unwrap();
        assert_eq!(me.status, StatusCode::OK, "{}", me.text);
        assert_eq!(me.body["account"], ana.answer["account"]);
        assert_eq!(me.body["custody"], "hosted");
        assert_eq!(me.body["recovery_codes_left"], 10);

        let taken = server
            .post(
                "/v1/users",
                None,
                &json!({ "handle": "aNA", "password": PASSWORD }),
            )
            .await
            .unwrap();
        assert_eq!(taken.code(), "handle_taken");
        for (handle, password, code) in [
            ("x", PASSWORD, "invalid_request"),
            ("a b c", PASSWORD, "invalid_request"),
            ("bea", "short", "password_refused"),
            ("beatrix", "beatrix123", "password_refused"),
        ] {
            let refused = server
                .post(
                    "/v1/users",
                    None,
                    &json!({ "handle": handle, "password": password }),
                )
                .await
                .unwrap();
            assert_eq!(refused.code(), code, "{handle}");
        }

        // Everything is there after a restart.
        server.start_again().await.unwrap();
        let again = sign_in(&server, "ana", PASSWORD).await;
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
        assert_eq!(again.body["account"], ana.answer["account"]);
        let token = text(&again.body["token"]).to_owned();
        let out = delete(&server, "/v1/sessions/current", &token).await;
        assert_eq!(out.status, StatusCode::NO_CONTENT);
        let gone = server.get("/v1/me", Some(&token)).await.unwrap();
        assert_eq!(gone.code(), "unauthorized");
        let other = server.get("/v1/me", Some(&ana.token)).await.unwrap();
        assert_eq!(other.status, StatusCode::OK, "only one session ended");
    }
}

/// Nobody is told whether a handle exists, and no token of a kind opens what another kind does.
#[tokio::test(flavor = "multi_thread")]
async fn o63_wrong_is_wrong_whoever_asks() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let wrong = sign_in(&server, "ana", "wrong horse battery").await;
    let nobody = sign_in(&server, "nobody", "wrong horse battery").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!((wrong.status, &wrong.body), (nobody.status, &nobody.body));
    for token in [
        "",
        "ops_",
        "nothing",
        &ana.token[1..],
        &ana.token.replace("ops_", "opt_"),
    ] {
        let refused = server.get("/v1/me", Some(token)).await.unwrap();
        assert_eq!(refused.code(), "unauthorized", "{token}");
    }
    let none = server.get("/v1/me", None).await.unwrap();
    assert_eq!(none.code(), "unauthorized");
}

/// A session that somebody was led into is not the one that signing in opens.
#[tokio::test(flavor = "multi_thread")]
async fn o64_signing_in_opens_a_new_session_whatever_was_sent() {
    let server = TestServer::start().await.unwrap();
    let mallory = register(&server, "mallory").await;
    register(&server, "ana").await;
    let planted = format!("__Host-offpay={}", mallory.token);
    let answer = server
        .send(
            Method::POST,
            "/v1/sessions",
            None,
            Some(&json!({ "handle": "ana", "password": PASSWORD })),
            &[("cookie", &planted)],
        )
        .await
        .unwrap();
    assert_ne!(text(&answer.body["token"]), mallory.token);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains(text(&answer.body["token"])));
    for part in ["__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let me = server.get("/v1/me", Some(&mallory.token)).await.unwrap();
    assert_eq!(
        me.body["handle"], "mallory",
        "the planted session is still its own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_changes_things_from_our_own_pages_alone() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let cookie = format!("__Host-offpay={}", ana.token);
    let send = |method: Method, path: &'static str, headers: Vec<(&'static str, &'static str)>| {
        let (server, cookie) = (&server, &cookie);
        async move {
            let mut headers = headers;
            let cookie: &str = cookie;
            let mut all = vec![("cookie", cookie)];
            all.append(&mut headers);
            server.send(method, path, None, None, &all).await.unwrap()
        }
    };
    let read = send(Method::GET, "/v1/me", vec![]).await;
    assert_eq!(read.status, StatusCode::OK);
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("origin", "https://evil.example")],
    ] {
        let refused = send(Method::DELETE, "/v1/sessions", headers).await;
        assert_eq!(refused.code(), "forbidden");
    }
    let ours = send(
        Method::DELETE,
        "/v1/sessions",
        vec![("sec-fetch-site", "same-origin")],
    )
    .await;
    assert_eq!(ours.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_ended_and_run_out() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.accounts.session_hours = 10;
        config.accounts.session_idle_hours = 2;
    })
    .await
    .unwrap();
    let ana = register(&server, "ana").await;
    let bea = register(&server, "bea").await;
    let second = sign_in(&server, "ana", PASSWORD).await;
    let second = text(&second.body["token"]).to_owned();
    let list = server.get("/v1/sessions", Some(&second)).await.unwrap();
    let sessions = list.body["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/v1/sessions/{}", text(&other["id"]));
    let foreign = delete(&server, &path, &bea.token).await;
    assert_eq!(foreign.code(), "not_found", "somebody else's session");
    assert_eq!(
        delete(&server, &path, &second).await.status,
        StatusCode::NO_CONTENT
    );
    let ended = server.get("/v1/me", Some(&ana.token)).await.unwrap();
    assert_eq!(ended.code(), "unauthorized");

    // Used every hour and a half it lasts, but not for ever.
    for _ in 0..6 {
        pass(&server, 5_400);
        let used = server.get("/v1/me", Some(&second)).await.unwrap();
        assert_eq!(used.status, StatusCode::OK);
    }
    pass(&server, 3_600);
    let old = server.get("/v1/me", Some(&second)).await.unwrap();
    assert_eq!(old.code(), "unauthorized", "ten hours are over");
    // Bea's was not used for two hours.
    let idle = server.get("/v1/me", Some(&bea.token)).await.unwrap();
    assert_eq!(idle.code(), "unauthorized");

    // Ending all but one.
    let keep = text(&sign_in(&server, "bea", PASSWORD).await.body["token"]).to_owned();
    let lose = text(&sign_in(&server, "bea", PASSWORD).await.body["token"]).to_owned();
    let ended = delete(&server, "/v1/sessions", &keep).await;
    assert!(ended.body["ended"].as_u64().unwrap() >= 1);
    assert_eq!(
        server.get("/v1/me", Some(&lose)).await.unwrap().code(),
        "unauthorized"
    );
    assert_eq!(
        server.get("/v1/me", Some(&keep)).await.unwrap().status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_other_sessions() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let other = text(&sign_in(&server, "ana", PASSWORD).await.body["token"]).to_owned();
    let new = "another staple tonight";
    let change = |current: Option<&'static str>, new: &'static str| {
        let (server, token) = (&server, &ana.token);
        async move {
            let body = match current {
                Some(current) => json!({ "current": current, "new": new }),
                None => json!({ "new": new }),
            };
            server
                .post("/v1/me/password", Some(token), &body)
                .await
                .unwrap()
        }
    };
    assert_eq!(change(None, new).await.code(), "sign_in_again");
    assert_eq!(
        change(Some("wrong horse battery"), new).await.code(),
        "sign_in_refused"
    );
    assert_eq!(
        change(Some(PASSWORD), "short").await.code(),
        "password_refused"
    );
    assert_eq!(
        change(Some(PASSWORD), new).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        server.get("/v1/me", Some(&other)).await.unwrap().code(),
        "unauthorized"
    );
    assert_eq!(
        server.get("/v1/me", Some(&ana.token)).await.unwrap().status,
        StatusCode::OK
    );
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.code(),
        "sign_in_refused"
    );
    assert_eq!(
        sign_in(&server, "ana", new).await.status,
        StatusCode::CREATED
    );
}
