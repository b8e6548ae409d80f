//! `POST /v1/requests`, `GET /v1/requests`, `GET /v1/requests/{id}`

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    page::{Page, PageQuery},
    requests::{NewRequest, RequestView},
};
use offpay_chain::ChainError;
use offpay_operator::{
    hosted::{RequestId, StoredRequest},
    identity::Scope,
    storage::{HostedPurseStorage as _, RequestStorage as _, identity::UserStorage as _},
};
use offpay_protocol::{
    Nonce, Seconds, Signable as _, Timestamp,
    messages::Request,
    wire::{Code as WireCode, RequestCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{hosted, named};
use crate::{App, auth::Caller, money, problem::Refused, vault::KeyName};

/// How long a request can be paid where its maker does not say.
const AN_HOUR: u64 = 60 * 60;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create, requests))
        .routes(routes!(request))
}

/// Asks to be paid: signs a request with the account's key, and gives the code to show.
#[utoipa::path(
    post, path = "/v1/requests", tag = "money", request_body = NewRequest,
    responses(
        (status = 201, description = "The request", body = RequestView),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewRequest>,
) -> Result<(StatusCode, Json<RequestView>), Refused> {
    caller.require(Scope::Request)?;
    hosted(&caller)?;
    if body.memo.chars().count() > 200 {
        let detail = "a memo has 200 characters at most";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let user = app.database.user(caller.user).await?;
    let name = user
        .and_then(|user| user.handle)
        .map(String::from)
        .unwrap_or_default();
    let expires_at = match body.expires_in.unwrap_or(AN_HOUR) {
        0 => Timestamp::ZERO,
        seconds => Seconds::new(seconds)
            .and_then(|span| app.now().checked_add(span))
            .ok_or_else(|| Problem::new(Code::InvalidRequest, "it expires too far ahead"))?,
    };
    let request = Request {
        payee: caller.account,
        amount: body.amount.unwrap_or_default(),
        nonce: Nonce::new(money::random_bytes()?.into()),
        expires_at,
        name,
        memo: body.memo,
    };
    let domain = *app.contract.domain();
    let signature = app
        .vault
        .sign_with(caller.user, KeyName::Account, |key| {
            request.sign(&domain, key)
        })
        .await?
        .map_err(ChainError::from)?;
    let stored = StoredRequest {
        id: RequestId(Uuid::now_v7()),
        user: caller.user,
        reference: request.reference(&domain),
        request,
        signature,
        created_at: app.now(),
    };
    let view = view(&app, &stored).await?;
    app.database.record_request(&stored).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// The caller's requests, newest first.
#[utoipa::path(
    get, path = "/v1/requests", tag = "money", params(PageQuery),
    responses(
        (status = 200, description = "Requests", body = Page<RequestView>),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn requests(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<RequestView>>, Refused> {
    caller.require(Scope::Read)?;
    let before = match &query.cursor {
        Some(cursor) => Some(named(cursor, "cursor")?),
        None => None,
    };
    let limit = query.limit();
    let found = app.database.requests(caller.user, before, limit).await?;
    let next = super::next(&found, limit, |last| last.id.to_string());
    let mut items = Vec::with_capacity(found.len());
    for stored in &found {
        items.push(view(&app, stored).await?);
    }
    Ok(Json(Page { items, next }))
}

/// One of them: also how a shop sees that it was paid.
#[utoipa::path(
    get, path = "/v1/requests/{id}", tag = "money",
    params(("id" = String, Path, description = "The request's id")),
    responses(
        (status = 200, description = "The request", body = RequestView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such request", body = Problem),
    ),
)]
async fn request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RequestView>, Refused> {
    caller.require(Scope::Read)?;
    let stored = app
        .database
        .request(named(&id, "request")?)
        .await?
        .filter(|stored| stored.user == caller.user)
        .ok_or_else(|| Problem::new(Code::NotFound, "you have no such request"))?;
    Ok(Json(view(&app, &stored).await?))
}

async fn view(app: &App, stored: &StoredRequest) -> Result<RequestView, Refused> {
    let request = &stored.request;
    let payments = app
        .database
        .payments_of_reference(request.payee, stored.reference)
        .await?;
    let mut paid = Vec::new();
    for payment in &payments {
        if money::is_received(app, payment).await? {
            paid.push(payment.signed.id);
        }
    }
    let state = if !paid.is_empty() && !request.is_reusable() {
        "paid"
    } else if request.is_expired(app.now()) {
        "expired"
    } else {
        "open"
    };
    let code = RequestCode::new(
        app.contract.domain(),
        request.clone(),
        Some(stored.signature),
    );
    let code = WireCode::from(code)
        .to_text()
        .map_err(|error| Problem::new(Code::InvalidRequest, error.to_string()))?;
    Ok(RequestView {
        id: stored.id.0,
        code,
        payee: request.payee,
        amount: Some(request.amount).filter(|amount| !amount.is_zero()),
        name: request.name.clone(),
        memo: request.memo.clone(),
        reference: stored.reference,
        expires_at: Some(request.expires_at).filter(|at| !at.is_zero()),
        state: state.to_owned(),
        payments: paid,
        created_at: stored.created_at,
    })
}
