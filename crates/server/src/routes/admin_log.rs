//! `GET /v1/admin/log`, `GET /v1/admin/keys`

use axum::{
    Json,
    extract::{Query, State},
};
use offpay_api::{
    Problem,
    admin_log::{ActionView, Keys, MasterKeyView, OperatorKeyTimes},
    page::{Page, PageQuery},
};
use offpay_operator::{
    admin::Action,
    storage::{AdminStorage as _, clearing::OperatorKeyStorage as _},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{named, next};
use crate::{App, auth::Admin, money::operators_circle, problem::Refused};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(log))
        .routes(routes!(keys))
}

/// What the operator did through this API: who, when, what and why; newest first.
#[utoipa::path(
    get, path = "/v1/admin/log", tag = "admin", params(PageQuery),
    responses(
        (status = 200, description = "Actions", body = Page<ActionView>),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn log(
    State(app): State<App>,
    _: Admin,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ActionView>>, Refused> {
    let before = match &query.cursor {
        Some(cursor) => named(cursor, "action")?,
        None => i64::MAX,
    };
    let found = app.database.actions_before(before, query.limit()).await?;
    Ok(Json(Page {
        next: next(&found, query.limit(), |last| last.number.to_string()),
        items: found.into_iter().map(view).collect(),
    }))
}

fn view(action: Action) -> ActionView {
    ActionView {
        number: action.number.to_string(),
        at: action.at,
        actor: action.actor,
        action: action.action,
        subject: action.subject,
        reason: action.reason,
        details: action.details,
        request: action.request,
    }
}

/// The operator's keys by name, and how far the rotation of the master key is. Never a key itself.
#[utoipa::path(
    get, path = "/v1/admin/keys", tag = "admin",
    responses(
        (status = 200, description = "The keys", body = Keys),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn keys(State(app): State<App>, _: Admin) -> Result<Json<Keys>, Refused> {
    let masters = app.database.data_keys_by_master().await?;
    let master = app.vault.current_master_key().to_owned();
    let left = masters
        .iter()
        .filter(|(id, _)| *id != master)
        .fold(0, |sum: u64, (_, sealed)| sum.saturating_add(*sealed));
    let operators = app.database.operator_keys().await?;
    Ok(Json(Keys {
        master,
        masters: masters
            .into_iter()
            .map(|(id, seals)| MasterKeyView { id, seals })
            .collect(),
        to_rotate: left,
        operators: operators
            .into_iter()
            .map(|key| OperatorKeyTimes {
                operator: key.operator,
                valid_from: key.valid_from,
            })
            .collect(),
        gas: app.outbox.sender().address().to_string(),
        circle: operators_circle(&app),
    }))
}
