//! `POST /v1/admin/users/{user}/freeze`, `POST /v1/admin/users/{user}/thaw`, `POST /v1/admin/master-key/rotation`

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    admin_accounts::{Freeze, MasterKeyRotated},
};
use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    storage::identity::UserStorage as _,
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{App, accounts::events::told, auth::Admin, problem::Refused};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(freeze))
        .routes(routes!(thaw))
        .routes(routes!(rotate))
}

/// Freeze a hosted account: it can be looked at, and its keys sign nothing. What it owes is settled all the same.
#[utoipa::path(
    post, path = "/v1/admin/users/{user}/freeze", tag = "admin", request_body = Freeze,
    params(("user" = Uuid, Path, description = "The user's id")),
    responses((status = 204, description = "It is frozen"), (status = 404, description = "No such user", body = Problem)),
)]
async fn freeze(
    State(app): State<App>,
    _admin: Admin,
    Path(user): Path<Uuid>,
    Json(request): Json<Freeze>,
) -> Result<StatusCode, Refused> {
    set(&app, UserId(user), true, &request.reason).await
}

/// Thaw a frozen account.
#[utoipa::path(
    post, path = "/v1/admin/users/{user}/thaw", tag = "admin", request_body = Freeze,
    params(("user" = Uuid, Path, description = "The user's id")),
    responses((status = 204, description = "It is thawed"), (status = 404, description = "No such user", body = Problem)),
)]
async fn thaw(
    State(app): State<App>,
    _admin: Admin,
    Path(user): Path<Uuid>,
    Json(request): Json<Freeze>,
) -> Result<StatusCode, Refused> {
    set(&app, UserId(user), false, &request.reason).await
}

async fn set(app: &App, user: UserId, frozen: bool, reason: &str) -> Result<StatusCode, Refused> {
    if reason.trim().is_empty() || reason.chars().count() > 500 {
        return Err(
            Problem::new(Code::InvalidRequest, "the reason has 1 to 500 characters").into(),
        );
    }
    let known = app.database.user(user).await?;
    if known.is_none_or(|user| user.deleted_at.is_some()) {
        return Err(Problem::new(Code::NotFound, "there is no such user").into());
    }
    let kind = if frozen {
        "account.frozen"
    } else {
        "account.thawed"
    };
    let events = [
        told(user, kind, json!({ "reason": reason })),
        NewEvent {
            audience: Audience::Operator,
            kind,
            body: json!({ "user": user, "reason": reason }),
        },
    ];
    // One that is so already stays so: nobody is told twice.
    app.database
        .set_frozen(user, frozen, &events, app.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Seal all data keys under the current master key.
#[utoipa::path(
    post, path = "/v1/admin/master-key/rotation", tag = "admin",
    responses((status = 200, description = "All are", body = MasterKeyRotated)),
)]
async fn rotate(State(app): State<App>, _admin: Admin) -> Result<Json<MasterKeyRotated>, Refused> {
    let resealed = app.vault.rotate_master_key().await?;
    Ok(Json(MasterKeyRotated { resealed }))
}
