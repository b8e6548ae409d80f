//! `GET /v1/me`

use axum::{Json, extract::State};
use offpay_api::{Problem, me::Me};
use offpay_operator::{identity::Scope, storage::identity::RecoveryStorage as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, accounts::sessions, auth::Caller, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me))
}

/// The user who asks.
#[utoipa::path(
    get, path = "/v1/me", tag = "accounts",
    responses(
        (status = 200, description = "The user", body = Me),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn me(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Refused> {
    caller.require(Scope::Read)?;
    Ok(Json(me_of(&app, &caller).await?))
}

pub(super) async fn me_of(app: &App, caller: &Caller) -> Result<Me, Refused> {
    let user = super::security::user(app, caller).await?;
    Ok(Me {
        user: user.id.0,
        handle: user.handle.map(String::from),
        account: user.account,
        custody: user.custody.name().to_owned(),
        second_factor: user.second_factor,
        frozen: user.frozen_at.is_some(),
        recovery_codes_left: app.database.recovery_codes_left(user.id).await?,
        recovery: sessions::recovery_notice(app, user.id).await?,
        created_at: user.created_at,
    })
}
