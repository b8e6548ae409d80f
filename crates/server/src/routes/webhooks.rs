//! `POST /v1/webhooks`, `GET /v1/webhooks`, `GET`, `PATCH` and `DELETE /v1/webhooks/{webhook}`,
//! `POST /v1/webhooks/{webhook}/secret`

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use offpay_api::{
    Code, Problem, SecretText,
    page::{Page, PageQuery},
    webhooks::{
        ChangeWebhook, NewWebhook, RotateWebhookSecret, Webhook, WebhookState, WebhookWithSecret,
    },
};
use offpay_operator::{
    UserId,
    identity::Scope,
    storage::webhooks::{Added, SecretChange, WebhookChange, WebhookStorage as _},
    webhook::{self, DisabledBecause, Kinds, Retry, WebhookId},
};
use offpay_protocol::Seconds;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{named, sign_in::shown_once};
use crate::{
    App,
    accounts::events::told,
    auth::Caller,
    http::IdempotencyKey,
    problem::Refused,
    webhooks::{SecretFile, Target, purpose},
};

/// How long an old secret counts where its owner does not say, and at most.
const OVERLAP: u32 = 86_400;
const LONGEST_OVERLAP: u32 = 7 * 86_400;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, change, delete))
        .routes(routes!(rotate))
}

/// Have events sent to a URL.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "webhooks", request_body = NewWebhook,
    responses(
        (status = 201, description = "The webhook and its secret", body = WebhookWithSecret),
        (status = 400, description = "The URL is not called, or there are no such events", body = Problem),
        (status = 409, description = "The user has too many", body = Problem),
    ),
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<NewWebhook>,
) -> Result<Response, Refused> {
    caller.require(Scope::Webhooks)?;
    let (url, kinds) = (checked(&app, &request.url)?, chosen(request.kinds)?);
    let now = app.now();
    let webhook = webhook::Webhook {
        id: WebhookId(name(caller.once)),
        owner: caller.user,
        url,
        kinds,
        cursor: 0,
        created_at: now,
        old_secrets_until: None,
        slow: false,
        retry: Retry::new(now),
    };
    let secret = SecretFile::new()?;
    let purpose = purpose(webhook.id);
    let sealed = app
        .vault
        .seal(caller.user, &purpose, secret.bytes())
        .await?;
    let event = told(
        caller.user,
        "webhook.created",
        json!({ "webhook": webhook.id.0, "kinds": webhook.kinds.names() }),
    );
    let most = app.config.webhooks.per_user;
    let added = app
        .database
        .add_webhook(&webhook, &sealed, most, &[event])
        .await?;
    let (webhook, secret) = match added {
        Added::Yes(webhook) => (webhook, secret.newest()),
        // The same request, whose first answer was lost.
        Added::Before(webhook) => {
            let secret = open(&app, caller.user, webhook.id).await?;
            (webhook, secret.newest())
        }
        Added::TooMany => {
            let detail = format!("a user has {most} webhooks at most: delete one");
            return Err(Problem::new(Code::TooManyWebhooks, detail)
                .with(json!({ "most": most }))
                .into());
        }
    };
    Ok(answer(StatusCode::CREATED, secret, webhook))
}

/// The caller's webhooks.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "webhooks", params(PageQuery),
    responses((status = 200, description = "The webhooks", body = Page<Webhook>)),
)]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Webhook>>, Refused> {
    caller.look(Scope::Webhooks)?;
    let after = match &query.cursor {
        Some(cursor) => Some(named(cursor, "webhook")?),
        None => None,
    };
    let limit = query.limit();
    let found = app.database.webhooks(caller.user, after, limit).await?;
    let next = super::next(&found, limit, |last| last.id.to_string());
    Ok(Json(Page {
        items: found.into_iter().map(shown).collect(),
        next,
    }))
}

/// One of them.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = Uuid, Path, description = "The webhook's id")),
    responses(
        (status = 200, description = "The webhook", body = Webhook),
        (status = 404, description = "The caller has no such webhook", body = Problem),
    ),
)]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Webhook>, Refused> {
    caller.look(Scope::Webhooks)?;
    Ok(Json(shown(own(&app, &caller, id).await?)))
}

/// Change, disable or enable a webhook, or skip what it missed.
#[utoipa::path(
    patch, path = "/v1/webhooks/{webhook}", tag = "webhooks", request_body = ChangeWebhook,
    params(("webhook" = Uuid, Path, description = "The webhook's id")),
    responses(
        (status = 200, description = "The webhook as it is now", body = Webhook),
        (status = 400, description = "The URL is not called, or there are no such events", body = Problem),
        (status = 404, description = "The caller has no such webhook", body = Problem),
    ),
)]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(request): Json<ChangeWebhook>,
) -> Result<Json<Webhook>, Refused> {
    caller.require(Scope::Webhooks)?;
    let before = own(&app, &caller, id).await?;
    let now = app.now();
    let change = WebhookChange {
        url: match &request.url {
            Some(url) => Some(checked(&app, url)?),
            None => None,
        },
        kinds: request.kinds.clone().map(chosen).transpose()?,
        retry: request.enabled.map(|enabled| match enabled {
            true => Retry::new(now),
            false => before.retry.ended(now, DisabledBecause::Owner),
        }),
        skip_missed: request.skip_missed,
    };
    // Not the URL: it can hold a secret, and other receivers are told of the event.
    let event = told(
        caller.user,
        "webhook.changed",
        json!({
            "webhook": id,
            "url_changed": request.url.is_some(),
            "kinds": request.kinds,
            "enabled": request.enabled,
            "skip_missed": request.skip_missed,
        }),
    );
    let changed = app
        .database
        .change_webhook(caller.user, before.id, &change, &[event], now)
        .await?
        .ok_or_else(missing)?;
    Ok(Json(shown(changed)))
}

