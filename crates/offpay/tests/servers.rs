//! Three real servers over one PostgreSQL: conflicting payments through different ones, one that is stopped past its lease
//! and goes on, one that is killed. What was acknowledged is there, nothing is cleared or sent twice.
#![allow(missing_docs)]

use std::{io::Write as _, time::Duration};

use offpay_server::testing::eventually;
use offpay_store::{Database, testing::PostgresServer};
use reqwest::Client;
use serde_json::json;
use serving::{ServerSettings, Serving, Shared, Stage, holder};

mod serving;
mod support;

/// How long a lease lasts.
const LEASE: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o112_three_servers_lose_nothing_and_do_nothing_twice() {
    let postgres = PostgresServer::shared().unwrap();
    let url = postgres.new_database().await.unwrap();
    let stage = Stage::set(6, 30).await;
    let config = stage.configure(
        "offpay",
        &ServerSettings {
            listen: "127.0.0.1:0",
            database: &url,
            node: stage.local.chain.url(),
            lease: LEASE,
        },
    );
    let mining = stage.mine();
    let client = Client::builder()
        .timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let start = || Serving::start(support::program(), &config);
    let mut servings: Vec<_> = (0..3).map(|_| start()).collect();
    let patience = Duration::from_secs(30);
    holder(&servings.iter().collect::<Vec<_>>(), &client, patience).await;
    // Every purse is known to every server before anybody pays.
    stage.known(&client, &servings[0].url).await;
    let shared = Shared::new(&client, &servings);
    let load = stage.play(&shared, Duration::from_millis(300));
    tokio::time::sleep(Duration::from_secs(2)).await;

    // The holder is stopped past its lease: another takes over, and the old one notices when it goes on.
    let servers: Vec<_> = servings.iter().collect();
    let (old, _) = holder(&servers, &client, patience).await;
    servings[old].signal("-STOP");
    let others: Vec<_> = servings
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != old)
        .map(|(_, serving)| serving)
        .collect();
    let (_, stopped_gap) = holder(&others, &client, patience).await;
    tokio::time::sleep(LEASE).await;
    servings[old].signal("-CONT");
    eventually("the old holder knows that it is none", || async {
        (servings[old].holds(&client).await == Some(false)).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_secs(2)).await;

    // The holder is killed: another takes over.
    let servers: Vec<_> = servings.iter().collect();
    let (holds, _) = holder(&servers, &client, patience).await;
    drop(servings.remove(holds));
    shared.moved(&servings);
    let servers: Vec<_> = servings.iter().collect();
    let (_, killed_gap) = holder(&servers, &client, patience).await;
    servings.push(start());
    shared.moved(&servings);

    let seen = load.finish(&shared).await;
    let gap = shared.longest_gap();
    assert_eq!(seen.double_cleared, 0, "a conflict was cleared twice");
    assert!(seen.payments() > 20, "the load was no load");
    let database = Database::open(&url).await.unwrap();
    stage.check(&shared, &database, &seen).await;
    mining.abort();
    let line = json!({
        "servers": 3, "failovers": 2, "payments": seen.payments(), "lost": 0, "double_cleared": seen.double_cleared,
        "longest_gap_s": gap.as_secs_f64(),
        "takeover_after_stop_s": stopped_gap.as_secs_f64(),
        "takeover_after_kill_s": killed_gap.as_secs_f64(),
    });
    writeln!(std::io::stdout(), "{line}").unwrap();
}
