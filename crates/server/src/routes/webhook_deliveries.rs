//! `GET /v1/webhooks/{webhook}/deliveries`, `POST /v1/webhooks/{webhook}/deliveries/{delivery}/redelivery`,
//! `POST /v1/webhooks/{webhook}/test`

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    page::{Page, PageQuery},
    webhooks::{DeliveriesQuery, Delivery, DeliveryState},
};
use offpay_operator::{
    identity::Scope,
    storage::webhooks::WebhookStorage as _,
    webhook::{self, DeliveryId, Outcome},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    named,
    webhooks::{name, own},
};
use crate::{App, accounts::events::told, auth::Caller, problem::Refused, webhooks::TEST};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(redeliver))
        .routes(routes!(test))
}

/// What was, and is to be, delivered to a webhook, newest event first.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook}/deliveries", tag = "webhooks",
    params(("webhook" = Uuid, Path, description = "The webhook's id"), DeliveriesQuery),
    responses(
        (status = 200, description = "Deliveries", body = Page<Delivery>),
        (status = 404, description = "The caller has no such webhook", body = Problem),
    ),
)]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<Delivery>>, Refused> {
    caller.look(Scope::Webhooks)?;
    let webhook = own(&app, &caller, id).await?;
    let before = match &query.cursor {
        Some(cursor) => Some(named(cursor, "event")?),
        None => None,
    };
    let page = PageQuery {
        cursor: None,
        limit: query.limit,
    };
    let limit = page.limit();
    let found = app
        .database
        .deliveries(webhook.id, query.state.map(to_state), before, limit)
        .await?;
    let next = super::next(&found, limit, |last| last.event.to_string());
    Ok(Json(Page {
        items: found.into_iter().map(shown).collect(),
        next,
    }))
}

/// Deliver something again, under the same `webhook-id`, before what waits.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook}/deliveries/{delivery}/redelivery", tag = "webhooks",
    params(
        ("webhook" = Uuid, Path, description = "The webhook's id"),
        ("delivery" = Uuid, Path, description = "The delivery's id"),
    ),
    responses(
        (status = 202, description = "It is queued", body = Delivery),
        (status = 404, description = "The caller has no such webhook, or it no such delivery", body = Problem),
        (status = 409, description = "The webhook is disabled", body = Problem),
    ),
)]
async fn redeliver(
    State(app): State<App>,
    caller: Caller,
    Path((id, delivery)): Path<(Uuid, Uuid)>,
) -> Result<(StatusCode, Json<Delivery>), Refused> {
    caller.require(Scope::Webhooks)?;
    let webhook = enabled(own(&app, &caller, id).await?)?;
    let queued = app
        .database
        .deliver_again(webhook.id, DeliveryId(delivery), app.now())
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound, "the webhook has no such delivery"))?;
    Ok((StatusCode::ACCEPTED, Json(shown(queued))))
}

/// Send a test event, `webhook.test`, whatever kinds the webhook chose.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook}/test", tag = "webhooks",
    params(("webhook" = Uuid, Path, description = "The webhook's id")),
    responses(
        (status = 202, description = "It is queued", body = Delivery),
        (status = 404, description = "The caller has no such webhook", body = Problem),
        (status = 409, description = "The webhook is disabled", body = Problem),
    ),
)]
async fn test(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<Delivery>), Refused> {
    caller.require(Scope::Webhooks)?;
    let webhook = enabled(own(&app, &caller, id).await?)?;
    let event = told(caller.user, TEST, json!({ "webhook": id }));
    let queued = app
        .database
        .deliver_to_one(webhook.id, DeliveryId(name(caller.once)), &event, app.now())
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound, "you have no such webhook"))?;
    Ok((StatusCode::ACCEPTED, Json(shown(queued))))
}

/// Nothing is queued for one that is not called: it would come at some other time.
fn enabled(webhook: webhook::Webhook) -> Result<webhook::Webhook, Problem> {
    if webhook.retry.disabled.is_none() {
        return Ok(webhook);
    }
    let detail = "the webhook is disabled: enable it first, with PATCH and \"enabled\": true";
    Err(Problem::new(Code::WebhookDisabled, detail))
}

const fn to_state(state: DeliveryState) -> webhook::DeliveryState {
    match state {
        DeliveryState::Pending => webhook::DeliveryState::Pending,
        DeliveryState::Delivered => webhook::DeliveryState::Delivered,
        DeliveryState::Skipped => webhook::DeliveryState::Skipped,
    }
}

fn shown(delivery: webhook::Delivery) -> Delivery {
    Delivery {
        id: delivery.id.0,
        message: delivery.id.message(),
        event: delivery.event.to_string(),
        kind: delivery.kind,
        state: match delivery.state {
            webhook::DeliveryState::Pending => DeliveryState::Pending,
            webhook::DeliveryState::Delivered => DeliveryState::Delivered,
            webhook::DeliveryState::Skipped => DeliveryState::Skipped,
        },
        attempts: delivery.attempts,
        status: delivery.outcome.and_then(Outcome::status),
        failure: delivery
            .outcome
            .and_then(Outcome::failure)
            .map(|failure| failure.name().to_owned()),
        queued_at: delivery.queued_at,
        attempted_at: delivery.attempted_at,
    }
}
