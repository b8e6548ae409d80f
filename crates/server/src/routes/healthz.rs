//! `GET /healthz`

use axum::Json;
use offpay_api::healthz::Alive;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

/// The server runs. For a supervisor: restart it if this does not answer.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = Alive)))]
async fn healthz() -> Json<Alive> {
    Json(Alive {
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// The endpoint.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(healthz))
}
