//! The event log as a list and as a stream.

use futures_util::StreamExt as _;
use offpay_server::testing::TestServer;
use reqwest::header;

use super::users::{happen, register};

/// Reads `count` events of a stream: their ids and numbers.
async fn read(response: reqwest::Response, count: usize) -> Vec<(i64, u64)> {
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let mut bytes = response.bytes_stream();
    let mut text = String::new();
    let mut events = Vec::new();
    while events.len() < count {
        text.push_str(&String::from_utf8_lossy(
            &bytes.next().await.unwrap().unwrap(),
        ));
        while let Some(end) = text.find("\n\n") {
            let block: String = text.drain(..end + 2).collect();
            let field = |name: &str| {
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(name))
                    .map(|value| value.trim().to_owned())
            };
            if let (Some(id), Some(data)) = (field("id:"), field("data:")) {
                let data: serde_json::Value = serde_json::from_str(&data).unwrap();
                assert_eq!(data["id"].as_str().unwrap(), id);
                assert_eq!(field("event:").unwrap(), data["kind"].as_str().unwrap());
                let number = data["body"]["number"].as_u64().unwrap_or(u64::MAX);
                events.push((id.parse().unwrap(), number));
            }
        }
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_resumed_where_it_was_cut() {
    let mut server = TestServer::start().await.unwrap();
    let (ana, bob) = (
        register(&server, "ana").await,
        register(&server, "bob").await,
    );
    let open = async |server: &TestServer, after: &str| {
        let request = server
            .client()
            .get(server.url("/v1/events"))
            .bearer_auth(&ana.token)
            .header(header::ACCEPT, "text/event-stream");
        let request = if after.is_empty() {
            request
        } else {
            request.header("last-event-id", after)
        };
        request.send().await.unwrap()
    };
    let stream = open(&server, "").await;
    happen(&server, &bob, 100..103).await;
    happen(&server, &ana, 0..3).await;
    let first = read(stream, 3).await;
    let numbers: Vec<_> = first.iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [0, 1, 2], "one's own, from now on");

    server.start_again().await.unwrap();
    happen(&server, &ana, 3..5).await;
    let resumed = open(&server, &first[1].0.to_string()).await;
    let second = read(resumed, 3).await;
    assert_eq!(second[0], first[2], "from where it was cut");
    let numbers: Vec<_> = second.iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_the_server_stops() {
    let mut server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let stream = server
        .client()
        .get(server.url("/v1/events"))
        .bearer_auth(&ana.token)
        .header(header::ACCEPT, "text/event-stream")
        .send()
        .await
        .unwrap();
    let reading = tokio::spawn(async move { stream.bytes().await });
    server.stop().await;
    assert!(reading.await.unwrap().is_ok(), "it ended, it was not cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_goes_on_where_it_ended() {
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    happen(&server, &ana, 0..5).await;
    let mut path = "/v1/events?limit=2".to_owned();
    let mut numbers = Vec::new();
    loop {
        let page = server.get(&path, Some(&ana.token)).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.text);
        let items = page.body["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        numbers.extend(
            items
                .iter()
                .filter_map(|event| event["body"]["number"].as_u64()),
        );
        let next = page.body["next"].as_str().unwrap();
        path = format!("/v1/events?limit=2&cursor={next}");
    }
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    let nobody = server.get("/v1/events", None).await.unwrap();
    assert_eq!(nobody.code(), "unauthorized");
    let odd = server
        .get("/v1/events?cursor=-1", Some(&ana.token))
        .await
        .unwrap();
    assert_eq!(odd.code(), "invalid_request");
}
