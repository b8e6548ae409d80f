//! Circles: applying, admitting, dismissing.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{ADMIN, User, server, server_on};
use offpay_server::testing::eventually;
use offpay_store::testing::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_admits_and_dismisses() {
    let server = server().await;
    let ana = User::register(&server, "ana").await;
    let own = ana.get(&server, "/v1/circles/own").await;
    let circle = own["circle"].as_str().unwrap();
    let path = format!("/v1/circles/{circle}/applications");
    let applied = ana
        .post(&server, &path, &json!({ "message": "a bakery" }))
        .await;
    assert_eq!(applied.status, StatusCode::ACCEPTED, "{}", applied.text);
    let hidden = ana
        .post(
            &server,
            &format!("/v1/circles/{circle}/members"),
            &json!({ "account": ana.account }),
        )
        .await;
    assert_eq!(
        hidden.status,
        StatusCode::FORBIDDEN,
        "nobody admits themselves"
    );
    let open = server.get(&path, Some(ADMIN)).await.unwrap();
    assert_eq!(open.body[0]["message"], "a bakery");
    assert_eq!(open.body[0]["state"], "open");

    let members = format!("/v1/circles/{circle}/members");
    let body = json!({ "account": ana.account });
    let admitted = server.post(&members, Some(ADMIN), &body).await.unwrap();
    assert_eq!(admitted.status, StatusCode::ACCEPTED, "{}", admitted.text);
    let member = eventually("she is a member", || async {
        server.finalize().await.unwrap();
        let list = ana.get(&server, &members).await;
        list.get(0).cloned()
    })
    .await;
    assert_eq!(member["account"], ana.account.as_str());
    assert!(member.get("until").is_none());
    let declined = format!("/v1/circles/{circle}/applications/{}", ana.account);
    let late = server
        .send(Method::DELETE, &declined, Some(ADMIN), None, &[])
        .await
        .unwrap();
    assert_eq!(late.status, StatusCode::NOT_FOUND, "{}", late.text);
    let decided = server.get(&path, Some(ADMIN)).await.unwrap();
    assert_eq!(decided.body[0]["state"], "admitted");

    let one = format!("/v1/circles/{circle}/members/{}", ana.account);
    let dismissed = server
        .send(Method::DELETE, &one, Some(ADMIN), None, &[])
        .await
        .unwrap();
    assert_eq!(dismissed.status, StatusCode::ACCEPTED, "{}", dismissed.text);
    eventually("her dismissal is pending", || async {
        server.finalize().await.unwrap();
        let list = ana.get(&server, &members).await;
        list[0].get("until").cloned()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_declines() {
    let server = server().await;
    let ana = User::register(&server, "ana").await;
    let own = ana.get(&server, "/v1/circles/own").await;
    let circle = own["circle"].as_str().unwrap();
    let path = format!("/v1/circles/{circle}/applications");
    let applied = ana.post(&server, &path, &json!({})).await;
    assert_eq!(applied.body["state"], "open", "{}", applied.text);
    let one = format!("/v1/circles/{circle}/applications/{}", ana.account);
    let decline = async |token: &str| {
        server
            .send(Method::DELETE, &one, Some(token), None, &[])
            .await
            .unwrap()
    };
    let own = decline(&ana.token).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "{}", own.text);
    let declined = decline(ADMIN).await;
    assert_eq!(declined.status, StatusCode::NO_CONTENT, "{}", declined.text);
    let decided = server.get(&path, Some(ADMIN)).await.unwrap();
    assert_eq!(decided.body[0]["state"], "declined");
    assert_eq!(decline(ADMIN).await.status, StatusCode::NOT_FOUND, "once");
    let members = format!("/v1/circles/{circle}/members");
    assert_eq!(ana.get(&server, &members).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_test_network_who_applies_is_admitted() {
    let server = server_on(Engine::Sqlite, |config| config.money.auto_admit = true).await;
    let ana = User::register(&server, "ana").await;
    let own = ana.get(&server, "/v1/circles/own").await;
    let circle = own["circle"].as_str().unwrap();
    let path = format!("/v1/circles/{circle}/applications");
    let applied = ana.post(&server, &path, &json!({})).await;
    assert_eq!(applied.body["state"], "admitted", "{}", applied.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_user_runs_a_circle_of_their_own() {
    let server = server().await;
    let (ana, ben) = (
        User::register(&server, "ana").await,
        User::register(&server, "ben").await,
    );
    let members = format!("/v1/circles/{}/members", ana.account);
    let body = json!({ "account": ben.account });
    let refused = ben.post(&server, &members, &body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    ana.done(&server, &members, &body).await;
    let circle = ana
        .get(&server, &format!("/v1/circles/{}", ana.account))
        .await;
    assert_eq!(circle["size"], 1);
    assert_eq!(circle["is_operators"], false);
}
