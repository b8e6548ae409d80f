//! `POST /v1/setup`

use alloy_primitives::Bytes;
use axum::{Json, extract::State, http::StatusCode};
use offpay_api::{
    Problem,
    purses::{OpeningPurse, Setup},
};
use offpay_operator::hosted::OperationKind;
use offpay_protocol::Amount;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    auth::Caller,
    money::{self, Actor, Plan, Wanted},
    problem::Refused,
};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(setup))
}

/// Everything that it takes to pay, in one operation: tokens at the wallet's own address become balance, balance
/// becomes collateral as far as it is missing, and a purse is opened with the rest.
#[utoipa::path(
    post, path = "/v1/setup", tag = "money", request_body = Setup,
    responses(
        (status = 202, description = "It is on its way", body = OpeningPurse),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There is not enough money", body = Problem),
    ),
)]
async fn setup(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<Setup>,
) -> Result<(StatusCode, Json<OpeningPurse>), Refused> {
    super::may_manage(&caller)?;
    let _one = app.money.user(caller.user).await;
    let healthy = app.contract.configuration().parameters.healthy_collateral;
    let has = money::available(&app, caller.user, caller.account).await?;
    let waiting = money::waiting_tokens(&app, caller.account).await?;
    let pledge = body.pledge.unwrap_or(healthy);
    // Enough for the pledge, and enough to be registered.
    let lock = pledge
        .saturating_sub(has.collateral())
        .max(healthy.saturating_sub(has.head.collateral));
    let fee = app.config.money.relay_fee;
    let there = money::add(has.balance(), waiting)?;
    let apart = money::add(lock, fee)?;
    let funds = match body.funds {
        Some(funds) => funds,
        None => there.saturating_sub(apart),
    };
    if funds.is_zero() {
        return Err(money::short(there, money::add(apart, Amount::from_u64(1))?));
    }
    let spends = money::add(lock, funds)?;
    if money::add(spends, fee)? > there {
        return Err(money::short(there, money::add(spends, fee)?));
    }
    let mut calls = Vec::new();
    if !waiting.is_zero() {
        calls.push(money::permitted_deposit(&app, caller.user, caller.account, waiting).await?);
    }
    if !lock.is_zero() {
        calls.push(app.contract.lock_collateral(lock).calldata().clone());
    }
    let wanted = Wanted {
        funds,
        pledge,
        cover_count: None,
        circle: body.circle,
    };
    let (open, purse) = money::open_call(&app, &caller, wanted, None).await?;
    calls.push(open);
    let plan = Plan {
        calls,
        brings: waiting,
        spends_balance: spends,
        spends_collateral: pledge.saturating_sub(lock),
        details: json!({ "purse": purse.purse, "pledge": pledge, "collateral_added": lock }),
        purse: Some(purse),
        ..Plan::call(OperationKind::Setup, &Bytes::new(), funds)
    };
    let work = format!("setup/{}", uuid::Uuid::now_v7());
    caller.spend(&app, &work, spends).await?;
    let started = money::start(&app, Actor::of(&caller), plan).await;
    if started.is_err() {
        // Nothing was stored: nobody has what was signed.
        caller.give_back(&app, &work).await?;
    }
    let operation = started?;
    Ok((
        StatusCode::ACCEPTED,
        Json(OpeningPurse {
            purse: purse.purse,
            operation: money::operation_view(&operation),
        }),
    ))
}
