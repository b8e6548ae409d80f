//! Is it alive, is it ready, what are its numbers.

use offpay_chain::{LocalChain, LocalChainOptions};
use offpay_server::testing::TestServer;
use offpay_store::testing::{Engine, PostgresServer};
use reqwest::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_started_is_alive_and_ready() {
    for engine in Engine::ALL {
        let server = TestServer::start_with(engine, |_| {}).await.unwrap();
        let alive = server.get("/healthz", None).await.unwrap();
        assert_eq!(alive.status, StatusCode::OK);
        let ready = server.get("/readyz", None).await.unwrap();
        assert_eq!(ready.status, StatusCode::OK, "{}", ready.text);
        assert_eq!(ready.body["ready"], true);
        assert_eq!(ready.body["parts"]["database"], true);
        assert_eq!(ready.body["parts"]["node"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_the_node_is_gone() {
    let mut server = TestServer::start().await.unwrap();
    // The chain's process ends with the value that is replaced.
    let other = LocalChain::start(&LocalChainOptions::default())
        .await
        .unwrap();
    drop(std::mem::replace(&mut server.local.chain, other));
    let ready = server.get("/readyz", None).await.unwrap();
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.body["parts"]["node"], false);
    assert_eq!(
        server.get("/healthz", None).await.unwrap().status,
        StatusCode::OK,
        "a restart would not help"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_the_database_is_gone_and_ready_when_it_is_back() {
    let postgres = PostgresServer::start().unwrap();
    let url = postgres.new_database().await.unwrap();
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.database.url = url.as_str().into();
    })
    .await
    .unwrap();
    postgres.stop().unwrap();
    let ready = server.get("/readyz", None).await.unwrap();
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.body["parts"]["database"], false);
    postgres.start_again().unwrap();
    offpay_server::testing::eventually("ready again", || async {
        let ready = server.get("/readyz", None).await.unwrap();
        (ready.status == StatusCode::OK).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_requests_by_route() {
    let server = TestServer::start().await.unwrap();
    server.get("/problems/not_found", None).await.unwrap();
    let metrics = server.get("/metrics", None).await.unwrap();
    assert_eq!(metrics.status, StatusCode::OK);
    assert!(
        metrics
            .text
            .lines()
            .any(|line| line.starts_with("offpay_http_requests_total{")
                && line.contains("route=\"/problems/{code}\"")),
        "{}",
        metrics.text
    );
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.metrics = false)
        .await
        .unwrap();
    let off = server.get("/metrics", None).await.unwrap();
    assert_eq!(off.status, StatusCode::NOT_FOUND);
}
