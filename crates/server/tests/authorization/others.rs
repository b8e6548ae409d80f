//! What is somebody else's is not there: one user's things, asked for by another who may do all of this with their own.

use std::collections::BTreeMap;

use offpay_protocol::{Amount, Reference, Signable as _, Signed, SigningKey, messages::Voucher};
use offpay_server::testing::{TestServer, eventually};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    actors::{User, hosted, server},
    bodies,
    table::{Row, rows},
};

async fn post(server: &TestServer, user: &User, path: &str, body: Value) -> Value {
    let answer = server.post(path, Some(&user.session), &body).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.body
}

async fn get(server: &TestServer, user: &User, path: &str) -> Value {
    let answer = server.get(path, Some(&user.session)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.body
}

fn text(value: &Value) -> String {
    assert!(value.is_string(), "{value}");
    value.as_str().unwrap().to_owned()
}

async fn done(server: &TestServer, user: &User, path: &str, body: Value) -> Value {
    let started = post(server, user, path, body).await;
    let operation = started.get("operation").unwrap_or(&started)["id"].clone();
    let watched = format!("/v1/operations/{}", text(&operation));
    eventually("the operation is final", || async {
        server.finalize().await.unwrap();
        let state = get(server, user, &watched).await["state"].clone();
        assert!(!state.as_str().unwrap().starts_with("fail"), "{state}");
        (state == "final").then_some(())
    })
    .await;
    started
}

async fn money(server: &TestServer, user: &User) {
    done(server, user, "/v1/faucet", json!({})).await;
    eventually("the gift is there", || async {
        server.finalize().await.unwrap();
        let account = get(server, user, "/v1/account").await;
        (account["balance"]["final"].as_str()? != "0").then_some(())
    })
    .await;
}

/// One of each, and what it is called: by the place that its name takes in a path.
async fn things(server: &TestServer, user: &User, with: &User) -> BTreeMap<&'static str, String> {
    money(server, user).await;
    let channel = json!({ "with": with.account, "deposit": "1000" });
    let channel = done(server, user, "/v1/channels", channel).await;
    let opened = done(server, user, "/v1/setup", json!({})).await;
    eventually("the purse's money is final", || async {
        server.finalize().await.unwrap();
        let account = get(server, user, "/v1/account").await;
        (account["purses"][0]["available"].as_str()? != "0").then_some(())
    })
    .await;
    let request = post(server, with, "/v1/requests", json!({ "amount": "5" })).await;
    let paid = json!({ "request": request["code"] });
    let paid = post(server, user, "/v1/pay", paid).await;
    let own = post(server, user, "/v1/requests", json!({ "amount": "5" })).await;
    let webhook = json!({ "url": "https://shop.example/offpay" });
    let webhook = post(server, user, "/v1/webhooks", webhook).await;
    let now = server.app().now().get();
    let token = json!({ "name": "app", "scopes": ["read"], "expires_at": now + 600 });
    let token = post(server, user, "/v1/access-tokens", token).await;
    let address = "0x00000000000000000000000000000000000000bb";
    post(server, user, "/v1/addresses", json!({ "address": address })).await;
    let sessions = get(server, user, "/v1/sessions").await;
    let operations = get(server, user, "/v1/operations").await;
    let payment = paid.get("payment").unwrap_or(&paid)["id"].clone();
    BTreeMap::from([
        ("{channel}", text(&channel["channel"]["channel"])),
        ("{purse}", text(&opened["purse"])),
        ("{payment}", text(&payment)),
        ("requests/{id}", text(&own["id"])),
        ("operations/{id}", text(&operations["items"][0]["id"])),
        (
            "{webhook}",
            text(
                webhook
                    .get("webhook")
                    .map_or(&webhook["id"], |it| &it["id"]),
            ),
        ),
        ("{token}", text(&token["access_token"]["id"])),
        ("{address}", address.to_owned()),
        ("{session}", text(&sessions["sessions"][0]["id"])),
    ])
}

/// The row's path with the things in it, and whether there was a place for one.
fn filled(row: &Row, things: &BTreeMap<&'static str, String>) -> Option<String> {
    let place = things.keys().find(|place| row.path.contains(*place))?;
    let kept: String = match place.split_once('/') {
        Some((before, _)) => format!("{before}/{}", things[place]),
        None => things[place].clone(),
    };
    let mut row = row.clone();
    row.path = row.path.replace(place, &kept);
    Some(bodies::path(&row, None))
}

/// A voucher of a channel, as somebody made it up.
fn voucher(server: &TestServer, channel: &str) -> Value {
    let key = SigningKey::from_bytes(&[9; 32]).unwrap();
    let message = Voucher {
        channel: channel.parse().unwrap(),
        cumulative: Amount::from_u64(5),
        reference: Reference::ZERO,
    };
    let domain = *server.contract().domain();
    let signed = Signed {
        domain,
        message,
        signature: message.sign(&domain, &key).unwrap(),
    };
    json!({ "voucher": signed })
}

/// The operations of the table that name something which belongs to somebody.
#[tokio::test(flavor = "multi_thread")]
async fn o151_what_is_somebody_elses_is_not_there() {
    let server = server().await;
    let (ana, bea, thief) = (
        hosted(&server).await,
        hosted(&server).await,
        hosted(&server).await,
    );
    let things = things(&server, &ana, &bea).await;
    let before = get(&server, &ana, "/v1/account").await;
    let mut tried = 0;
    let mut wrong = Vec::new();
    for row in rows().iter().filter(|row| row.others_hidden) {
        // A passkey needs an authenticator: tests/accounts/passkeys.rs has one.
        let Some(path) = filled(row, &things).filter(|_| !row.path.contains("passkey")) else {
            assert!(
                row.path.contains("{passkey}") || row.path == "/v1/withdrawals",
                "{row:?}"
            );
            continue;
        };
        tried += 1;
        let mut body = bodies::body(row, server.app().now().get());
        if row.path.ends_with("/receive") {
            body = Some(voucher(&server, &things["{channel}"]));
        }
        let method: Method = row.method.parse().unwrap();
        let send = |user: &User| {
            let (method, session) = (method.clone(), user.session.clone());
            let (server, path, body) = (&server, &path, &body);
            async move {
                server
                    .send(method, path, Some(&session), body.as_ref(), &[])
                    .await
                    .unwrap()
            }
        };
        let answer = send(&thief).await;
        if answer.status != StatusCode::NOT_FOUND {
            wrong.push(format!("{} {path}: {}", row.method, answer.text));
        }
        // It was there, for who has it: otherwise the refusal would say nothing.
        if row.method == "GET" {
            let answer = send(&ana).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 25, "{tried}");
    let after = get(&server, &ana, "/v1/account").await;
    assert_eq!(before["purses"], after["purses"]);
    let webhook = format!("/v1/webhooks/{}", things["{webhook}"]);
    let url = &get(&server, &ana, &webhook).await["url"];
    assert_eq!(url, "https://shop.example/offpay");
    // An address is the owner's alone, too: what one user confirmed is confirmed for nobody else.
    let body = json!({ "address": things["{address}"], "amount": "1" });
    let answer = server
        .post("/v1/withdrawals", Some(&thief.session), &body)
        .await
        .unwrap();
    assert!(!answer.status.is_success(), "{}", answer.text);
}
