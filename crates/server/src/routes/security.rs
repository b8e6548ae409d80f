//! `POST /v1/me/password`, `POST /v1/me/recovery-codes`, `/v1/me/second-factor`

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use offpay_api::{
    Code, Problem,
    me::{ChangePassword, RecoveryCodes, SecondFactorCode, SecondFactorSecret},
};
use offpay_operator::{
    identity::{SignInMethod, User},
    storage::identity::{RecoveryStorage as _, SecretStorage as _, UserStorage as _},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sign_in::shown_once;
use crate::{
    App,
    accounts::{
        events::told,
        guesses::{self, Subject},
        password, recovery_codes, second_factor,
        sign_in::{check_password, refused, require_fresh},
    },
    auth::Caller,
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(new_recovery_codes))
        .routes(routes!(begin_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(end_second_factor))
}

pub(super) async fn user(app: &App, caller: &Caller) -> Result<User, Refused> {
    let user = app.database.user(caller.user).await?;
    user.filter(|user| user.deleted_at.is_none())
        .ok_or_else(|| Problem::new(Code::Unauthorized, "the account is gone").into())
}

/// Change the password. All other sessions end.
#[utoipa::path(
    post, path = "/v1/me/password", tag = "accounts", request_body = ChangePassword,
    responses(
        (status = 204, description = "It is changed"),
        (status = 401, description = "The present password is wrong", body = Problem),
    ),
)]
async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<ChangePassword>,
) -> Result<Response, Refused> {
    let session = caller.session()?;
    let user = user(&app, &caller).await?;
    let Some(handle) = &user.handle else {
        return Err(Problem::new(Code::Forbidden, "this account signs in with its own key").into());
    };
    if let Some(current) = &request.current {
        let subject = Subject::Password(handle);
        guesses::count(&app, &subject).await?;
        if !check_password(&app, Some(user.id), current).await? {
            return Err(refused());
        }
        guesses::forget(&app, &subject).await?;
    } else if session.method != SignInMethod::Passkey {
        return Err(Problem::new(
            Code::SignInAgain,
            "send the present password, or sign in with a passkey first",
        )
        .into());
    } else {
        require_fresh(&app, &caller)?;
    }
    password::check_choice(&request.new, Some(handle))?;
    let hash = app.accounts.passwords.hash(&request.new).await?;
    let sealed = app
        .vault
        .seal(user.id, password::PURPOSE, hash.as_bytes())
        .await?;
    let event = told(user.id, "account.password_changed", json!({}));
    app.database
        .replace_secret_and_sessions(user.id, &sealed, session.id, &[event], app.now())
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// New recovery codes. The old ones are void.
#[utoipa::path(
    post, path = "/v1/me/recovery-codes", tag = "accounts",
    responses(
        (status = 201, description = "The codes", body = RecoveryCodes),
        (status = 403, description = "Sign in again first", body = Problem),
    ),
)]
async fn new_recovery_codes(State(app): State<App>, caller: Caller) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    let (recovery_codes, hashes) = recovery_codes::generate()?;
    let event = told(caller.user, "account.recovery_codes_changed", json!({}));
    app.database
        .set_recovery_codes(caller.user, &hashes, &[event], app.now())
        .await?;
    Ok(shown_once((
        StatusCode::CREATED,
        Json(RecoveryCodes { recovery_codes }),
    )))
}

/// A secret for an authenticator. The second factor is not on before a code confirms it.
#[utoipa::path(
    post, path = "/v1/me/second-factor", tag = "accounts",
    responses(
        (status = 201, description = "The secret", body = SecondFactorSecret),
        (status = 403, description = "Sign in again first", body = Problem),
    ),
)]
async fn begin_second_factor(State(app): State<App>, caller: Caller) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    let user = user(&app, &caller).await?;
    let secret = second_factor::begin(&app, &user).await?;
    Ok(shown_once((StatusCode::CREATED, Json(secret))))
}

/// Turn the second factor on, with a first code.
#[utoipa::path(
    post, path = "/v1/me/second-factor/confirmation", tag = "accounts", request_body = SecondFactorCode,
    responses(
        (status = 204, description = "It is on"),
        (status = 401, description = "The code is wrong", body = Problem),
    ),
)]
async fn confirm_second_factor(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<SecondFactorCode>,
) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    second_factor::confirm(&app, caller.user, &request.code).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Turn the second factor off, with a code.
#[utoipa::path(
    post, path = "/v1/me/second-factor/end", tag = "accounts", request_body = SecondFactorCode,
    responses(
        (status = 204, description = "It is off"),
        (status = 401, description = "The code is wrong", body = Problem),
    ),
)]
async fn end_second_factor(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<SecondFactorCode>,
) -> Result<Response, Refused> {
    caller.session()?;
    second_factor::end(&app, caller.user, &request.code).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
