//! `GET /problems` and `GET /problems/{code}`: what errors mean. Their `type` names these pages.

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use offpay_api::{Code, Problem};

use crate::{App, problem::Refused};

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
);

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}\
    td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}code{font-size:.95em}";

async fn all() -> Response {
    let mut rows = String::new();
    for code in Code::ALL {
        let (name, status, title) = (code.name(), code.status(), code.title());
        let again = if code.is_retryable() { "yes" } else { "no" };
        rows.push_str(&format!(
            "<tr><td><a href=\"/problems/{name}\"><code>{name}</code></a><td>{status}<td>{again}<td>{title}</tr>"
        ));
    }
    page(
        "Problems",
        &format!("<table><tr><th>code<th>status<th>retry?<th>what it is</tr>{rows}</table>"),
    )
}

async fn one(Path(name): Path<String>) -> Result<Response, Refused> {
    let code = Code::ALL
        .iter()
        .find(|code| code.name() == name)
        .ok_or_else(|| Problem::new(Code::NotFound, "there is no such problem: see /problems"))?;
    let advice = if code.is_retryable() {
        "The same request can succeed later. Wait (<code>Retry-After</code> says how long at least), then send it \
         again with the same <code>Idempotency-Key</code>, each time after a longer pause."
    } else if code.status() >= 500 {
        "Tell the operator the <code>x-request-id</code> of the answer: the log has more under it."
    } else {
        "The same request will not succeed. <code>detail</code> says what was wrong; <code>data</code>, where it is \
         given, has it for programs."
    };
    let (status, title) = (code.status(), code.title());
    Ok(page(
        title,
        &format!(
            "<p><code>{name}</code>, HTTP status {status}<p>{advice}<p><a href=\"/problems\">All problems</a>"
        ),
    ))
}

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    );
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

/// The pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/problems", get(all))
        .route("/problems/{code}", get(one))
}
