//! What the operator sends, as users and the operator look at it.

use offpay_server::testing::eventually;
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    channel_support::funded,
    support::{ADMIN, server},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_operations_transaction_is_shown_and_what_it_cost() {
    let server = server().await;
    let ana = funded(&server, "ana").await;
    let body = json!({ "amount": "7" });
    let started = ana.done(&server, "/v1/collateral", &body).await;
    let number = started["transaction"].as_str().unwrap();
    let path = format!("/v1/transactions/{number}");
    let seen = eventually("it is final", || async {
        let seen = ana.get(&server, &path).await;
        (seen["state"] == "final").then_some(seen)
    })
    .await;
    assert_eq!(seen["number"], number);
    assert_eq!(seen["purpose"], "relay");
    let mined = seen["attempts"].as_array().unwrap().iter();
    let mined: Vec<_> = mined.filter_map(|one| one.get("block")).collect();
    assert_eq!(mined.len(), 1, "{seen}");
    assert_eq!(mined[0]["succeeded"], true);
    assert_eq!(server.get(&path, Some(ADMIN)).await.unwrap().body, seen);
    let nobody = server.get(&path, None).await.unwrap();
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{}", nobody.text);
    for none in ["/v1/transactions/999999", "/v1/transactions/seventeen"] {
        let none = server.get(none, Some(&ana.token)).await.unwrap();
        assert_eq!(none.status, StatusCode::NOT_FOUND, "{}", none.text);
    }

    let books = "/v1/admin/settlement";
    let refused = server.get(books, Some(&ana.token)).await.unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let state = server.get(books, Some(ADMIN)).await.unwrap();
    assert_eq!(state.status, StatusCode::OK, "{}", state.text);
    let sender = server.app().outbox.sender().address().to_string();
    assert_eq!(state.body["sender"], sender.as_str());
    assert_eq!(state.body["owed"], "0");
    assert_eq!(state.body["stuck"], json!([]));
    let gas = state.body["gas"].as_array().unwrap();
    let relays = gas.iter().find(|spent| spent["purpose"] == "relay");
    let relays = relays.unwrap();
    assert_eq!(relays["transactions"], 1, "{relays}");
    let used = mined[0]["gas_used"].as_u64().unwrap();
    assert_eq!(relays["gas"], used.to_string().as_str());

    let all = "/v1/admin/transactions?state=all";
    let listed = server.get(all, Some(ADMIN)).await.unwrap();
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text);
    let items = listed.body["items"].as_array().unwrap();
    assert!(
        items.iter().any(|one| one["number"] == number),
        "{}",
        listed.text
    );
    let unknown = "/v1/admin/transactions?state=lost";
    let unknown = server.get(unknown, Some(ADMIN)).await.unwrap();
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "{}", unknown.text);
    // What is done is neither tried again nor given up.
    let why = json!({ "reason": "a test looks" });
    for again in [
        format!("/v1/admin/transactions/{number}/retry"),
        format!("/v1/admin/transactions/{number}/abandon"),
        format!("/v1/admin/transactions/{number}/cancel"),
    ] {
        let refused = server.post(&again, Some(ADMIN), &why).await.unwrap();
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
        assert_eq!(refused.body["code"], "not_possible", "{}", refused.text);
    }
}
