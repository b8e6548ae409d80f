//! `GET /v1/sessions`, `DELETE /v1/sessions`, `DELETE /v1/sessions/{session}`

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use offpay_api::{
    Code, Problem,
    sessions::{Session, Sessions, SessionsEnded},
};
use offpay_operator::{
    identity::{self, SessionId},
    storage::identity::SessionStorage as _,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    auth::{Caller, end_cookie},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, end_others))
        .routes(routes!(end))
}

/// The user's sessions, newest first.
#[utoipa::path(
    get, path = "/v1/sessions", tag = "accounts",
    responses((status = 200, description = "The sessions", body = Sessions)),
)]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Sessions>, Refused> {
    let sessions = sessions_of(&app, &caller, caller.session()?).await?;
    Ok(Json(Sessions { sessions }))
}

pub(super) async fn sessions_of(
    app: &App,
    caller: &Caller,
    current: &identity::Session,
) -> Result<Vec<Session>, Refused> {
    let sessions = app.database.sessions(caller.user).await?;
    let now = app.now();
    let open = sessions
        .into_iter()
        .filter(|session| session.is_open(app.accounts.lifetimes, now));
    Ok(open
        .map(|session| Session {
            id: session.id.0,
            method: session.method.name().to_owned(),
            label: session.label,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            current: session.id == current.id,
        })
        .collect())
}

/// End all sessions but this one.
#[utoipa::path(
    delete, path = "/v1/sessions", tag = "accounts",
    responses((status = 200, description = "They are ended", body = SessionsEnded)),
)]
async fn end_others(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<SessionsEnded>, Refused> {
    let current = caller.session()?.id;
    let ended = app
        .database
        .end_sessions(caller.user, Some(current))
        .await?;
    Ok(Json(SessionsEnded { ended }))
}

/// End one session: its id, or `current` to sign out.
#[utoipa::path(
    delete, path = "/v1/sessions/{session}", tag = "accounts",
    params(("session" = String, Path, description = "A session's id, or `current`")),
    responses(
        (status = 204, description = "It is ended"),
        (status = 404, description = "The user has no such session", body = Problem),
    ),
)]
async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(session): Path<String>,
) -> Result<Response, Refused> {
    let current = caller.session()?.id;
    let unknown = || Problem::new(Code::NotFound, "you have no such session");
    let id: SessionId = match session.as_str() {
        "current" => current,
        id => id.parse().map_err(|_| unknown())?,
    };
    if !app.database.end_session(caller.user, id).await? {
        return Err(unknown().into());
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if id == current {
        response
            .headers_mut()
            .append(header::SET_COOKIE, end_cookie());
    }
    Ok(response)
}
