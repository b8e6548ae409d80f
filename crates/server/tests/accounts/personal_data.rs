use offpay_operator::UserId;
use offpay_protocol::Amount;
use offpay_server::{
    testing::TestServer,
    vault::{KeyName, VaultError},
};
use reqwest::StatusCode;

use crate::support::{PASSWORD, delete, pass, register, sign_in, text};

#[tokio::test(flavor = "multi_thread")]
async fn o71_exported_and_deleted_but_not_with_money() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let export = server.get("/v1/me/export", Some(&ana.token)).await.unwrap();
    assert_eq!(export.status, StatusCode::OK, "{}", export.text);
    assert_eq!(export.body["me"]["handle"], "ana");
    assert_eq!(export.body["events"][0]["kind"], "account.registered");
    assert_eq!(export.body["sessions"].as_array().unwrap().len(), 1);
    assert!(!export.text.contains(&ana.token) && !export.text.contains(PASSWORD));

    // Somebody sends a unit to the account: its key may not be forgotten.
    let account = text(&ana.answer["account"]).parse().unwrap();
    let owner = server.app().keys.token_owner.clone().unwrap();
    let chain = &server.local.chain;
    chain
        .give_gas_money(owner.account().address())
        .await
        .unwrap();
    let minted = server
        .token()
        .mint(&owner, account, Amount::from_u64(1))
        .await;
    minted.unwrap();
    let held = delete(&server, "/v1/me", &ana.token).await;
    assert_eq!(held.code(), "money_held", "{}", held.text);

    let bea = register(&server, "bea").await;
    pass(&server, 601);
    assert_eq!(
        delete(&server, "/v1/me", &bea.token).await.code(),
        "sign_in_again"
    );
    let fresh = sign_in(&server, "bea", PASSWORD).await;
    let deleted = delete(&server, "/v1/me", text(&fresh.body["token"])).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{}", deleted.text);
    assert_eq!(
        server.get("/v1/me", Some(&bea.token)).await.unwrap().code(),
        "unauthorized"
    );
    assert_eq!(
        sign_in(&server, "bea", PASSWORD).await.code(),
        "sign_in_refused"
    );
    let user: UserId = text(&bea.answer["user"]).parse().unwrap();
    let signed = server
        .app()
        .vault
        .sign_with(user, KeyName::Account, |_| ())
        .await;
    assert!(matches!(signed, Err(VaultError::NoSuchUser)));
    // The handle is free again, for somebody else with another account.
    let other = register(&server, "bea").await;
    assert_ne!(other.answer["account"], bea.answer["account"]);
}
