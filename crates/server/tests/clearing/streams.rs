//! Payments are handed in over a connection that stays.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use futures_util::{StreamExt as _, stream};
use offpay_api::payments::ClearingResult;
use offpay_protocol::{Signed, messages::Payment};
use offpay_server::testing::{TestServer, eventually};
use offpay_store::testing::Engine;
use reqwest::Body;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, Sender};

use super::support::{World, key};

const PATIENCE: Duration = Duration::from_secs(20);

/// A stream from the client's side.
struct Open {
    to: Option<Sender<Bytes>>,
    from: reqwest::Response,
    rest: Vec<u8>,
}

impl Open {
    async fn new(server: &TestServer) -> Self {
        let (to, mut from) = mpsc::channel::<Bytes>(1);
        let body = stream::poll_fn(move |context| from.poll_recv(context));
        let request = server.client().post(server.url("/v1/payments/stream"));
        let request = request.body(Body::wrap_stream(body.map(Ok::<_, std::io::Error>)));
        let from = tokio::time::timeout(PATIENCE, request.send()).await;
        let from = from.unwrap().unwrap();
        assert_eq!(from.status(), 200);
        assert_eq!(from.headers()["content-type"], "application/x-ndjson");
        Self {
            to: Some(to),
            from,
            rest: Vec::new(),
        }
    }

    async fn send(&mut self, text: impl Into<Bytes>) {
        let to = self.to.as_ref().unwrap();
        to.send(text.into()).await.unwrap();
    }

    fn end(&mut self) {
        self.to = None;
    }

    /// The next line; `None` once the server ends the stream.
    async fn line(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let chunk = tokio::time::timeout(PATIENCE, self.from.chunk()).await;
            match chunk.expect("an answer in time") {
                Ok(Some(chunk)) => self.rest.extend_from_slice(&chunk),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    async fn code(&mut self) -> String {
        let line = self.line().await.expect("a line");
        line["problem"]["code"].as_str().unwrap().to_owned()
    }
}

fn line(payment: &Signed<Payment>) -> String {
    format!("{}\n", json!(payment))
}

async fn cleared(world: &World, payment: &Signed<Payment>, open: &mut Open) {
    let line = open.line().await.expect("a line");
    let result: ClearingResult = serde_json::from_value(line.clone()).unwrap();
    assert!(matches!(result, ClearingResult::Cleared(_)), "{line}");
    world.cleared(payment, &line["cleared"].to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_answers_each_line_in_order_while_it_goes_on() {
    let world = World::new(Engine::Sqlite).await;
    let (ana, stranger) = (key("ana"), key("stranger"));
    world.purse(&ana).await;
    let mut open = Open::new(&world.server).await;
    let first = world.pay(&ana, 7, 0, 10);
    open.send(line(&first)).await;
    cleared(&world, &first, &mut open).await;
    // Many at once, of which each stands for itself; blank lines are passed over.
    let second = world.pay(&ana, 8, 10, 5);
    let rows = [
        line(&second),
        "\r\n".to_owned(),
        line(&world.pay(&stranger, 7, 0, 10)),
        "{\"no\":\"payment\"}\n".to_owned(),
        line(&first),
    ];
    open.send(rows.concat()).await;
    cleared(&world, &second, &mut open).await;
    assert_eq!(open.code().await, "unknown_purse");
    assert_eq!(open.code().await, "invalid_request");
    cleared(&world, &first, &mut open).await;
    // A line may come in pieces, and the last one without its end.
    let third = world.pay(&ana, 9, 15, 5);
    let text = line(&third);
    let (begin, end) = text.trim_end().split_at(100);
    open.send(begin.to_owned()).await;
    open.send(end.to_owned()).await;
    open.end();
    cleared(&world, &third, &mut open).await;
    assert_eq!(open.line().await, None);
    // A double spend is told with its evidence, as elsewhere.
    let mut open = Open::new(&world.server).await;
    open.send(line(&world.pay(&ana, 8, 0, 10))).await;
    let refused = open.line().await.unwrap();
    assert_eq!(refused["problem"]["code"], "double_spend");
    assert_eq!(
        refused["problem"]["data"]["evidence"]["first"],
        json!(first)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_too_long_ends_the_stream() {
    let server = TestServer::start().await.unwrap();
    for text in ["x".repeat(5_000), format!("{}\n", "x".repeat(5_000))] {
        let mut open = Open::new(&server).await;
        open.send("{}\n").await;
        assert_eq!(open.code().await, "invalid_request");
        open.send(text).await;
        assert_eq!(open.code().await, "too_large");
        assert_eq!(open.line().await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_is_let_go() {
    let server = TestServer::start_with(Engine::Sqlite, |config| config.http.request_timeout = 1)
        .await
        .unwrap();
    let mut open = Open::new(&server).await;
    open.send("{}\n{\"half\":").await;
    assert_eq!(open.code().await, "invalid_request");
    assert_eq!(open.line().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_not_read_from() {
    let server = TestServer::start().await.unwrap();
    let mut open = Open::new(&server).await;
    // Each line of three bytes is answered with hundreds.
    let lines = Bytes::from("{}\n".repeat(20_000));
    let all = async {
        for _ in 0..1_000 {
            open.send(lines.clone()).await;
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(5), all).await;
    assert!(
        sent.is_err(),
        "the server read 60 MB that nobody read the answers of"
    );
    assert_eq!(open.code().await, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_waits_where_requests_are_refused() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.clearing.requests_per_minute = 20;
    })
    .await
    .unwrap();
    let mut open = Open::new(&server).await;
    let began = Instant::now();
    for _ in 0..20 {
        open.send("{}\n").await;
        assert_eq!(open.code().await, "invalid_request");
    }
    // The request itself was one of the 20 that come at once; then there is one in three seconds.
    assert!(began.elapsed() > Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_its_streams_and_keeps_what_it_answered() {
    let mut world = World::new(Engine::Sqlite).await;
    let ana = key("ana");
    world.purse(&ana).await;
    let mut open = Open::new(&world.server).await;
    let payment = world.pay(&ana, 7, 0, 10);
    open.send(line(&payment)).await;
    cleared(&world, &payment, &mut open).await;
    let began = Instant::now();
    world.server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(10), "it waited");
    assert_eq!(open.line().await, None);
    world.server.start_again().await.unwrap();
    eventually("the same answer", || async {
        let answer = world.clear(&payment).await;
        (answer.status == 200).then_some(())
    })
    .await;
}
