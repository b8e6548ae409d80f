//! `/v1/passkeys` and `/v1/sessions/passkey`

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use offpay_api::{
    Code, Problem,
    passkeys::{AddPasskey, Passkey, PasskeyOptions, Passkeys, SignInWithPasskey},
    sessions::SignedIn,
};
use offpay_operator::{
    identity::{PasskeyId, SignInMethod},
    storage::identity::{self, PasskeyStorage as _},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    security::user,
    sign_in::{shown_once, signed_in},
};
use crate::{
    App,
    accounts::{events::told, passkeys, sign_in::require_fresh},
    auth::Caller,
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(add, list))
        .routes(routes!(remove))
        .routes(routes!(begin_sign_in))
        .routes(routes!(sign_in))
}

/// What a browser is to be asked for a new passkey.
#[utoipa::path(
    post, path = "/v1/passkeys/options", tag = "accounts",
    responses(
        (status = 201, description = "For `navigator.credentials.create`", body = PasskeyOptions),
        (status = 403, description = "Sign in again first", body = Problem),
    ),
)]
async fn begin(State(app): State<App>, caller: Caller) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    let user = user(&app, &caller).await?;
    let options = passkeys::of(&app)?.begin_registration(&user)?;
    Ok(shown_once((
        StatusCode::CREATED,
        Json(PasskeyOptions { options }),
    )))
}

/// Add the passkey that a browser made.
#[utoipa::path(
    post, path = "/v1/passkeys", tag = "accounts", request_body = AddPasskey,
    responses(
        (status = 201, description = "It is added", body = Passkey),
        (status = 401, description = "It does not answer what was asked", body = Problem),
    ),
)]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<AddPasskey>,
) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(Problem::new(Code::InvalidRequest, "the name has 1 to 60 characters").into());
    }
    let added = passkeys::add(&app, caller.user, name, &request.credential).await?;
    Ok((StatusCode::CREATED, Json(shown(added))).into_response())
}

/// The user's passkeys.
#[utoipa::path(
    get, path = "/v1/passkeys", tag = "accounts",
    responses((status = 200, description = "The passkeys", body = Passkeys)),
)]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Passkeys>, Refused> {
    caller.session()?;
    let passkeys = app.database.passkeys(caller.user).await?;
    Ok(Json(Passkeys {
        passkeys: passkeys.into_iter().map(shown).collect(),
    }))
}

/// Remove a passkey.
#[utoipa::path(
    delete, path = "/v1/passkeys/{passkey}", tag = "accounts",
    params(("passkey" = Uuid, Path, description = "The passkey's id")),
    responses(
        (status = 204, description = "It is removed"),
        (status = 404, description = "The user has no such passkey", body = Problem),
    ),
)]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(passkey): Path<Uuid>,
) -> Result<StatusCode, Refused> {
    require_fresh(&app, &caller)?;
    let event = told(
        caller.user,
        "account.passkey_removed",
        json!({ "passkey": passkey }),
    );
    let removed = app
        .database
        .remove_passkey(caller.user, PasskeyId(passkey), &[event], app.now())
        .await?;
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(Code::NotFound, "you have no such passkey").into())
    }
}

/// What a browser is to be asked to sign in with a passkey.
#[utoipa::path(
    post, path = "/v1/sessions/passkey/options", tag = "accounts",
    responses((status = 201, description = "For `navigator.credentials.get`", body = PasskeyOptions)),
)]
async fn begin_sign_in(State(app): State<App>) -> Result<Response, Refused> {
    let options = passkeys::of(&app)?.begin_sign_in()?;
    Ok(shown_once((
        StatusCode::CREATED,
        Json(PasskeyOptions { options }),
    )))
}

/// Sign in with a passkey. It needs no password, and no code besides.
#[utoipa::path(
    post, path = "/v1/sessions/passkey", tag = "accounts", request_body = SignInWithPasskey,
    responses(
        (status = 201, description = "Signed in", body = SignedIn),
        (status = 401, description = "The passkey is not good", body = Problem),
    ),
)]
async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<SignInWithPasskey>,
) -> Result<Response, Refused> {
    let user = passkeys::sign_in(&app, &request.credential).await?;
    signed_in(&app, &user, SignInMethod::Passkey, &headers).await
}

fn shown(passkey: identity::Passkey) -> Passkey {
    Passkey {
        id: passkey.id.0,
        name: passkey.name,
        created_at: passkey.created_at,
        last_used_at: passkey.last_used_at,
    }
}
