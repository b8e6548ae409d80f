//! `GET /v1/operations`, `GET /v1/operations/{id}`

use axum::{
    Json,
    extract::{Path, Query, State},
};
use offpay_api::{
    Code, Problem,
    operations::OperationView,
    page::{Page, PageQuery},
};
use offpay_operator::{identity::Scope, storage::OperationStorage as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::named;
use crate::{App, auth::Caller, money::operation_view, problem::Refused};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operations))
        .routes(routes!(operation))
}

/// What the caller asked of the chain, newest first.
#[utoipa::path(
    get, path = "/v1/operations", tag = "money", params(PageQuery),
    responses(
        (status = 200, description = "Operations", body = Page<OperationView>),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn operations(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<OperationView>>, Refused> {
    caller.require(Scope::Read)?;
    let before = match &query.cursor {
        Some(cursor) => Some(named(cursor, "cursor")?),
        None => None,
    };
    let limit = query.limit();
    let found = app.database.operations(caller.user, before, limit).await?;
    let next = super::next(&found, limit, |last| last.asked.id.to_string());
    let items = found.iter().map(operation_view).collect();
    Ok(Json(Page { items, next }))
}

/// One of them.
#[utoipa::path(
    get, path = "/v1/operations/{id}", tag = "money",
    params(("id" = String, Path, description = "The operation's id")),
    responses(
        (status = 200, description = "The operation", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such operation", body = Problem),
    ),
)]
async fn operation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<OperationView>, Refused> {
    caller.require(Scope::Read)?;
    let found = app
        .database
        .operation(caller.user, named(&id, "operation")?)
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound, "you have no such operation"))?;
    Ok(Json(operation_view(&found)))
}
