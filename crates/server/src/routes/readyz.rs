//! `GET /readyz`

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use offpay_api::readyz::Readiness;
use offpay_operator::storage::EventStorage as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

/// A part that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the server can do its work. For a load balancer: send nothing while it says no.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses(
        (status = 200, body = Readiness),
        (status = 503, description = "It cannot, or it is being stopped", body = Readiness)
    )
)]
async fn readyz(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let database = app.database.events_after(None, i64::MAX, 1);
    let node = app.contract.node().block_time();
    let (database, node) = tokio::join!(
        tokio::time::timeout(PATIENCE, database),
        tokio::time::timeout(PATIENCE, node)
    );
    let mut parts: std::collections::BTreeMap<_, _> = app
        .health
        .parts()
        .into_iter()
        .map(|(part, well)| (part.to_owned(), well))
        .collect();
    parts.insert("database".to_owned(), matches!(database, Ok(Ok(_))));
    parts.insert("node".to_owned(), matches!(node, Ok(Ok(_))));
    let ready = parts.values().all(|well| *well) && !app.drain.is_cancelled();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, parts }))
}

/// The endpoint.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(readyz))
}
