//! Limits: how many requests, how large, how slow.

use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::users::register;

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_refused_and_health_is_not_counted() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.http.requests_per_minute = 5;
        config.http.caller_requests_per_minute = 10;
    })
    .await
    .unwrap();
    let ana = register(&server, "ana").await;
    let mut refused = None;
    for _ in 0..20 {
        let answer = server.get("/problems", None).await.unwrap();
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.code(), "rate_limited");
    let wait: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=13).contains(&wait));
    for _ in 0..20 {
        assert_eq!(server.get("/healthz", None).await.unwrap().status, 200);
    }
    // Made-up credentials do not open a new bucket where the address has none left.
    let made_up = server.get("/v1/me", Some("made-up")).await.unwrap();
    assert_eq!(made_up.status, 429, "{}", ana.token.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_credentials_count_for_the_address() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.http.requests_per_minute = 5;
        config.http.caller_requests_per_minute = 1_000;
    })
    .await
    .unwrap();
    let ana = register(&server, "ana").await;
    for _ in 0..20 {
        let answer = server.get("/v1/me", Some(&ana.token)).await.unwrap();
        assert_eq!(
            answer.status, 200,
            "who is signed in has a limit of their own"
        );
    }
    let mut statuses = Vec::new();
    for number in 0..10 {
        let token = format!("made-up-{number}");
        let answer = server.get("/v1/me", Some(&token)).await.unwrap();
        statuses.push(answer.status.as_u16());
    }
    assert!(statuses.starts_with(&[401]), "{statuses:?}");
    assert!(statuses.ends_with(&[429]), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_and_bodies_that_are_no_json_are_problems() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.body_limit = 2_048)
        .await
        .unwrap();
    let large = json!({ "handle": "ana", "password": "x".repeat(4_000) });
    for headers in [&[][..], &[("idempotency-key", "k")]] {
        let answer = server
            .send(Method::POST, "/v1/users", None, Some(&large), headers)
            .await
            .unwrap();
        assert_eq!(answer.code(), "too_large", "{}", answer.text);
    }
    for (kind, body, code) in [
        ("text/plain", "{}", "unsupported_media_type"),
        ("application/json", "{", "invalid_request"),
        ("application/json", "{\"handle\":1}", "invalid_request"),
        (
            "application/json",
            "{\"handle\":\"ana\",\"password\":\"long enough x\",\"more\":1}",
            "invalid_request",
        ),
    ] {
        let response = server
            .client()
            .post(server.url("/v1/users"))
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!(problem["code"], code, "{problem}");
    }
}

async fn begin(server: &TestServer, length: usize) -> TcpStream {
    let url = server.url("");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let head = format!(
        "POST /v1/users HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.request_timeout = 1)
        .await
        .unwrap();
    let mut stream = begin(&server, 100).await;
    stream.write_all(b"{\"handle\":").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("\"unavailable\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_answered_when_the_server_stops() {
    let mut server = TestServer::start().await.unwrap();
    let body = json!({ "handle": "ana", "password": "a long enough password" }).to_string();
    let mut stream = begin(&server, body.len()).await;
    let (first, second) = body.as_bytes().split_at(10);
    stream.write_all(first).await.unwrap();
    // It is in flight once it is counted.
    offpay_server::testing::eventually("in flight", || async {
        let metrics = server.get("/metrics", None).await.unwrap().text;
        metrics
            .lines()
            .find_map(|line| line.strip_prefix("offpay_http_requests_in_flight "))
            .and_then(|count| count.parse::<f64>().ok())
            .filter(|count| *count >= 2.0)
    })
    .await;
    let url = server.url("/healthz");
    let stopping = tokio::spawn(async move {
        server.stop().await;
        server
    });
    offpay_server::testing::eventually("it takes no more", || async {
        reqwest::get(&url).await.err()
    })
    .await;
    assert!(!stopping.is_finished());
    stream.write_all(second).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let mut server = stopping.await.unwrap();
    server.start_again().await.unwrap();
    let body = json!({ "handle": "ana", "password": "a long enough password" });
    let taken = server.post("/v1/users", None, &body).await.unwrap();
    assert_eq!(taken.code(), "handle_taken", "what was answered is stored");
}

/// Who sends a byte now and then is not waited for any longer than who sends none: what counts is the whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_is_not_waited_for() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.request_timeout = 1)
        .await
        .unwrap();
    let stream = begin(&server, 100_000).await;
    let (mut read, mut write) = stream.into_split();
    let trickle = tokio::spawn(async move {
        while write.write_all(b" ").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(
        std::time::Duration::from_secs(20),
        read.read_to_end(&mut answer),
    );
    // Answered, or simply cut off: not waited for.
    let _ = ended.await.expect("it is still waited for");
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 503"),
        "{answer}"
    );
    trickle.abort();
}

/// A body whose length is not said is read no further than one whose length is.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_is_bounded() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.body_limit = 2_048)
        .await
        .unwrap();
    let url = server.url("");
    let address = url.strip_prefix("http://").unwrap();
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    let head = "POST /v1/users HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    write.write_all(head.as_bytes()).await.unwrap();
    let sent = tokio::spawn(async move {
        let chunk = format!("400\r\n{}\r\n", " ".repeat(1_024));
        let mut sent = 0_usize;
        // It has no end: only the server can end it.
        while sent < 64 * 1_024 * 1_024 && write.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 1_024;
        }
        sent
    });
    let mut answer = Vec::new();
    let _ = read.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.contains("too_large"),
        "{answer}"
    );
    drop(read);
    let sent = sent.await.unwrap();
    assert!(sent < 32 * 1_024 * 1_024, "{sent} bytes were taken");
}
