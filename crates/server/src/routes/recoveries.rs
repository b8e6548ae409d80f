//! `POST /v1/recoveries`, `POST /v1/recoveries/completion`, `DELETE /v1/me/recovery`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use offpay_api::{
    Code, Problem,
    recoveries::{BeginRecovery, CompleteRecovery, RecoveryBegan},
    sessions::SignedIn,
};
use offpay_operator::storage::identity::RecoveryStorage as _;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sign_in::{shown_once, with_session};
use crate::{
    App,
    accounts::{events::told, recovery},
    auth::Caller,
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(complete))
        .routes(routes!(cancel))
}

/// Begin to recover an account, with one of its recovery codes.
#[utoipa::path(
    post, path = "/v1/recoveries", tag = "accounts", request_body = BeginRecovery,
    responses(
        (status = 201, description = "It waits", body = RecoveryBegan),
        (status = 401, description = "Handle or code is wrong", body = Problem),
        (status = 409, description = "One is under way", body = Problem),
    ),
)]
async fn begin(
    State(app): State<App>,
    Json(request): Json<BeginRecovery>,
) -> Result<Response, Refused> {
    let (recovery, token) = recovery::begin(&app, &request.handle, &request.code).await?;
    let answer = RecoveryBegan {
        token,
        ready_at: recovery.ready_at,
        expires_at: recovery.expires_at,
    };
    Ok(shown_once((StatusCode::CREATED, Json(answer))))
}

/// Complete a recovery that waited long enough: set a new password, and be signed in.
#[utoipa::path(
    post, path = "/v1/recoveries/completion", tag = "accounts", request_body = CompleteRecovery,
    responses(
        (status = 201, description = "Recovered and signed in", body = SignedIn),
        (status = 401, description = "There is no such recovery, or not any more", body = Problem),
        (status = 409, description = "It has to wait", body = Problem),
    ),
)]
async fn complete(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<CompleteRecovery>,
) -> Result<Response, Refused> {
    let (user, session, token) =
        recovery::complete(&app, &request.token, &request.password, &headers).await?;
    let answer = SignedIn {
        user: user.id.0,
        account: user.account,
        token: token.clone(),
        expires_at: session.expires_at,
        recovery: None,
    };
    Ok(with_session(&token, (StatusCode::CREATED, Json(answer))))
}

/// Cancel the recovery of one's account, from any session.
#[utoipa::path(
    delete, path = "/v1/me/recovery", tag = "accounts",
    responses(
        (status = 204, description = "It is cancelled"),
        (status = 404, description = "None is under way", body = Problem),
    ),
)]
async fn cancel(State(app): State<App>, caller: Caller) -> Result<Response, Refused> {
    let session = caller.session()?;
    let event = told(
        caller.user,
        "account.recovery_cancelled",
        json!({ "session": session.id }),
    );
    if app
        .database
        .cancel_recovery(caller.user, &[event], app.now())
        .await?
    {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::new(Code::NotFound, "no recovery is under way").into())
    }
}
