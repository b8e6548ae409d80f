//! Two users of one server with a channel.

use offpay_server::testing::{TestServer, eventually};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ONE, User, units};

/// A user with a balance of what the faucet gives.
pub(crate) async fn funded(server: &TestServer, handle: &str) -> User {
    let user = User::register(server, handle).await;
    user.done(server, "/v1/faucet", &json!({})).await;
    user.account_when(server, "tokens", |account| {
        units(&account["balance"]["final"]) == 200 * ONE
    })
    .await;
    user
}

/// The offer of a user, as another one hears of it.
pub(crate) async fn offer(server: &TestServer, from: &User, to: Option<&str>) -> String {
    let body = json!({ "to": to });
    let made = from.post(server, "/v1/channels/offers", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.body["code"].as_str().unwrap().to_owned()
}

/// The id of an opened channel.
pub(crate) fn id_of(opened: &Value) -> String {
    opened["channel"]["channel"].as_str().unwrap().to_owned()
}

/// A channel that `a` opens with `b`, in both directions, and that can be paid in.
pub(crate) async fn channel(server: &TestServer, a: &User, b: &User, deposit: u128) -> String {
    let code = offer(server, b, None).await;
    let body = json!({ "offer": code, "deposit": deposit.to_string() });
    let opened = a.done(server, "/v1/channels", &body).await;
    let id = id_of(&opened);
    open_when(server, a, &id, |view| units(&view["available"]) == deposit).await;
    id
}

/// The channel when it is as `is` wants it.
pub(crate) async fn open_when(
    server: &TestServer,
    user: &User,
    id: &str,
    is: impl Fn(&Value) -> bool,
) -> Value {
    let path = format!("/v1/channels/{id}");
    eventually("the channel is so", || async {
        server.finalize().await.unwrap();
        let view = user.get(server, &path).await;
        is(&view).then_some(view)
    })
    .await
}

/// Pays in a channel.
pub(crate) async fn pay(server: &TestServer, user: &User, id: &str, amount: u128) -> Value {
    let body = json!({ "amount": amount.to_string(), "memo": "soup" });
    let paid = user
        .post(server, &format!("/v1/channels/{id}/pay"), &body)
        .await;
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.text);
    paid.body
}

/// The kinds of a user's events that are about channels, in order.
pub(crate) async fn told(server: &TestServer, user: &User) -> Vec<String> {
    let events = user.get(server, "/v1/events?limit=200").await;
    let kinds = events["items"].as_array().unwrap().iter();
    kinds
        .map(|event| event["kind"].as_str().unwrap().to_owned())
        .filter(|kind| kind.starts_with("channel."))
        .collect()
}