/// Delete a webhook, with all that was not delivered yet.
#[utoipa::path(
    delete, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = Uuid, Path, description = "The webhook's id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "The caller has no such webhook", body = Problem),
    ),
)]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Refused> {
    caller.require(Scope::Webhooks)?;
    let name = WebhookId(id);
    let event = told(caller.user, "webhook.deleted", json!({ "webhook": id }));
    let was_there = app
        .database
        .remove_webhook(caller.user, name, &purpose(name), &[event], app.now())
        .await?;
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing().into())
    }
}

/// Make a new secret. For a while, deliveries are signed with the old one as well.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook}/secret", tag = "webhooks", request_body = RotateWebhookSecret,
    params(("webhook" = Uuid, Path, description = "The webhook's id")),
    responses(
        (status = 200, description = "The webhook and its new secret", body = WebhookWithSecret),
        (status = 404, description = "The caller has no such webhook", body = Problem),
    ),
)]
async fn rotate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(request): Json<RotateWebhookSecret>,
) -> Result<Response, Refused> {
    caller.require(Scope::Webhooks)?;
    let overlap = request.overlap_s.unwrap_or(OVERLAP);
    if overlap > LONGEST_OVERLAP {
        let detail = format!("overlap_s is {LONGEST_OVERLAP} at most");
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let mut webhook = own(&app, &caller, id).await?;
    let purpose = purpose(webhook.id);
    let now = app.now();
    let until = now.saturating_add(Seconds::new(overlap.into()).unwrap_or(Seconds::DAY));
    let vaulted = app.vault.opened(caller.user, &purpose).await?;
    let (old, opened) = vaulted.ok_or_else(missing)?;
    let secret = SecretFile::open(opened)?.rotated(now, until)?;
    webhook.old_secrets_until = secret.old_until();
    let change = SecretChange {
        old,
        new: app
            .vault
            .seal(caller.user, &purpose, secret.bytes())
            .await?,
        old_secrets_until: webhook.old_secrets_until,
    };
    let event = told(
        caller.user,
        "webhook.secret_rotated",
        json!({ "webhook": id, "old_secrets_until": webhook.old_secrets_until }),
    );
    let rotated = app
        .database
        .change_webhook_secret(caller.user, webhook.id, &change, &[event], now)
        .await?;
    if !rotated {
        let detail = "somebody else changed the secret just now: look at the webhook and try again";
        return Err(Problem::new(Code::Unavailable, detail).into());
    }
    Ok(answer(StatusCode::OK, secret.newest(), webhook))
}

/// A name: of a request with an idempotency key always the same, so that it is done once.
pub(super) fn name(once: Option<IdempotencyKey>) -> Uuid {
    match once.as_ref().and_then(|key| key.0.first_chunk::<16>()) {
        Some(bytes) => uuid::Builder::from_custom_bytes(*bytes).into_uuid(),
        None => Uuid::now_v7(),
    }
}

/// The caller's webhook of this id.
pub(super) async fn own(app: &App, caller: &Caller, id: Uuid) -> Result<webhook::Webhook, Refused> {
    let found = app.database.webhook(caller.user, WebhookId(id)).await?;
    Ok(found.ok_or_else(missing)?)
}

fn missing() -> Problem {
    Problem::new(Code::NotFound, "you have no such webhook")
}

async fn open(app: &App, user: UserId, id: WebhookId) -> Result<SecretFile, Refused> {
    let sealed = app.vault.open(user, &purpose(id)).await?;
    Ok(SecretFile::open(sealed.ok_or_else(missing)?)?)
}

fn checked(app: &App, url: &str) -> Result<String, Problem> {
    let target = Target::parse(url, &app.config.webhooks)
        .map_err(|why| Problem::new(Code::WebhookUrlRefused, format!("the url: {why}")))?;
    Ok(target.url().as_str().to_owned())
}

fn chosen(kinds: Vec<String>) -> Result<Kinds, Problem> {
    Kinds::choose(kinds).map_err(|why| {
        Problem::new(Code::InvalidRequest, why.to_string()).with(json!({ "kinds": webhook::KNOWN }))
    })
}

fn answer(status: StatusCode, secret: SecretText, webhook: webhook::Webhook) -> Response {
    let webhook = shown(webhook);
    shown_once((status, Json(WebhookWithSecret { secret, webhook })))
}

pub(super) fn shown(webhook: webhook::Webhook) -> Webhook {
    let retry = webhook.retry;
    let state = match (retry.disabled, retry.failures) {
        (Some(_), _) => WebhookState::Disabled,
        (None, 0) => WebhookState::Active,
        (None, _) => WebhookState::Failing,
    };
    Webhook {
        id: webhook.id.0,
        url: webhook.url,
        kinds: webhook.kinds.names().to_vec(),
        state,
        failures: retry.failures,
        failing_since: retry.failing_since,
        next_attempt_at: Some(retry.next_at).filter(|_| state == WebhookState::Failing),
        disabled_at: retry.disabled.map(|disabled| disabled.at),
        disabled_because: retry
            .disabled
            .map(|disabled| disabled.because.name().to_owned()),
        old_secrets_until: webhook.old_secrets_until,
        created_at: webhook.created_at,
    }
}
