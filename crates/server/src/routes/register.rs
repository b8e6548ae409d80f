//! `POST /v1/users`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use offpay_api::{
    Code, Problem,
    users::{NewUser, Register},
};
use offpay_operator::identity::Handle;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sign_in::with_session;
use crate::{
    App,
    accounts::{password, registration},
    problem::Refused,
};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(register))
}

/// Register: a handle, a password, and an account in the contract whose key this server keeps sealed.
#[utoipa::path(
    post, path = "/v1/users", tag = "accounts", request_body = Register,
    responses(
        (status = 201, description = "Registered and signed in", body = NewUser),
        (status = 400, description = "The handle is none, or the password is not to be chosen", body = Problem),
        (status = 409, description = "The handle is taken", body = Problem),
    ),
)]
async fn register(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<Register>,
) -> Result<impl IntoResponse, Refused> {
    if !app.config.accounts.registration {
        return Err(
            Problem::new(Code::RegistrationClosed, "ask the operator for an account").into(),
        );
    }
    let handle: Handle = request
        .handle
        .parse()
        .map_err(|error| Problem::new(Code::InvalidRequest, format!("{error}")))?;
    password::check_choice(&request.password, Some(&handle))?;
    let fresh = registration::register(&app, &handle, &request.password, &headers)
        .await?
        .ok_or_else(|| Problem::new(Code::HandleTaken, "choose another handle"))?;
    let answer = NewUser {
        user: fresh.user.0,
        handle: handle.to_string(),
        account: fresh.account,
        token: fresh.token.clone(),
        expires_at: fresh.session.expires_at,
        recovery_codes: fresh.recovery_codes,
    };
    Ok(with_session(
        &fresh.token,
        (StatusCode::CREATED, Json(answer)),
    ))
}
