//! A POST with an idempotency key is done once, whatever happens.

use offpay_operator::storage::idempotency::{Begun, IdempotencyStorage as _, KeyedRequest};
use offpay_protocol::Seconds;
use offpay_server::testing::{Answer, TestServer};
use offpay_store::testing::Engine;
use reqwest::Method;
use serde_json::{Value, json};

async fn post(server: &TestServer, key: &str, body: &Value) -> Answer {
    server
        .send(
            Method::POST,
            "/v1/users",
            None,
            Some(body),
            &[("idempotency-key", key)],
        )
        .await
        .unwrap()
}

fn ana() -> Value {
    json!({ "handle": "ana", "password": "a long enough password" })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_twice_is_done_once() {
    for engine in Engine::ALL {
        let mut server = TestServer::start_with(engine, |_| {}).await.unwrap();
        let first = post(&server, "k-1", &ana()).await;
        assert_eq!(first.status, 201, "{}", first.text);
        assert!(!first.headers.contains_key("idempotency-replayed"));
        let again = post(&server, "k-1", &ana()).await;
        assert_eq!(again.status, 201);
        assert_eq!(again.text, first.text, "the same user, the same session");
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(again.headers["set-cookie"], first.headers["set-cookie"]);
        server.start_again().await.unwrap();
        let later = post(&server, "k-1", &ana()).await;
        assert_eq!(later.text, first.text, "{engine:?}: also after a restart");
        let other = post(&server, "k-2", &ana()).await;
        assert_eq!(other.code(), "handle_taken", "without it, it is done again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_one_request() {
    let server = TestServer::start().await.unwrap();
    assert_eq!(post(&server, "k", &ana()).await.status, 201);
    let mut other = ana();
    other["handle"] = json!("bob");
    let answer = post(&server, "k", &other).await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.code(), "idempotency_mismatch");
    let answer = post(&server, "with space", &other).await;
    assert_eq!(answer.code(), "invalid_request");
    let answer = post(&server, &"x".repeat(256), &other).await;
    assert_eq!(answer.code(), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_done() {
    let server = std::sync::Arc::new(TestServer::start().await.unwrap());
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move { post(&server, "k", &ana()).await })
        })
        .collect();
    let mut users = std::collections::BTreeSet::new();
    for task in tasks {
        let answer = task.await.unwrap();
        if answer.status == 201 {
            users.insert(answer.body["user"].to_string());
        } else {
            assert_eq!(answer.code(), "idempotency_in_progress", "{}", answer.text);
            assert!(answer.headers.contains_key("retry-after"));
        }
    }
    assert_eq!(users.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_cut_off_in_the_middle_can_begin_anew_when_the_lease_is_over() {
    for engine in Engine::ALL {
        let server = TestServer::start_with(engine, |_| {}).await.unwrap();
        let app = server.app();
        let request = KeyedRequest {
            key: [1; 32],
            request: [2; 32],
        };
        let now = app.now();
        let lease = now.saturating_add(Seconds::new(60).unwrap());
        let begin = |now| app.database.begin_request(request, now, lease);
        assert_eq!(begin(now).await.unwrap(), Begun::Fresh);
        // The server is killed here: it neither keeps an answer nor forgets the request.
        assert_eq!(begin(now).await.unwrap(), Begun::InProgress);
        assert_eq!(begin(lease).await.unwrap(), Begun::Fresh);
        app.database.forget_request(request).await.unwrap();
        assert_eq!(begin(now).await.unwrap(), Begun::Fresh);
        assert_eq!(app.database.forget_old_requests(lease).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_tells_nothing_of_passwords_and_tokens() {
    let mut server = TestServer::start().await.unwrap();
    let answer = post(&server, "k", &ana()).await;
    let token = answer.body["token"].as_str().unwrap().to_owned();
    server.stop().await;
    let file = std::fs::read(server.folder.path().join("offpay.db")).unwrap();
    let holds = |text: &str| {
        file.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds("ana"), "the right file");
    assert!(!holds(&token));
    assert!(!holds("a long enough password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_finds_its_answer_later() {
    use tokio::io::AsyncWriteExt as _;
    let server = TestServer::start().await.unwrap();
    let url = server.url("");
    let address = url.strip_prefix("http://").unwrap();
    let body = ana().to_string();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(
            format!(
                "POST /v1/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                 idempotency-key: k\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
        .await
        .unwrap();
    // One of the two is the first: whichever it is, the other finds it.
    assert!(["idempotency_in_progress", ""].contains(&post(&server, "k", &ana()).await.code()));
    drop(stream);
    let answer = offpay_server::testing::eventually("done", || async {
        let answer = post(&server, "k", &ana()).await;
        (answer.code() != "idempotency_in_progress").then_some(answer)
    })
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}
