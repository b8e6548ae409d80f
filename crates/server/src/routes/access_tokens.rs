//! `POST /v1/access-tokens`, `GET /v1/access-tokens`, `DELETE /v1/access-tokens/{token}`

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use offpay_api::{
    Code, Problem,
    access_tokens::{AccessToken, AccessTokens, GiveAccessToken, GivenAccessToken, Scope},
};
use offpay_operator::{
    identity::{self, AccessTokenId, Scopes, token},
    storage::identity::{NewAccessToken, TokenStorage as _},
};
use offpay_protocol::{Amount, Seconds};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::sign_in::shown_once;
use crate::{
    App,
    accounts::{events::told, secret::TokenKind, sign_in::require_fresh},
    auth::Caller,
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(give, list))
        .routes(routes!(revoke))
}

/// Give an app an access token.
#[utoipa::path(
    post, path = "/v1/access-tokens", tag = "accounts", request_body = GiveAccessToken,
    responses(
        (status = 201, description = "The token", body = GivenAccessToken),
        (status = 403, description = "Sign in again first", body = Problem),
    ),
)]
async fn give(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<GiveAccessToken>,
) -> Result<Response, Refused> {
    require_fresh(&app, &caller)?;
    let new = check(&app, &caller, request)?;
    let (token, hash) = TokenKind::Access.generate()?;
    let event = told(
        caller.user,
        "account.access_token_given",
        json!({ "access_token": new.id, "name": new.name, "scopes": new.scopes, "budget": new.budget }),
    );
    let new = NewAccessToken { token: new, hash };
    app.database.give_token(&new, &[event], app.now()).await?;
    let answer = GivenAccessToken {
        token,
        access_token: shown(new.token),
    };
    Ok(shown_once((StatusCode::CREATED, Json(answer))))
}

fn check(
    app: &App,
    caller: &Caller,
    request: GiveAccessToken,
) -> Result<token::AccessToken, Problem> {
    let invalid = |why| Problem::new(Code::InvalidRequest, why);
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(invalid("the name has 1 to 60 characters"));
    }
    let scopes = Scopes::from(request.scopes.into_iter().map(to_scope).collect::<Vec<_>>());
    if scopes.is_empty() {
        return Err(invalid("name at least one scope"));
    }
    let budget = match (scopes.move_money(), request.budget) {
        (true, Some(budget)) => budget,
        (false, None) => Amount::ZERO,
        (true, None) => return Err(invalid("a token that moves money needs a budget")),
        (false, Some(_)) => return Err(invalid("a token that moves no money has no budget")),
    };
    let now = app.now();
    let latest = now.saturating_add(Seconds::days(366));
    if request.expires_at <= now || request.expires_at > latest {
        return Err(invalid("expires_at has to be within a year from now"));
    }
    Ok(token::AccessToken {
        id: AccessTokenId(Uuid::now_v7()),
        user: caller.user,
        name: name.to_owned(),
        scopes,
        budget,
        spent: Amount::ZERO,
        created_at: now,
        expires_at: request.expires_at,
    })
}

/// The user's access tokens, newest first.
#[utoipa::path(
    get, path = "/v1/access-tokens", tag = "accounts",
    responses((status = 200, description = "The tokens", body = AccessTokens)),
)]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<AccessTokens>, Refused> {
    caller.session()?;
    let tokens = app.database.access_tokens(caller.user).await?;
    let access_tokens = tokens
        .into_iter()
        .filter(|token| app.now() < token.expires_at)
        .map(shown)
        .collect();
    Ok(Json(AccessTokens { access_tokens }))
}

/// Revoke an access token: at once.
#[utoipa::path(
    delete, path = "/v1/access-tokens/{token}", tag = "accounts",
    params(("token" = Uuid, Path, description = "The token's id")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 404, description = "The user has no such token", body = Problem),
    ),
)]
async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(token): Path<Uuid>,
) -> Result<Response, Refused> {
    caller.session()?;
    let event = told(
        caller.user,
        "account.access_token_revoked",
        json!({ "access_token": token }),
    );
    let revoked = app
        .database
        .revoke_token(caller.user, AccessTokenId(token), &[event], app.now())
        .await?;
    if revoked {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::new(Code::NotFound, "you have no such access token").into())
    }
}

pub(super) fn shown(token: token::AccessToken) -> AccessToken {
    AccessToken {
        id: token.id.0,
        name: token.name,
        scopes: token.scopes.iter().map(from_scope).collect(),
        budget: token.budget,
        spent: token.spent,
        created_at: token.created_at,
        expires_at: token.expires_at,
    }
}

const fn to_scope(scope: Scope) -> identity::Scope {
    match scope {
        Scope::Read => identity::Scope::Read,
        Scope::Request => identity::Scope::Request,
        Scope::Pay => identity::Scope::Pay,
        Scope::Manage => identity::Scope::Manage,
        Scope::Withdraw => identity::Scope::Withdraw,
        Scope::Webhooks => identity::Scope::Webhooks,
    }
}

const fn from_scope(scope: identity::Scope) -> Scope {
    match scope {
        identity::Scope::Read => Scope::Read,
        identity::Scope::Request => Scope::Request,
        identity::Scope::Pay => Scope::Pay,
        identity::Scope::Manage => Scope::Manage,
        identity::Scope::Withdraw => Scope::Withdraw,
        identity::Scope::Webhooks => Scope::Webhooks,
    }
}
