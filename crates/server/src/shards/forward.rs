//! Requests that another shard answers are handed on to it, once.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use offpay_api::{Code, Problem};
use offpay_operator::slots::{Place, Slot};
use serde_json::json;

use super::{
    Known, MARK, SHARD,
    peers::Unanswered,
    route::{self, Route},
};
use crate::{
    App,
    http::{CallerAddress, RequestId},
    problem::Refused,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How often a slot is followed to where it was moved.
const MOST_TURNS: usize = 3;

/// They are of one connection (RFC 9110, 7.6.1), or the client makes them anew.
const HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
    header::CONTENT_LENGTH,
];

/// Answers what is of this shard, and hands on what is of another.
pub(crate) async fn forward<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let Some(known) = &app.shards.known else {
        return next(request).await;
    };
    let route = route::of(request.uri().path());
    // Handed on before: it is answered here, or told where it belongs.
    if app.shards.is_from_server(request.headers()) {
        if let Route::Slot(slot) = route
            && let Some(shard) = Box::pin(moved_on(app, slot)).await
        {
            return not_here(&shard);
        }
        return next(request).await;
    }
    let shard = match route {
        Route::Here => None,
        Route::Home => Some(known.names.home.clone()),
        Route::Slot(slot) => known.elsewhere(&app.shards.slots.current(), slot),
    };
    match shard.filter(|shard| *shard != known.names.own) {
        None => next(request).await,
        Some(shard) => Box::pin(hand_on(app, known, route, shard, request))
            .await
            .unwrap_or_else(Refused::into_response),
    }
}

/// Where a slot is that was taken to be here.
async fn moved_on(app: &App, slot: Slot) -> Option<String> {
    for _ in 0..2 {
        match app.shards.slots.current().place(slot) {
            Place::At(shard) => {
                let shard = shard.clone();
                // It may have come this moment.
                if app.shards.slots.refresh(&app.database).await.is_err()
                    || matches!(app.shards.slots.current().place(slot), Place::At(at) if *at == shard)
                {
                    return Some(shard);
                }
            }
            Place::Here | Place::Leaving(_) => return None,
        }
    }
    None
}

fn not_here(shard: &str) -> Response {
    let detail = "another shard has the purse: try again";
    let problem = Problem::new(Code::NotThisShard, detail).with(json!({ "shard": shard }));
    let mut response = Refused(problem).into_response();
    if let Ok(shard) = HeaderValue::from_str(shard) {
        response.headers_mut().insert(SHARD, shard);
    }
    response
}

async fn hand_on(
    app: &App,
    known: &Known,
    route: Route,
    mut shard: String,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, app.config.http.body_limit)
        .await
        .map_err(|_| Problem::new(Code::TooLarge, "the body is too large, or was cut short"))?;
    let headers = handed_on(app, known, &parts);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    for _ in 0..MOST_TURNS {
        let answer = known
            .peers
            .ask(&shard, path, |client, url| {
                client
                    .request(parts.method.clone(), url)
                    .headers(headers.clone())
                    .body(Bytes::clone(&body))
            })
            .await
            .map_err(|Unanswered| unanswered(&shard))?;
        metrics::counter!("offpay_shard_forwarded_total", "shard" => shard.clone()).increment(1);
        let moved = answer.headers().get(SHARD);
        let moved = moved.and_then(|shard| shard.to_str().ok().map(str::to_owned));
        let (Some(moved), Route::Slot(slot)) = (moved, route) else {
            return Ok(handed_back(answer));
        };
        known.learn(slot, &moved);
        if moved == known.names.own {
            break;
        }
        shard = moved;
    }
    Err(Problem::new(
        Code::NotThisShard,
        "the purse is being moved to another database: try again in a moment",
    )
    .into())
}

pub(super) fn unanswered(shard: &str) -> Problem {
    Problem::new(
        Code::Unavailable,
        "the part of the server that has this does not answer: try again, with the same idempotency key",
    )
    .with(json!({ "shard": shard }))
}

/// The client's headers, for whom it asks, and what says that a server asks.
fn handed_on(app: &App, known: &Known, parts: &Parts) -> HeaderMap {
    let mut headers = parts.headers.clone();
    for name in &HOP {
        headers.remove(name);
    }
    let caller = CallerAddress::of(parts, app).0.to_string();
    if let Ok(caller) = HeaderValue::from_str(&caller) {
        headers.insert(FORWARDED_FOR, caller);
    }
    if let Some(id) = parts.extensions.get::<RequestId>() {
        headers.insert(REQUEST_ID, id.0.clone());
    }
    mark(known, &mut headers);
    headers
}

/// Says that a server asks.
pub(super) fn mark(known: &Known, headers: &mut HeaderMap) {
    if let Ok(mut secret) = HeaderValue::from_str(&known.secret) {
        secret.set_sensitive(true);
        headers.insert(MARK, secret);
    }
}

/// The answer as it came, as far as it is not made here for every answer.
fn handed_back(answer: reqwest::Response) -> Response {
    let status = answer.status();
    let mut headers = answer.headers().clone();
    for name in &HOP {
        headers.remove(name);
    }
    let made_here: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("access-control-") || **name == header::VARY)
        .cloned()
        .collect();
    for name in made_here {
        headers.remove(name);
    }
    // A stream of events goes on for as long as it likes.
    let mut response = Response::new(Body::from_stream(answer.bytes_stream()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
