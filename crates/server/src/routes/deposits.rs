//! `GET /v1/deposits`, `POST /v1/deposits`

use axum::{Json, extract::State, http::StatusCode};
use offpay_api::{
    Problem,
    deposits::{Deposit, DepositInstructions},
    operations::OperationView,
};
use offpay_operator::{hosted::OperationKind, identity::Scope};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Started, hosted};
use crate::{
    App,
    auth::Caller,
    money::{self, Actor, Plan},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(instructions, deposit))
}

/// How to put money in: send tokens to the wallet's own address, then ask for a deposit.
#[utoipa::path(
    get, path = "/v1/deposits", tag = "money",
    responses(
        (status = 200, description = "Where to send tokens", body = DepositInstructions),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn instructions(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<DepositInstructions>, Refused> {
    caller.require(Scope::Read)?;
    let token = app.money.token(&app).await?.address;
    let chain_id = app.contract.domain().chain_id();
    Ok(Json(DepositInstructions {
        address: caller.account,
        token,
        chain_id,
        link: format!(
            "ethereum:{token}@{chain_id}/transfer?address={}",
            caller.account
        ),
        waiting: money::waiting_tokens(&app, caller.account).await?,
    }))
}

/// Makes tokens that are at the wallet's own address balance. Needs no gas: the wallet signs a permit.
#[utoipa::path(
    post, path = "/v1/deposits", tag = "money", request_body = Deposit,
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There are no tokens", body = Problem),
    ),
)]
async fn deposit(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<Deposit>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    caller.require(Scope::Manage)?;
    hosted(&caller)?;
    let _one = app.money.user(caller.user).await;
    let waiting = money::waiting_tokens(&app, caller.account).await?;
    let amount = body.amount.unwrap_or(waiting);
    if amount.is_zero() || amount > waiting {
        return Err(money::short(waiting, amount));
    }
    let call = money::permitted_deposit(&app, caller.user, caller.account, amount).await?;
    let plan = Plan {
        brings: amount,
        ..Plan::call(OperationKind::Deposit, &call, amount)
    };
    let operation = money::start(&app, Actor::of(&caller), plan).await?;
    Ok(Started(&operation).into())
}
