//! Idempotency keys: a POST that is sent again is not done again.
//!
//! What the database keeps cannot be read without the client's key: answers hold session tokens, and requests passwords.

mod keyed;

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts as _, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use offpay_api::{Code, Problem};
use offpay_operator::{
    hosted::OperationId,
    storage::{
        OperationStorage as _,
        idempotency::{Begun, IdempotencyStorage as _},
    },
};
use offpay_protocol::Seconds;
use serde_json::json;

use crate::{App, auth::Caller, loops, problem::Refused};
use keyed::Keyed;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long an answer is kept.
const KEPT: Seconds = Seconds::DAY;

/// The longest key.
const LONGEST: usize = 255;

/// The longest answer that is kept. Longer ones are lists, and lists change nothing.
const ANSWER: usize = 1024 * 1024;

/// These are the same however often they are sent, without a key: a payment has an id.
const BY_NATURE: [&str; 2] = ["/v1/payments", "/v1/payments/batch"];

/// Whether a POST there needs no key, and ignores one that is sent.
pub(crate) fn is_needless(path: &str) -> bool {
    path == STREAM || BY_NATURE.contains(&path)
}

/// The hash of who asks, their key and what is asked: a handler's name for the work that is the same the second time.
/// The first answer can be lost after the work was done, in a crash for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub [u8; 32]);

/// Forgets old answers, once in a while.
pub async fn forget(app: App) {
    while !loops::wait(&app, Duration::from_secs(600)).await {
        if let Err(error) = app.database.forget_old_requests(app.now()).await {
            tracing::warn!(code = error.code(), %error, "old answers were not forgotten");
        }
    }
}

/// Its body goes on for as long as the client likes, and what is in it is the same however often it is sent.
const STREAM: &str = "/v1/payments/stream";

pub(super) async fn once(app: &App, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || request.uri().path() == STREAM {
        return next.run(request).await;
    }
    post(app, request, next)
        .await
        .unwrap_or_else(Refused::into_response)
}

async fn post(app: &App, request: Request, next: Next) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    // Here, where the time is limited: what runs to its end must not wait for the client.
    let body = to_bytes(body, app.config.http.body_limit)
        .await
        .map_err(|_| Problem::new(Code::TooLarge, "the body is too large, or was cut short"))?;
    match parts.headers.get(KEY) {
        Some(key) if !is_needless(parts.uri.path()) => {
            let key = key.as_bytes().to_vec();
            // Boxed, like all that is rare: the future of every request is as large as the largest that it can become.
            Box::pin(keyed(app.clone(), key, parts, body, next)).await
        }
        // Nothing of it is lost when the client goes away: the writer has it by then, or nobody does.
        _ if BY_NATURE.contains(&parts.uri.path()) => {
            let request = Request::from_parts(parts, Body::from(body));
            Ok(next.run(request).await)
        }
        _ => {
            let request = Request::from_parts(parts, Body::from(body));
            Ok(finish(app, next.run(request)).await)
        }
    }
}

/// Runs to the end, also when the client goes away in the middle.
async fn finish<T: Send + 'static>(app: &App, work: impl Future<Output = T> + Send + 'static) -> T {
    match app.tasks.spawn(work).await {
        Ok(done) => done,
        // The layer above makes a problem of it.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn keyed(
    app: App,
    key: Vec<u8>,
    mut parts: Parts,
    body: Bytes,
    next: Next,
) -> Result<Response, Refused> {
    if !(1..=LONGEST).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
        return Err(Problem::new(
            Code::InvalidRequest,
            "an idempotency key has 1 to 255 visible characters, without spaces",
        )
        .into());
    }
    let who = who(&mut parts, &app).await;
    let keyed = Keyed::new(&who, &key, &parts, &body);
    let now = app.now();
    let lease = Seconds::new(app.config.http.request_timeout.saturating_mul(2));
    let lease = now.saturating_add(lease.unwrap_or(Seconds::DAY));
    match app
        .database
        .begin_request(keyed.request, now, lease)
        .await?
    {
        Begun::Mismatch => Err(Problem::new(
            Code::IdempotencyMismatch,
            "the key was used for another request: take a new key for each",
        )
        .into()),
        Begun::InProgress => Err(Problem::new(
            Code::IdempotencyInProgress,
            "the first request with this key is not done yet: ask again in a moment",
        )
        .into()),
        Begun::Done(answer) => {
            let mut response = keyed.open(&answer).ok_or_else(|| {
                Problem::new(Code::Internal, "the kept answer cannot be read any more")
            })?;
            response
                .headers_mut()
                .insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Begun::Fresh => {
            // An earlier try may have done it, and been cut off before its answer was kept.
            let once = keyed.request.request;
            if let Some(operation) = app.database.operation_once(once).await? {
                app.database.forget_request(keyed.request).await?;
                return Err(started_before(operation.asked.id).into());
            }
            parts
                .extensions
                .insert(IdempotencyKey(keyed.request.request));
            let request = Request::from_parts(parts, Body::from(body));
            let work = first(app.clone(), keyed, request, next);
            Ok(finish(&app, work).await)
        }
    }
}

fn started_before(operation: OperationId) -> Problem {
    let detail = format!("an earlier try started it: see /v1/operations/{operation}");
    Problem::new(Code::AlreadyStarted, detail).with(json!({ "operation": operation.to_string() }))
}

/// Does it, and keeps the answer before it is given.
async fn first(app: App, keyed: Keyed, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, ANSWER).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let kept = if is_kept(status) {
        match keyed.seal(&parts, &body) {
            Some(answer) => {
                let expires = app.now().saturating_add(KEPT);
                app.database
                    .keep_answer(keyed.request, &answer, expires)
                    .await
            }
            None => Ok(()),
        }
    } else {
        app.database.forget_request(keyed.request).await
    };
    if let Err(error) = kept {
        // Until its lease ends, the key stays in progress; then the request is done again, under the same key.
        tracing::error!(code = error.code(), %error, "an answer was not kept");
    }
    Response::from_parts(parts, Body::from(body))
}

/// Whether an answer would be the same again. Who was refused for what can change may try again with the same key.
fn is_kept(status: StatusCode) -> bool {
    !status.is_server_error()
        && !matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::UNAUTHORIZED
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::CONFLICT
        )
}

/// The user, however they signed in; else what they sent to say who they are; else nobody.
async fn who(parts: &mut Parts, app: &App) -> Vec<u8> {
    if let Ok(caller) = Caller::from_request_parts(parts, app).await {
        return caller.user.to_string().into_bytes();
    }
    parts
        .headers
        .get(header::AUTHORIZATION)
        .map(|sent| sent.as_bytes().to_vec())
        .unwrap_or_default()
}
