//! Addresses that money leaves to, taken out again.

use offpay_protocol::AccountId;
use offpay_server::testing::{Answer, TestServer};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    channel_support::funded,
    support::{User, server},
};

async fn remove(server: &TestServer, user: &User, address: &AccountId) -> Answer {
    let path = format!("/v1/addresses/{address}");
    let token = Some(user.token.as_str());
    let answer = server.send(Method::DELETE, &path, token, None, &[]).await;
    answer.unwrap()
}

/// **O47** What was taken out is not confirmed any more, and not when it is added again either.
#[tokio::test(flavor = "multi_thread")]
async fn money_does_not_leave_to_an_address_that_was_taken_out() {
    let server = server().await;
    let ana = funded(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    let address: AccountId = "0x00000000000000000000000000000000000000aa"
        .parse()
        .unwrap();
    let add = json!({ "address": address });
    let withdraw = json!({ "address": address, "amount": "1" });
    let confirm = format!("/v1/addresses/{address}/confirm");
    let added = ana.post(&server, "/v1/addresses", &add).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let confirmed = ana.post(&server, &confirm, &json!({})).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);

    let others = remove(&server, &ben, &address).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND, "{}", others.text);
    ana.done(&server, "/v1/withdrawals", &withdraw).await;

    let gone = remove(&server, &ana, &address).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    assert_eq!(ana.get(&server, "/v1/addresses").await, json!([]));
    let again = remove(&server, &ana, &address).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "{}", again.text);
    let refused = ana.post(&server, "/v1/withdrawals", &withdraw).await;
    assert_eq!(refused.code(), "address_not_confirmed", "{}", refused.text);
    let added = ana.post(&server, "/v1/addresses", &add).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let refused = ana.post(&server, "/v1/withdrawals", &withdraw).await;
    assert_eq!(refused.code(), "address_not_confirmed", "{}", refused.text);
}
