//! `/v1/circles`: who may claim on a purse's collateral

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    circles::{Admit, ApplicationView, Apply, CircleView, MemberView},
    operations::OperationView,
};
use offpay_operator::{
    event::{Audience, NewEvent},
    hosted::{Operation, OperationKind},
    identity::Scope,
    storage::{Application, ChainStorage as _, CircleStorage as _},
};
use offpay_protocol::{AccountId, Amount, Circle};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Started, named};
use crate::{
    App,
    auth::Caller,
    money::{self, Actor, CircleAdmin, Plan},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own))
        .routes(routes!(circle))
        .routes(routes!(members, admit))
        .routes(routes!(dismiss))
        .routes(routes!(applications, apply))
        .routes(routes!(decline))
}

async fn view(app: &App, circle: Circle) -> Result<CircleView, Refused> {
    let (size, _) = app.database.circle_sizes(circle).await?;
    Ok(CircleView {
        circle,
        is_operators: circle == money::operators_circle(app),
        size,
    })
}

/// The operator's own circle.
#[utoipa::path(
    get, path = "/v1/circles/own", tag = "circles",
    responses((status = 200, description = "The circle", body = CircleView)),
)]
async fn own(State(app): State<App>) -> Result<Json<CircleView>, Refused> {
    Ok(Json(view(&app, money::operators_circle(&app)).await?))
}

/// A circle.
#[utoipa::path(
    get, path = "/v1/circles/{circle}", tag = "circles",
    params(("circle" = String, Path, description = "The circle's address")),
    responses(
        (status = 200, description = "The circle", body = CircleView),
        (status = 400, description = "That names no circle", body = Problem),
    ),
)]
async fn circle(
    State(app): State<App>,
    Path(circle): Path<String>,
) -> Result<Json<CircleView>, Refused> {
    Ok(Json(view(&app, named(&circle, "circle")?).await?))
}

/// A circle's members, pending and dismissed ones too: the chain shows them to everybody.
#[utoipa::path(
    get, path = "/v1/circles/{circle}/members", tag = "circles",
    params(("circle" = String, Path, description = "The circle's address")),
    responses(
        (status = 200, description = "Members", body = Vec<MemberView>),
        (status = 400, description = "That names no circle", body = Problem),
    ),
)]
async fn members(
    State(app): State<App>,
    Path(circle): Path<String>,
) -> Result<Json<Vec<MemberView>>, Refused> {
    let members = app.database.members_of(named(&circle, "circle")?).await?;
    let view = |(account, state): (AccountId, offpay_operator::follower::MemberState)| MemberView {
        account,
        from: state.from,
        until: state.until,
    };
    Ok(Json(members.into_iter().map(view).collect()))
}

/// Admits a payee. It counts after the close delay.
#[utoipa::path(
    post, path = "/v1/circles/{circle}/members", tag = "circles", request_body = Admit,
    params(("circle" = String, Path, description = "The circle's address")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "It is not who runs the circle", body = Problem),
        (status = 403, description = "It is not who runs the circle", body = Problem),
    ),
)]
async fn admit(
    State(app): State<App>,
    admin: CircleAdmin,
    Json(body): Json<Admit>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    admin.note(&app, "circle.admit", body.account).await?;
    let operation = admit_payee(&app, &admin, body.account).await?;
    Ok(Started(&operation).into())
}

async fn admit_payee(
    app: &App,
    admin: &CircleAdmin,
    payee: AccountId,
) -> Result<Operation, Refused> {
    let call = app.contract.admit(payee);
    let plan = Plan {
        details: json!({ "circle": admin.circle, "account": payee }),
        ..Plan::call(OperationKind::Admit, call.calldata(), Amount::ZERO)
    };
    let _one = app.money.user(admin.actor.user()).await;
    let operation = money::start(app, admin.actor, plan).await?;
    app.database
        .decide(admin.circle, payee, true, app.now())
        .await?;
    Ok(operation)
}

