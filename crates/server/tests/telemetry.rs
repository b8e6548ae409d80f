//! A collector gets the span of a request, and nothing else. In a test program of its own: a process begins to send
//! traces once.
#![allow(missing_docs)]

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use offpay_server::{
    config::Secret,
    log,
    testing::{TestServer, eventually},
};
use offpay_store::testing::Engine;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;
use reqwest::{Method, StatusCode};
use serde_json::json;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const PASSWORD: &str = "correct horse battery";

/// What the collector was sent.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Collected {
    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().unwrap();
        requests
            .iter()
            .flat_map(|(_, body)| {
                let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
                request.resource_spans
            })
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }
}

async fn collector() -> (String, Collected) {
    let collected = Collected::default();
    let take = |State(collected): State<Collected>, headers: HeaderMap, body: Bytes| async move {
        collected.0.lock().unwrap().push((headers, body));
    };
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(collected.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/v1/traces"), collected)
}

fn text(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    let value = found.and_then(|found| found.value.clone()?.value);
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o96_a_collector_gets_the_span_of_a_request_and_no_secret() {
    let (url, collected) = collector().await;
    let mut config = offpay_server::Config::default();
    config.log.filter = "off".to_owned();
    config.telemetry.otlp_endpoint = Some(url.as_str().into());
    config.telemetry.authorization = Some(Secret::from("Bearer collectors-own"));
    config.telemetry.service_name = "the-old-market".to_owned();
    assert_eq!(config.telemetry.sample_percent, 100);
    let telemetry = log::begin(&config).unwrap();
    let server = TestServer::start_with(Engine::Sqlite, |_| {})
        .await
        .unwrap();

    let parent = format!("00-{TRACE}-{PARENT}-01");
    let body = json!({ "handle": "ana", "password": PASSWORD });
    let headers = [("traceparent", parent.as_str()), ("x-request-id", "r-17")];
    let registered = server
        .send(Method::POST, "/v1/users", None, Some(&body), &headers)
        .await
        .unwrap();
    assert_eq!(registered.status, StatusCode::CREATED);
    let token = registered.body["token"].as_str().unwrap();
    let missing = server
        .get(
            "/v1/operations/00000000-0000-0000-0000-000000000000",
            Some(token),
        )
        .await
        .unwrap();
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    // Who sent it does not trace it: nor does the server.
    let untraced = format!("00-{TRACE}-{PARENT}-00");
    let headers = [("traceparent", untraced.as_str())];
    server
        .send(Method::GET, "/v1/me", Some(token), None, &headers)
        .await
        .unwrap();
    telemetry.end().await;

    let spans = eventually("the spans came", || async {
        let spans = collected.spans();
        (spans.len() >= 2).then_some(spans)
    })
    .await;
    let named = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        let first = found.next().unwrap_or_else(|| panic!("no span {name}"));
        assert!(found.next().is_none(), "{name} is there twice");
        first
    };
    let registering = named("POST /v1/users");
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    assert_eq!(hex(&registering.trace_id), TRACE);
    assert_eq!(hex(&registering.parent_span_id), PARENT);
    let about = &registering.attributes;
    assert_eq!(text(about, "http.response.status_code"), "201");
    assert_eq!(text(about, "http.request.method"), "POST");
    assert_eq!(text(about, "offpay.request.id"), "r-17");
    assert_eq!(registering.kind, 2, "a server's");
    let asking = named("GET /v1/operations/{id}");
    assert_ne!(hex(&asking.trace_id), TRACE);
    assert!(asking.parent_span_id.is_empty());
    assert!(spans.iter().all(|span| span.name != "GET /v1/me"));

    let sent = collected.0.lock().unwrap();
    for (headers, body) in sent.iter() {
        assert_eq!(headers["authorization"], "Bearer collectors-own");
        let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
        for resource in &request.resource_spans {
            let about = &resource.resource.as_ref().unwrap().attributes;
            assert_eq!(text(about, "service.name"), "the-old-market");
        }
        for secret in [PASSWORD, token, "ana", "00000000-0000"] {
            let found = body
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} was sent to the collector");
        }
    }
}
