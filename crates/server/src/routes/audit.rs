//! `GET /v1/admin/audit`

use axum::{
    Json,
    extract::{Query, State},
};
use offpay_api::{
    Problem,
    audit::{AuditQuery, AuditReport},
};
use offpay_operator::storage::AdminStorage as _;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::named;
use crate::{App, auth::Admin, money, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(audit))
}

/// Audits the books: whether they balance, and say what the contract says in the same block.
///
/// Accounts are compared with the chain some at a time: ask again with `next` until there is none.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "operator", params(AuditQuery),
    responses(
        (status = 200, description = "What was found", body = AuditReport),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn audit(
    State(app): State<App>,
    admin: Admin,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditReport>, Refused> {
    let after = query
        .cursor
        .as_deref()
        .map(|text| named(text, "account of the books"))
        .transpose()?;
    let limit = query.limit.unwrap_or(500).clamp(1, 2_000);
    let report = money::audit(&app, after, limit).await?;
    // One row for an audit, and one for each page with something wrong.
    if after.is_none() || !report.clean {
        let details = json!({ "clean": report.clean, "sequence": report.sequence });
        let action = admin.does("books.audit", "books", "", details);
        app.database.append_action(&action, app.now()).await?;
    }
    Ok(Json(report))
}
