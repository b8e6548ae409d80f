//! `GET /v1/me/export`, `DELETE /v1/me`

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use offpay_api::{Problem, me::PersonalData};
use offpay_operator::storage::{
    EventStorage as _,
    identity::{TokenStorage as _, UserStorage as _},
    webhooks::WebhookStorage as _,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{access_tokens, me, sessions, sign_in::shown_once, webhooks};
use crate::{
    App,
    accounts::{deletion, sign_in::require_fresh},
    auth::{Caller, end_cookie},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(export))
        .routes(routes!(delete))
}

/// All personal data of the user who asks.
#[utoipa::path(
    get, path = "/v1/me/export", tag = "accounts",
    responses(
        (status = 200, description = "The data", body = PersonalData),
        (status = 403, description = "Sign in again first", body = Problem),
    ),
)]
async fn export(State(app): State<App>, caller: Caller) -> Result<Response, Refused> {
    const PAGE: u32 = 1_000;
    let session = require_fresh(&app, &caller)?;
    let tokens = app.database.access_tokens(caller.user).await?;
    let hooks = app.database.webhooks(caller.user, None, PAGE).await?;
    let mut events = Vec::new();
    let mut cursor = 0;
    loop {
        let page = app
            .database
            .events_after(Some(caller.user), cursor, PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        cursor = last.sequence;
        for event in page {
            events.push(serde_json::to_value(event).unwrap_or_default());
        }
    }
    Ok(shown_once(Json(PersonalData {
        me: me::me_of(&app, &caller).await?,
        sessions: sessions::sessions_of(&app, &caller, session).await?,
        access_tokens: tokens.into_iter().map(access_tokens::shown).collect(),
        webhooks: hooks.into_iter().map(webhooks::shown).collect(),
        events,
    })))
}

/// Delete the account and all personal data: not while it has money. This cannot be undone.
#[utoipa::path(
    delete, path = "/v1/me", tag = "accounts",
    responses(
        (status = 204, description = "It is deleted"),
        (status = 403, description = "Sign in again first", body = Problem),
        (status = 409, description = "The account has money", body = Problem),
    ),
)]
async fn delete(State(app): State<App>, caller: Caller) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    caller.require(offpay_operator::identity::Scope::Manage)?;
    deletion::require_no_money(&app, caller.user, caller.account).await?;
    app.database.delete_personal(caller.user, app.now()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, end_cookie());
    Ok(response)
}
