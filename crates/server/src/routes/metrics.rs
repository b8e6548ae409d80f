//! `GET /metrics`

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use offpay_api::{Code, Problem};

use crate::{App, problem::Refused};

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Refused> {
    if !app.config.http.metrics {
        return Err(Problem::new(Code::NotFound, "metrics are switched off").into());
    }
    let text = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, text)], app.metrics.render()))
}

/// The endpoint. Prometheus reads it: it is no part of the OpenAPI document.
pub fn routes() -> Router<App> {
    Router::new().route("/metrics", get(metrics))
}
