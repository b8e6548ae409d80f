//! `GET /v1/admin/audit`

use axum::{Json, extract::State};
use offpay_api::{Problem, audit::AuditReport};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Admin, money, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(audit))
}

/// Audits the books: whether they balance, and say what the contract says in the same block.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "operator",
    responses(
        (status = 200, description = "What was found", body = AuditReport),
        (status = 401, description = "It is not the operator who asks", body = Problem),
    ),
)]
async fn audit(State(app): State<App>, _operator: Admin) -> Result<Json<AuditReport>, Refused> {
    Ok(Json(money::audit(&app).await?))
}
