use offpay_operator::{UserId, storage::identity::SecretStorage as _};
use offpay_server::{
    config::{MasterKeySection, Secret},
    local::secret_file,
    testing::TestServer,
    vault::KeyName,
};
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::{PASSWORD, register, sign_in, text};

const TOKEN: &str = "opa_for-tests";

async fn server() -> TestServer {
    TestServer::start_with(Engine::Sqlite, |config| {
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(TOKEN));
        config.accounts.admin_token_sha256 = Some(hash);
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn o62_who_is_frozen_looks_and_moves_nothing() {
    let server = server().await;
    let ana = register(&server, "ana").await;
    let user = text(&ana.answer["user"]);
    let path = format!("/v1/admin/users/{user}/freeze");
    let body = json!({ "reason": "a court order" });
    for (token, code) in [
        (None, "unauthorized"),
        (Some("opa_for-test"), "unauthorized"),
        (Some(ana.token.as_str()), "forbidden"),
    ] {
        let refused = server.post(&path, token, &body).await.unwrap();
        assert_eq!(refused.code(), code);
    }
    let frozen = server.post(&path, Some(TOKEN), &body).await.unwrap();
    assert_eq!(frozen.status, StatusCode::NO_CONTENT, "{}", frozen.text);
    let me = server.get("/v1/me", Some(&ana.token)).await.unwrap();
    assert_eq!(me.body["frozen"], true);
    let id: UserId = user.parse().unwrap();
    let vault = &server.app().vault;
    assert!(vault.sign_with(id, KeyName::Account, |_| ()).await.is_err());
    let refused = crate::support::delete(&server, "/v1/me", &ana.token).await;
    assert_eq!(refused.code(), "account_frozen");

    let path = format!("/v1/admin/users/{user}/thaw");
    server.post(&path, Some(TOKEN), &body).await.unwrap();
    assert!(vault.sign_with(id, KeyName::Account, |_| ()).await.is_ok());
    let nobody = format!("/v1/admin/users/{}/freeze", uuid::Uuid::nil());
    let missing = server.post(&nobody, Some(TOKEN), &body).await.unwrap();
    assert_eq!(missing.code(), "not_found");
}

/// The operator's own token opens nothing of a user's, and without one in the configuration there is none.
#[tokio::test(flavor = "multi_thread")]
async fn the_operators_token_is_for_the_operators_affairs() {
    let server = server().await;
    assert_eq!(
        server.get("/v1/me", Some(TOKEN)).await.unwrap().code(),
        "unauthorized"
    );
    let closed = TestServer::start().await.unwrap();
    let refused = closed
        .post("/v1/admin/master-key/rotation", Some(TOKEN), &json!({}))
        .await
        .unwrap();
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn o61_the_master_key_is_rotated() {
    let mut server = server().await;
    let ana = register(&server, "ana").await;
    let file = secret_file(server.folder.path(), "vault-2.key").unwrap();
    let new = MasterKeySection {
        id: "two".to_owned(),
        key: Some(Secret::File(file)),
        program: None,
    };
    server.stop().await;
    server.local.config.vault.master_keys.insert(0, new);
    server.start_again().await.unwrap();
    let rotated = server
        .post("/v1/admin/master-key/rotation", Some(TOKEN), &json!({}))
        .await
        .unwrap();
    assert_eq!(rotated.body["resealed"], 1, "{}", rotated.text);
    server.stop().await;
    server.local.config.vault.master_keys.truncate(1);
    server.start_again().await.unwrap();
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.status,
        StatusCode::CREATED
    );
    let id: UserId = text(&ana.answer["user"]).parse().unwrap();
    let vault = &server.app().vault;
    let address = vault
        .sign_with(id, KeyName::Account, |key| key.address().to_string())
        .await
        .unwrap();
    assert_eq!(
        address.to_lowercase(),
        text(&ana.answer["account"]).to_lowercase()
    );
    let left = server
        .app()
        .database
        .data_keys_not_under("two", 10)
        .await
        .unwrap();
    assert!(left.is_empty());
}
