//! `GET /v1/admin/users/{who}`, `POST /v1/admin/users/{user}/freeze`, `POST /v1/admin/users/{user}/thaw`,
//! `POST /v1/admin/master-key/rotation`

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    admin_accounts::{AdminUser, Freeze, MasterKeyRotated},
};
use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    identity::{Handle, User},
    storage::{AdminStorage as _, identity::UserStorage as _},
};
use offpay_protocol::AccountId;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{App, accounts::events::told, auth::Admin, problem::Refused};

/// For how long data keys are sealed anew before it is said how many are left.
const ROTATE_FOR: Duration = Duration::from_secs(10);

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(user))
        .routes(routes!(freeze))
        .routes(routes!(thaw))
        .routes(routes!(rotate))
}

/// A user by id, `@handle` or account.
#[utoipa::path(
    get, path = "/v1/admin/users/{user}", tag = "admin",
    params(("user" = String, Path, description = "The user's id, `@handle` or account")),
    responses(
        (status = 200, description = "The user", body = AdminUser),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    ),
)]
async fn user(
    State(app): State<App>,
    _: Admin,
    Path(who): Path<String>,
) -> Result<Json<AdminUser>, Refused> {
    let found = if let Some(handle) = who.strip_prefix('@') {
        match handle.parse::<Handle>() {
            Ok(handle) => app.database.user_by_handle(&handle).await?,
            Err(_) => None,
        }
    } else if let Ok(id) = who.parse::<Uuid>() {
        app.database.user(UserId(id)).await?
    } else if let Ok(account) = who.parse::<AccountId>() {
        app.database.user_by_account(account).await?
    } else {
        None
    };
    let user = found
        .filter(|user| user.deleted_at.is_none())
        .ok_or_else(no_user)?;
    Ok(Json(view(user)))
}

fn view(user: User) -> AdminUser {
    AdminUser {
        user: user.id.0,
        handle: user.handle.map(|handle| handle.as_str().to_owned()),
        account: user.account,
        custody: user.custody.name().to_owned(),
        created_at: user.created_at,
        frozen_at: user.frozen_at,
    }
}

fn no_user() -> Problem {
    Problem::new(
        Code::NotFound,
        "there is no such user: name one by @handle, by its id or by its account",
    )
}

/// A reason as it is stored.
pub(super) fn reason(given: &str) -> Result<&str, Problem> {
    let given = given.trim();
    if given.is_empty() || given.chars().count() > 500 {
        let detail = "the reason has 1 to 500 characters";
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    Ok(given)
}

/// Freeze a hosted account: it can be looked at, and its keys sign nothing. What it owes is settled all the same.
#[utoipa::path(
    post, path = "/v1/admin/users/{user}/freeze", tag = "admin", request_body = Freeze,
    params(("user" = Uuid, Path, description = "The user's id")),
    responses(
        (status = 204, description = "It is frozen"),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    ),
)]
async fn freeze(
    State(app): State<App>,
    admin: Admin,
    Path(user): Path<Uuid>,
    Json(request): Json<Freeze>,
) -> Result<StatusCode, Refused> {
    set(&app, &admin, UserId(user), true, &request.reason).await
}

/// Thaw a frozen account.
#[utoipa::path(
    post, path = "/v1/admin/users/{user}/thaw", tag = "admin", request_body = Freeze,
    params(("user" = Uuid, Path, description = "The user's id")),
    responses(
        (status = 204, description = "It is thawed"),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    ),
)]
async fn thaw(
    State(app): State<App>,
    admin: Admin,
    Path(user): Path<Uuid>,
    Json(request): Json<Freeze>,
) -> Result<StatusCode, Refused> {
    set(&app, &admin, UserId(user), false, &request.reason).await
}

async fn set(
    app: &App,
    admin: &Admin,
    user: UserId,
    frozen: bool,
    why: &str,
) -> Result<StatusCode, Refused> {
    let reason = reason(why)?;
    let known = app.database.user(user).await?;
    if known.is_none_or(|user| user.deleted_at.is_some()) {
        return Err(no_user().into());
    }
    let (kind, name) = if frozen {
        ("account.frozen", "user.freeze")
    } else {
        ("account.thawed", "user.thaw")
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
    let action = admin.does(name, &user, reason, json!({}));
    app.database
        .set_frozen(user, frozen, &events, &action, app.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Seal the data keys that other master keys seal under the current one, for some seconds: ask again until none is left.
#[utoipa::path(
    post, path = "/v1/admin/master-key/rotation", tag = "admin",
    responses(
        (status = 200, description = "How far it is", body = MasterKeyRotated),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn rotate(State(app): State<App>, admin: Admin) -> Result<Json<MasterKeyRotated>, Refused> {
    let current = app.vault.current_master_key().to_owned();
    // Before it is done: what is begun is known even if nobody hears how it ended.
    let action = admin.does("keys.rotate", &current, "", json!({}));
    app.database.append_action(&action, app.now()).await?;
    let resealed = app.vault.rotate_master_key(Some(ROTATE_FOR)).await?;
    let masters = app.database.data_keys_by_master().await?;
    let left = masters
        .iter()
        .filter(|(id, _)| *id != current)
        .fold(0, |sum: u64, (_, sealed)| sum.saturating_add(*sealed));
    Ok(Json(MasterKeyRotated { resealed, left }))
}
