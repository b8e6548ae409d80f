//! Each request's id, its line in the log, its numbers, and the headers of every answer.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::{App, telemetry};

const ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const LONGEST: usize = 64;

/// A request's id: the client's, or a new one. It is in the log and in the answer.
#[derive(Clone, Debug)]
pub struct RequestId(pub HeaderValue);

pub(super) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    // The pattern, not the path: paths have ids, and a metric's labels must be few.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let named = || {
        tracing::info_span!(
            "request",
            id = id.to_str().unwrap_or_default(),
            method = known(&method),
            route
        )
    };
    // Of payments that are handed in, ten thousand a second, only where each request is told of: no other line is in the span but
    // that of a failure, and it is some percent of what a payment costs.
    let is_told = !super::rate::CLEARING.contains(&route.as_str())
        || tracing::enabled!(tracing::Level::DEBUG);
    let span = if is_told { named() } else { Span::none() };
    let traced = telemetry::request(
        &method,
        &route,
        id.to_str().unwrap_or_default(),
        request.headers(),
    );
    let began = Instant::now();
    let in_flight = InFlight::begin();
    let answer = next.run(request).instrument(span.clone());
    let mut response = answer.instrument(traced.clone()).await;
    drop(in_flight);
    telemetry::answered(&traced, response.status());
    let took = began.elapsed();
    let status = response.status();
    let milliseconds = took.as_millis();
    if status.is_server_error() {
        let span = if is_told { span } else { named() };
        span.in_scope(|| tracing::warn!(status = status.as_u16(), %milliseconds, "answered"));
    } else {
        span.in_scope(|| tracing::debug!(status = status.as_u16(), %milliseconds, "answered"));
    }
    let labels = [
        ("method", known(&method).to_owned()),
        ("route", route),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("offpay_http_requests_total", &labels).increment(1);
    metrics::histogram!("offpay_http_request_seconds", &labels[..2]).record(took);
    response.headers_mut().insert(ID, id);
    super::headers::add(&app, &mut response);
    response
}

/// Counts a request until it is answered, or the client goes away.
struct InFlight(metrics::Gauge);

impl InFlight {
    fn begin() -> Self {
        let gauge = metrics::gauge!("offpay_http_requests_in_flight");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// A method as a label: clients can invent any number of them.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}

fn id(request: &Request) -> HeaderValue {
    let given = request.headers().get(ID).filter(|given| {
        let bytes = given.as_bytes();
        (1..=LONGEST).contains(&bytes.len())
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    });
    given.cloned().unwrap_or_else(|| {
        HeaderValue::from_str(&Uuid::now_v7().to_string())
            .unwrap_or(HeaderValue::from_static("none"))
    })
}
