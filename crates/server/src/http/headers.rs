//! Headers that make browsers careful.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

use crate::App;

/// Nothing is loaded and nothing frames it: right for an API. Pages say what they need themselves.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    // Answers are about somebody's money.
    (header::CACHE_CONTROL, "no-store"),
];

/// Two years, as browsers recommend.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Adds what the answer does not say itself.
pub(super) fn add(app: &App, response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    let tls = app
        .config
        .http
        .public_url
        .as_ref()
        .is_some_and(|url| url.starts_with("https://"));
    if tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
}