/// Ends a membership, after the close delay.
#[utoipa::path(
    delete, path = "/v1/circles/{circle}/members/{account}", tag = "circles",
    params(
        ("circle" = String, Path, description = "The circle's address"),
        ("account" = String, Path, description = "The payee's account"),
    ),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "It is not who runs the circle", body = Problem),
        (status = 403, description = "It is not who runs the circle", body = Problem),
        (status = 409, description = "It is no member", body = Problem),
    ),
)]
async fn dismiss(
    State(app): State<App>,
    admin: CircleAdmin,
    Path((_circle, account)): Path<(String, String)>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    let payee: AccountId = named(&account, "account")?;
    admin.note(&app, "circle.dismiss", payee).await?;
    let call = app.contract.dismiss(payee);
    let plan = Plan {
        details: json!({ "circle": admin.circle, "account": payee }),
        ..Plan::call(OperationKind::Dismiss, call.calldata(), Amount::ZERO)
    };
    let _one = app.money.user(admin.actor.user()).await;
    let operation = money::start(&app, admin.actor, plan).await?;
    Ok(Started(&operation).into())
}

/// Who wants to belong to the circle: for who runs it.
#[utoipa::path(
    get, path = "/v1/circles/{circle}/applications", tag = "circles",
    params(("circle" = String, Path, description = "The circle's address")),
    responses(
        (status = 200, description = "Applications", body = Vec<ApplicationView>),
        (status = 401, description = "It is not who runs the circle", body = Problem),
        (status = 403, description = "It is not who runs the circle", body = Problem),
    ),
)]
async fn applications(
    State(app): State<App>,
    admin: CircleAdmin,
) -> Result<Json<Vec<ApplicationView>>, Refused> {
    let found = app.database.applications(admin.circle).await?;
    Ok(Json(found.iter().map(application_view).collect()))
}

/// Asks to belong to a circle.
#[utoipa::path(
    post, path = "/v1/circles/{circle}/applications", tag = "circles", request_body = Apply,
    params(("circle" = String, Path, description = "The circle's address")),
    responses(
        (status = 202, description = "Who runs the circle will decide", body = ApplicationView),
        (status = 400, description = "That names no circle, or the message is too long", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn apply(
    State(app): State<App>,
    caller: Caller,
    Path(circle): Path<String>,
    Json(body): Json<Apply>,
) -> Result<(StatusCode, Json<ApplicationView>), Refused> {
    caller.require(Scope::Manage)?;
    let circle: Circle = named(&circle, "circle")?;
    if circle.is_open() || body.message.chars().count() > 200 {
        let detail = "the open circle has no members, and a message has 200 characters at most";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let mut application = Application {
        circle,
        account: caller.account,
        user: caller.user,
        message: body.message,
        state: "open".to_owned(),
        created_at: app.now(),
    };
    let told = NewEvent {
        audience: Audience::Operator,
        kind: "application.made",
        body: json!({ "circle": circle, "account": caller.account }),
    };
    app.database.apply(&application, &[told]).await?;
    if circle == money::operators_circle(&app) && app.config.money.auto_admit {
        let admin = CircleAdmin {
            circle,
            actor: Actor::Circle,
            by: None,
        };
        admit_payee(&app, &admin, caller.account).await?;
        application.state = "admitted".to_owned();
    }
    Ok((StatusCode::ACCEPTED, Json(application_view(&application))))
}

/// Declines an application.
#[utoipa::path(
    delete, path = "/v1/circles/{circle}/applications/{account}", tag = "circles",
    params(
        ("circle" = String, Path, description = "The circle's address"),
        ("account" = String, Path, description = "Who applied"),
    ),
    responses(
        (status = 204, description = "It is declined"),
        (status = 401, description = "It is not who runs the circle", body = Problem),
        (status = 403, description = "It is not who runs the circle", body = Problem),
        (status = 404, description = "There is no open application", body = Problem),
    ),
)]
async fn decline(
    State(app): State<App>,
    admin: CircleAdmin,
    Path((_circle, account)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let account: AccountId = named(&account, "account")?;
    admin.note(&app, "circle.decline", account).await?;
    let there = app
        .database
        .decide(admin.circle, account, false, app.now())
        .await?;
    if there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(Code::NotFound, "there is no open application").into())
    }
}

fn application_view(application: &Application) -> ApplicationView {
    ApplicationView {
        account: application.account,
        message: application.message.clone(),
        state: application.state.clone(),
        created_at: application.created_at,
    }
}
