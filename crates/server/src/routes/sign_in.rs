//! `POST /v1/sessions`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use offpay_api::{
    Problem, SecretText,
    sessions::{SignIn, SignedIn},
};
use offpay_operator::identity::{SignInMethod, User};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    accounts::{sessions, sign_in},
    auth::session_cookie,
    problem::Refused,
};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in))
}

/// Sign in with handle and password.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "accounts", request_body = SignIn,
    responses(
        (status = 201, description = "Signed in", body = SignedIn),
        (status = 401, description = "Wrong, or a code is needed as well", body = Problem),
        (status = 429, description = "Too many wrong guesses", body = Problem),
    ),
)]
async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<SignIn>,
) -> Result<Response, Refused> {
    let user = sign_in::with_password(
        &app,
        &request.handle,
        &request.password,
        request.code.as_ref(),
    )
    .await?;
    signed_in(&app, &user, SignInMethod::Password, &headers).await
}

/// Opens a session and answers with it, whichever way they signed in.
pub(super) async fn signed_in(
    app: &App,
    user: &User,
    method: SignInMethod,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let (token, session) = sessions::open(app, user, method, headers).await?;
    let answer = SignedIn {
        user: user.id.0,
        account: user.account,
        token: token.clone(),
        expires_at: session.expires_at,
        recovery: sessions::recovery_notice(app, user.id).await?,
    };
    Ok(with_session(&token, (StatusCode::CREATED, Json(answer))))
}

/// The answer with the session's cookie.
pub(super) fn with_session(token: &SecretText, answer: impl IntoResponse) -> Response {
    let mut response = shown_once(answer);
    if let Some(cookie) = session_cookie(token) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// An answer with a secret in it: nobody on the way keeps a copy.
pub(super) fn shown_once(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
