//! Who may do what an operator does, and what stays of it.

use offpay_server::{
    config::{AdminToken, MasterKeySection, Secret},
    local::secret_file,
    testing::{Answer, TestServer},
};
use offpay_store::testing::Engine;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::register;

const ANNA: &str = "anna's own token, for tests";
const BERT: &str = "bert's own token, for tests";

fn named(name: &str, token: &str) -> AdminToken {
    AdminToken {
        name: name.to_owned(),
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(token)),
    }
}

async fn server_on(engine: Engine) -> TestServer {
    TestServer::start_with(engine, |config| {
        config.admin.tokens = vec![named("anna", ANNA), named("bert", BERT)];
    })
    .await
    .unwrap()
}

async fn get(server: &TestServer, path: &str) -> Answer {
    let answer = server.get(path, Some(ANNA)).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer
}

/// Every admin endpoint that the server's own document names.
async fn endpoints(server: &TestServer) -> Vec<(Method, String)> {
    let document = server.get("/openapi.json", None).await.unwrap().body;
    let paths = document["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, item) in paths
        .iter()
        .filter(|(path, _)| path.starts_with("/v1/admin/"))
    {
        for method in item.as_object().unwrap().keys() {
            let filled: Vec<&str> = path
                .split('/')
                .map(|part| match part {
                    "{user}" => "00000000-0000-0000-0000-000000000000",
                    "{number}" => "1",
                    "{what}" => "ledger",
                    other => other,
                })
                .collect();
            let method = method.to_uppercase().parse().unwrap();
            found.push((method, filled.join("/")));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn o93_no_user_reaches_what_is_the_operators() {
    let mut server = server_on(Engine::Sqlite).await;
    let ana = register(&server, "ana").await;
    let session = ana.token.as_str();
    let body = json!({ "name": "app", "scopes": ["read", "pay", "manage", "withdraw"], "days": 1, "budget": "1" });
    let app = server
        .post("/v1/access-tokens", Some(session), &body)
        .await
        .unwrap();
    let access = app.body["token"].as_str();
    let endpoints = endpoints(&server).await;
    assert!(endpoints.len() >= 14, "{endpoints:?}");
    let reason = json!({ "reason": "a try" });
    for (method, path) in &endpoints {
        let body = (*method == Method::POST).then_some(&reason);
        for (token, code) in [
            (Some(session), "forbidden"),
            (access.or(Some(session)), "forbidden"),
            (Some("anna's own token, for test"), "unauthorized"),
            (Some(""), "unauthorized"),
            (None, "unauthorized"),
        ] {
            let answer = server
                .send(method.clone(), path, token, body, &[])
                .await
                .unwrap();
            assert_eq!(answer.code(), code, "{method} {path} {token:?}");
        }
    }
    assert_eq!(get(&server, "/v1/admin/log").await.body["items"], json!([]));

    // Without a token in the configuration there is no such thing.
    server.stop().await;
    server.local.config.admin.tokens.clear();
    server.start_again().await.unwrap();
    for (method, path) in &endpoints {
        let body = (*method == Method::POST).then_some(&reason);
        let answer = server
            .send(method.clone(), path, Some(ANNA), body, &[])
            .await
            .unwrap();
        assert_eq!(answer.code(), "not_found", "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o90_it_is_known_who_froze_whom_and_why() {
    for engine in Engine::ALL {
        let server = server_on(engine).await;
        let ana = register(&server, "ana").await.answer;
        let found = get(&server, "/v1/admin/users/@ana").await.body;
        assert_eq!(found["user"], ana["user"], "{engine:?}");
        let account = ana["account"].as_str().unwrap();
        let same = get(&server, &format!("/v1/admin/users/{account}"))
            .await
            .body;
        assert_eq!(same, found);
        let user = ana["user"].as_str().unwrap();
        let freeze = format!("/v1/admin/users/{user}/freeze");
        let headers = [("x-request-id", "the-morning-of-the-order")];
        let body = json!({ "reason": " a court order " });
        let frozen = server
            .send(Method::POST, &freeze, Some(BERT), Some(&body), &headers)
            .await
            .unwrap();
        assert_eq!(frozen.status, StatusCode::NO_CONTENT, "{}", frozen.text);
        let thaw = format!("/v1/admin/users/{user}/thaw");
        let body = json!({ "reason": "the order was lifted" });
        server.post(&thaw, Some(ANNA), &body).await.unwrap();
        let empty = server
            .post(&thaw, Some(ANNA), &json!({ "reason": "  " }))
            .await
            .unwrap();
        assert_eq!(empty.code(), "invalid_request");

        let log = get(&server, "/v1/admin/log").await.body;
        let told =
            |place: usize, name: &str| log["items"][place][name].as_str().unwrap().to_owned();
        assert_eq!(log["items"].as_array().unwrap().len(), 2, "{log}");
        assert_eq!(
            (told(1, "actor"), told(1, "action"), told(1, "reason")),
            ("bert".into(), "user.freeze".into(), "a court order".into())
        );
        assert_eq!(told(1, "subject"), user);
        assert_eq!(told(1, "request"), "the-morning-of-the-order");
        assert_eq!(
            (told(0, "actor"), told(0, "action")),
            ("anna".into(), "user.thaw".into())
        );
        let page = get(&server, "/v1/admin/log?limit=1").await.body;
        let next = page["next"].as_str().unwrap();
        let rest = get(&server, &format!("/v1/admin/log?limit=1&cursor={next}"))
            .await
            .body;
        assert_eq!(rest["items"][0]["action"], "user.freeze", "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_the_rotation_is() {
    let mut server = server_on(Engine::Sqlite).await;
    register(&server, "ana").await;
    register(&server, "ben").await;
    let file = secret_file(server.folder.path(), "vault-2.key").unwrap();
    server.stop().await;
    let new = MasterKeySection {
        id: "two".to_owned(),
        key: Some(Secret::File(file)),
        program: None,
    };
    server.local.config.vault.master_keys.insert(0, new);
    server.start_again().await.unwrap();
    let keys = get(&server, "/v1/admin/keys").await.body;
    assert_eq!(
        (&keys["master"], &keys["to_rotate"]),
        (&json!("two"), &json!(2))
    );
    let own = get(&server, "/v1/circles/own").await.body;
    assert_eq!(keys["circle"], own["circle"]);
    assert_eq!(
        get(&server, "/v1/admin/overview").await.body["keys_to_rotate"],
        2
    );
    let rotated = server
        .post("/v1/admin/master-key/rotation", Some(ANNA), &json!({}))
        .await
        .unwrap();
    assert_eq!(rotated.body, json!({ "resealed": 2, "left": 0 }));
    let keys = get(&server, "/v1/admin/keys").await.body;
    assert_eq!(keys["masters"], json!([{ "id": "two", "seals": 2 }]));
    let log: Value = get(&server, "/v1/admin/log").await.body;
    assert_eq!(log["items"][0]["action"], "keys.rotate");
    assert_eq!(log["items"][0]["subject"], "two");
}

#[test]
fn two_operators_are_not_called_the_same() {
    let mut config = offpay_server::Config::default();
    config.admin.tokens = vec![
        named("anna", "one"),
        named("anna", "two"),
        named("", "three"),
    ];
    config.admin.tokens[0].sha256.pop();
    let wrong: Vec<String> = config
        .invalid()
        .iter()
        .filter(|invalid| invalid.setting == "admin.tokens")
        .map(|invalid| invalid.reason.clone())
        .collect();
    assert_eq!(wrong.len(), 3, "{wrong:?}");
}
