//! Every error is a problem (RFC 9457), whoever found it.

use std::any::Any;

use axum::{
    body::{Body, to_bytes},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use offpay_api::{Code, Problem};

use crate::problem::Refused;

/// What an extractor says of a bad request is a line.
const LINE: usize = 4_096;

pub(crate) fn not_found() -> Refused {
    Problem::new(Code::NotFound, "there is no such endpoint: see /docs").into()
}

pub(super) async fn method_not_allowed() -> Refused {
    Problem::new(
        Code::MethodNotAllowed,
        "the endpoint takes other methods: see /docs",
    )
    .into()
}

/// A handler panicked: a mistake in the server. What it said goes to the log, not to the caller.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("something that is no text");
    tracing::error!(said, "a handler panicked");
    metrics::counter!("offpay_http_panics_total").increment(1);
    Refused(Problem::new(
        Code::Internal,
        "the server made a mistake; the log has it under the request's id",
    ))
    .into_response()
}

/// Errors that are no problems yet: of extractors, above all.
pub(super) async fn as_problems(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_json(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let said = to_bytes(body, LINE).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let mut problem = Refused(problem(status, said.trim())).into_response();
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

fn is_json(response: &Response<Body>) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"))
}

fn problem(status: StatusCode, said: &str) -> Problem {
    let code = match status {
        StatusCode::UNAUTHORIZED => Code::Unauthorized,
        StatusCode::FORBIDDEN => Code::Forbidden,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        StatusCode::TOO_MANY_REQUESTS => Code::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        status if status.is_client_error() => Code::InvalidRequest,
        _ => Code::Internal,
    };
    let said = if said.is_empty() || status.is_server_error() {
        code.title()
    } else {
        said
    };
    Problem::new(code, said)
}
