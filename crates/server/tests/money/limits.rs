//! Fees and limits.

use offpay_chain::{Sender, local::key};
use offpay_protocol::{AccountId, Amount, Signable as _, Timestamp, messages::Relay};
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{ONE, User, audit, server_on, units};

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_paid_inside_the_relayed_batch() {
    let server = server_on(Engine::Sqlite, |config| {
        config.money.relay_fee = Amount::from_u64(500);
    })
    .await;
    let ana = User::register(&server, "ana").await;
    ana.done(&server, "/v1/faucet", &json!({})).await;
    let setup = ana.done(&server, "/v1/setup", &json!({})).await;
    assert_eq!(setup["operation"]["fee"], "500");
    let operator = AccountId::new(server.app().keys.gas.address());
    let paid = server.contract().account(operator).await.unwrap().balance;
    assert_eq!(paid, Amount::from_u64(500));
    let account = ana
        .account_when(&server, "the purse is open", |account| {
            units(&account["purses"][0]["funds"]) > 0
        })
        .await;
    assert_eq!(units(&account["purses"][0]["funds"]), 190 * ONE - 500);
    // Nothing is left for another fee.
    let purse = setup["purse"].as_str().unwrap();
    let close = format!("/v1/purses/{purse}/close");
    let refused = ana.post(&server, &close, &json!({})).await;
    assert_eq!(refused.code(), "insufficient_funds", "{}", refused.text);
    audit(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relays_and_gifts_are_limited() {
    let server = server_on(Engine::Sqlite, |config| {
        config.money.per_day = 2;
        config.money.faucet_per_day = 1;
    })
    .await;
    let ana = User::register(&server, "ana").await;
    ana.done(&server, "/v1/faucet", &json!({})).await;
    let more = ana.post(&server, "/v1/faucet", &json!({})).await;
    assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(more.code(), "faucet_limit");
    let some = json!({ "amount": (10 * ONE).to_string() });
    ana.done(&server, "/v1/collateral", &some).await;
    let refused = ana.post(&server, "/v1/collateral", &some).await;
    assert_eq!(
        refused.status,
        StatusCode::TOO_MANY_REQUESTS,
        "{}",
        refused.text
    );
    assert_eq!(refused.code(), "relay_limit");
    assert!(refused.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_on_its_way_is_not_spent_twice() {
    let server = server_on(Engine::Sqlite, |_| {}).await;
    let ana = User::register(&server, "ana").await;
    ana.done(&server, "/v1/faucet", &json!({})).await;
    server.local.chain.set_automine(false).await.unwrap();
    let most = json!({ "amount": (150 * ONE).to_string() });
    let first = ana.post(&server, "/v1/collateral", &most).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text);
    let account = ana.account(&server).await;
    assert_eq!(units(&account["balance"]["available"]), 50 * ONE);
    assert_eq!(units(&account["balance"]["held"]), 150 * ONE);
    let second = ana.post(&server, "/v1/collateral", &most).await;
    assert_eq!(second.code(), "insufficient_funds", "{}", second.text);
    server.local.chain.set_automine(true).await.unwrap();
    ana.wait(&server, first.body["id"].as_str().unwrap()).await;
    let account = ana
        .account_when(&server, "nothing is held", |account| {
            units(&account["balance"]["held"]) == 0
        })
        .await;
    assert_eq!(units(&account["balance"]["available"]), 50 * ONE);
    audit(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_at_the_wallet_become_balance_without_gas() {
    let server = server_on(Engine::Sqlite, |_| {}).await;
    let ana = User::register(&server, "ana").await;
    let nothing = ana.post(&server, "/v1/deposits", &json!({})).await;
    assert_eq!(nothing.code(), "insufficient_funds");
    let account: AccountId = ana.account.parse().unwrap();
    let owner: &Sender = server.app().keys.token_owner.as_ref().unwrap();
    // The faucet's own transactions come first: its sender has one order of nonces.
    ana.done(&server, "/v1/faucet", &json!({ "amount": "1" }))
        .await;
    let stranger = server.local.chain.sender("stranger").await.unwrap();
    let token = server.token();
    token
        .mint(owner, stranger.address(), Amount::from_u64(77))
        .await
        .unwrap();
    token
        .transfer(&stranger, account.address(), Amount::from_u64(77))
        .await
        .unwrap();
    let waiting = ana.get(&server, "/v1/deposits").await;
    assert_eq!(waiting["waiting"], "77");
    ana.done(&server, "/v1/deposits", &json!({})).await;
    ana.account_when(&server, "it is balance", |account| {
        units(&account["balance"]["final"]) == 78
    })
    .await;
    audit(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_of_somebody_else_is_not_sent() {
    let server = server_on(Engine::Sqlite, |_| {}).await;
    let ana = User::register(&server, "ana").await;
    let mallory = key("mallory").unwrap();
    // What else could be wrong with it is right.
    let relay = |account: &str| Relay {
        account: account.parse().unwrap(),
        calls: vec![
            server
                .contract()
                .deposit(Amount::from_u64(1))
                .calldata()
                .clone(),
        ],
        nonce: Default::default(),
        deadline: Timestamp::new(server.app().now().get() + 600).unwrap(),
    };
    // The caller's account, signed by another key; and another's, signed by its own.
    for account in [ana.account.clone(), mallory.address().to_string()] {
        let relay = relay(&account);
        let signature = relay.sign(server.contract().domain(), &mallory).unwrap();
        let body = json!({ "relay": relay, "signature": signature });
        let refused = ana.post(&server, "/v1/relay", &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        let why = refused.body["detail"].as_str().unwrap();
        assert!(why.contains("not signed by the account"), "{why}");
    }
}
