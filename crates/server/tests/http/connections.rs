//! Clients that are slow, send too much, or are in the middle of a request when the server stops.

use std::time::Duration;

use offpay_server::testing::{TestServer, eventually};
use offpay_store::testing::Engine;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn connect(server: &TestServer) -> TcpStream {
    let url = server.url("");
    let address = url.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_the_head_of_a_request_is_let_go() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.header_timeout = 1)
        .await
        .unwrap();
    let mut silent = connect(&server).await;
    let mut slow = connect(&server).await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    // Both return only because the server ends the connection.
    let ended = async { [rest(&mut slow).await, rest(&mut silent).await] };
    let ended = tokio::time::timeout(Duration::from_secs(20), ended).await;
    for answer in ended.expect("they are still waited for") {
        assert!(!answer.contains(" 200 "), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_for_room() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.connections = 1)
        .await
        .unwrap();
    let held = connect(&server).await;
    let mut waiting = connect(&server).await;
    waiting
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answered = tokio::spawn(async move { rest(&mut waiting).await });
    tokio::task::yield_now().await;
    drop(held);
    assert!(answered.await.unwrap().contains(" 200 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_new_is_served_while_it_stops_and_it_says_so() {
    let mut server = TestServer::start().await.unwrap();
    let url = server.url("/healthz");
    let client = reqwest::Client::new();
    assert!(client.get(&url).send().await.is_ok());
    server.stop().await;
    eventually("refused", || async {
        reqwest::Client::new().get(&url).send().await.err()
    })
    .await;
    server.start_again().await.unwrap();
    assert!(
        server
            .get("/healthz", None)
            .await
            .unwrap()
            .status
            .is_success()
    );
}
