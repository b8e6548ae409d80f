//! There is no room left to write.

use offpay_operator::storage::EventStorage as _;
use offpay_server::testing::{TestServer, eventually};
use offpay_store::testing::Engine;
use serde_json::json;

use super::money::{User, audit, server_on};

/// Fills the database's file until nothing more can be written.
async fn fill(server: &TestServer) {
    let database = &server.app().database;
    // What is free inside the file is used up as well.
    database.limit_pages(1).await.unwrap();
    let event = offpay_operator::event::NewEvent {
        audience: offpay_operator::event::Audience::Operator,
        kind: "filler",
        body: json!({ "filler": "x".repeat(3_000) }),
    };
    let now = server.app().now();
    let mut written = 0;
    while database
        .append_events(std::slice::from_ref(&event), now)
        .await
        .is_ok()
    {
        written += 1;
        assert!(written < 10_000, "the file has no limit");
    }
}

/// **O114**: what cannot be written is not said to be done, and when there is room again everything goes on by itself:
/// clearing, hosted money, following, settling. SQLite ends the transaction that found no room by itself; the next one
/// must not be taken to be inside of it.
#[tokio::test(flavor = "multi_thread")]
async fn o114_a_full_disk_is_waited_out() {
    let server = server_on(Engine::Sqlite, |config| {
        config.database.lease_ms = 1_000;
        config.settlement.poll_ms = 200;
        config.settlement.gather_s = 0;
        config.settlement.cheap_gas_gwei = 1_000;
    })
    .await;
    let (ana, _) = User::ready(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    let pay = json!({ "to": "@ben", "amount": "1000" });
    let first = ana.post(&server, "/v1/pay", &pay).await;
    assert_eq!(first.status, 201, "{}", first.text);

    fill(&server).await;
    // Pages that are partly free take a little more. What is acknowledged now counts as well.
    let mut paid = 1;
    let refused = loop {
        let answer = ana.post(&server, "/v1/pay", &pay).await;
        if answer.status != 201 {
            break answer;
        }
        paid += 1;
        assert!(paid < 1_000, "the file has no limit");
    };
    assert!(refused.status.is_server_error(), "{}", refused.text);
    assert_eq!(refused.body["retryable"], true, "{}", refused.text);
    let mut number = 0;
    let body = loop {
        let body =
            json!({ "handle": format!("carl{number}"), "password": "correct horse battery" });
        let answer = server.post("/v1/users", None, &body).await.unwrap();
        if answer.status != 201 {
            assert!(answer.status.is_server_error(), "{}", answer.text);
            break body;
        }
        number += 1;
        assert!(number < 100, "the file has no limit");
    };
    // Blocks go by that cannot be followed.
    server.local.chain.mine(20).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    // What can be read is read.
    let history = ana.get(&server, "/v1/history?limit=200").await;
    assert!(history["items"].as_array().unwrap().len() >= paid.min(200));

    server.app().database.limit_pages(1 << 20).await.unwrap();
    eventually("ready again", || async {
        let ready = server.get("/readyz", None).await.unwrap();
        (ready.status == 200).then_some(())
    })
    .await;
    let again = server.post("/v1/users", None, &body).await.unwrap();
    assert_eq!(again.status, 201, "nothing of it was there: {}", again.text);
    let second = ana.post(&server, "/v1/pay", &pay).await;
    assert_eq!(second.status, 201, "{}", second.text);
    paid += 1;
    // Followed, settled, booked: what was acknowledged, or what was refused when it was signed already, and all of it once. The
    // books follow the chain a moment later.
    let settled = ben
        .account_when(&server, "all payments are settled and booked", |account| {
            account["balance"]["final"] != "0" && account["pending"]["incoming"] == "0"
        })
        .await;
    let settled: usize = settled["balance"]["final"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (paid * 1_000..=(paid + 1) * 1_000).contains(&settled),
        "{settled} of {paid} payments"
    );
    audit(&server).await;
}
