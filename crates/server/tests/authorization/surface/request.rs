//! A request out of bytes: an endpoint of the served document, or a path near one; who asks; headers; a body.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, HeaderValue, Method, Request, header},
};
use serde_json::Value;

use super::{
    LIMIT,
    choices::Choices,
    document::{Document, Endpoint},
    words::Words,
};

/// Paths that are for people, and paths that are nobody's.
const PAGES: [&str; 16] = [
    "/",
    "/docs",
    "/docs/",
    "/openapi.json",
    "/problems",
    "/problems/not_found",
    "/metrics",
    "/offpay.json",
    "/index.html",
    "/assets/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/v1",
    "/v1/",
    "//v1/me",
    "/v1/me/",
    "/v1/admin",
];

/// Headers that something looks at.
const HEADERS: [&str; 20] = [
    "accept",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "content-encoding",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "origin",
    "range",
    "sec-fetch-site",
    "traceparent",
    "transfer-encoding",
    "x-forwarded-for",
    "x-offpay-server",
    "x-offpay-shard",
    "x-request-id",
];

const VALUES: [&str; 20] = [
    "*/*",
    "text/event-stream",
    "text/csv",
    "gzip, br;q=0",
    "POST",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "__Host-offpay=ops_made-up",
    "__Host-offpay=",
    "key-1",
    "0",
    "18446744073709551616",
    "https://shop.example",
    "null",
    "same-origin",
    "cross-site",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "203.0.113.7, 10.0.0.1, ::1",
    "bytes=0-1,5-",
];

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody, or with credentials that are made up.
    Nobody(Option<String>),
    /// With a token that is good for something.
    Known(String),
    /// With a session's cookie.
    Cookie(String),
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) caller: Caller,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Made {
    /// The path as it is sent.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// As HTTP has it; none if HTTP has no such thing.
    pub(crate) fn request(&self) -> Option<Request<Body>> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.target);
        for (name, value) in &self.headers {
            let value = HeaderValue::from_bytes(value).ok()?;
            request = request.header(HeaderName::from_static(name), value);
        }
        let token = match &self.caller {
            Caller::Known(token) | Caller::Nobody(Some(token)) => Some(token),
            _ => None,
        };
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Caller::Cookie(session) = &self.caller {
            request = request.header(header::COOKIE, format!("__Host-offpay={session}"));
        }
        let mut request = request.body(Body::from(self.body.clone())).ok()?;
        let peer = std::net::SocketAddr::from(([192, 0, 2, 1], 1));
        request.extensions_mut().insert(ConnectInfo(peer));
        Some(request)
    }
}

/// What a request is made of.
pub(crate) struct Maker<'a> {
    pub(crate) document: &'a Document,
    pub(crate) endpoints: &'a [Endpoint<'a>],
    pub(crate) words: &'a Words,
    /// The session of a user whose key the server holds.
    pub(crate) session: String,
    /// The operator's token.
    pub(crate) operator: String,
    /// Other sessions and tokens that are good for something.
    pub(crate) tokens: &'a [String],
}

impl Maker<'_> {
    pub(crate) fn make(&self, choices: &mut Choices<'_>) -> Made {
        let endpoint = &self.endpoints[choices.below(self.endpoints.len())];
        let caller = self.caller(endpoint, choices);
        let method = if choices.once_in(16) {
            choices.of(&[
                "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X",
            ])
        } else {
            &endpoint.method
        };
        let mut target = self.target(endpoint, choices);
        self.add_query(endpoint, &mut target, choices);
        let (kind, body) = self.body(endpoint, choices);
        let mut headers = Vec::new();
        if let Some(kind) = kind.filter(|_| !choices.once_in(24)) {
            headers.push(("content-type", kind.as_bytes().to_vec()));
        }
        for _ in 0..choices.below(8).saturating_sub(4) {
            let value = if choices.once_in(3) {
                choices.raw().to_vec()
            } else {
                choices.of(&VALUES).as_bytes().to_vec()
            };
            headers.push((choices.of(&HEADERS), value));
        }
        Made {
            method: method.parse().unwrap(),
            target,
            caller,
            headers,
            body,
        }
    }

    /// Somebody whom the endpoint lets in, as far as its path tells.
    pub(crate) fn who_may(&self, endpoint: &Endpoint<'_>) -> Caller {
        let admin = endpoint.path.starts_with("/v1/admin/");
        Caller::Known(if admin { &self.operator } else { &self.session }.clone())
    }

    fn caller(&self, endpoint: &Endpoint<'_>, choices: &mut Choices<'_>) -> Caller {
        match choices.below(8) {
            0 => Caller::Nobody(None),
            1 => Caller::Nobody(Some(
                choices
                    .of(&["made-up", "opa_made-up", "ops_", "opt_x", "."])
                    .to_owned(),
            )),
            2 => Caller::Cookie(self.session.clone()),
            // Who is let in: what is behind the door is to be asked as well.
            3..=6 => self.who_may(endpoint),
            _ => Caller::Known(self.tokens[choices.below(self.tokens.len())].clone()),
        }
    }

    fn target(&self, endpoint: &Endpoint<'_>, choices: &mut Choices<'_>) -> String {
        if choices.once_in(24) {
            return choices.of(&PAGES).to_owned();
        }
        let parts = endpoint.path.split('/').map(|part| {
            if part.starts_with('{') || choices.once_in(64) {
                self.words.segment(choices)
            } else {
                part.to_owned()
            }
        });
        let mut target = parts.collect::<Vec<_>>().join("/");
        if choices.once_in(48) {
            target.push('/');
        }
        target
    }

    fn add_query(&self, endpoint: &Endpoint<'_>, target: &mut String, choices: &mut Choices<'_>) {
        let most = if endpoint.query.is_empty() { 16 } else { 2 };
        if !choices.once_in(most) {
            return;
        }
        target.push('?');
        for _ in 0..=choices.below(3) {
            if endpoint.query.is_empty() || choices.once_in(8) {
                target.push_str(choices.of(&["limit", "cursor", "%", "a=b=c", "&&", "="]));
            } else {
                target.push_str(choices.of(&endpoint.query));
            }
            target.push('=');
            target.push_str(&self.words.segment(choices));
            target.push('&');
        }
    }

    /// The media type and the bytes.
    fn body<'e>(
        &self,
        endpoint: &Endpoint<'e>,
        choices: &mut Choices<'_>,
    ) -> (Option<&'e str>, Vec<u8>) {
        let Some((kind, schema)) = endpoint.body else {
            let body = if choices.once_in(16) {
                choices.raw().to_vec()
            } else {
                Vec::new()
            };
            return (None, body);
        };
        let value = match schema["type"].as_str() {
            // Lines of what the same document calls a payment would be: any value is a line.
            Some("string") => self.words.odd(choices),
            _ => self.document.value(schema, self.words, choices, 0),
        };
        let mut body = serde_json::to_vec::<Value>(&value).unwrap();
        match choices.below(24) {
            21 => body.truncate(choices.below(body.len() + 1)),
            22 => {
                let at = choices.below(body.len() + 1);
                body.splice(at..at, choices.raw().iter().copied());
            }
            // JSON may have any number of blanks in front.
            23 => {
                let blanks = LIMIT + 1 - choices.below(LIMIT * 2).min(LIMIT + 1);
                let blanks = if choices.once_in(2) {
                    blanks
                } else {
                    LIMIT + 1
                };
                body.splice(0..0, std::iter::repeat_n(b' ', blanks));
            }
            _ => {}
        }
        (Some(kind), body)
    }
}
