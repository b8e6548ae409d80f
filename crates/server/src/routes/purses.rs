//! `POST /v1/purses`, and what becomes of a purse afterwards

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    operations::OperationView,
    purses::{AddToPurse, MakeGood, OpenPhonePurse, OpenPurse, OpeningPurse},
};
use offpay_operator::{hosted::OperationKind, storage::ChainStorage as _};
use offpay_protocol::{Amount, PurseKey, Signature};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Started, named};
use crate::{
    App,
    auth::Caller,
    money::{self, Plan, Wanted},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open))
        .routes(routes!(open_on_phone))
        .routes(routes!(top_up))
        .routes(routes!(add_pledge))
        .routes(routes!(close))
        .routes(routes!(make_good))
}

/// Opens a purse that the server signs for.
#[utoipa::path(
    post, path = "/v1/purses", tag = "money", request_body = OpenPurse,
    responses(
        (status = 202, description = "It is on its way", body = OpeningPurse),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There is not enough balance or collateral", body = Problem),
    ),
)]
async fn open(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<OpenPurse>,
) -> Result<(StatusCode, Json<OpeningPurse>), Refused> {
    open_purse(&app, &caller, &body, None).await
}

/// Opens a purse whose device key is on the user's own phone: the server never sees it.
#[utoipa::path(
    post, path = "/v1/purses/phone", tag = "money", request_body = OpenPhonePurse,
    responses(
        (status = 202, description = "It is on its way", body = OpeningPurse),
        (status = 400, description = "The phone's key did not sign", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There is not enough balance or collateral", body = Problem),
    ),
)]
async fn open_on_phone(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<OpenPhonePurse>,
) -> Result<(StatusCode, Json<OpeningPurse>), Refused> {
    open_purse(
        &app,
        &caller,
        &body.terms,
        Some((body.purse, body.signature)),
    )
    .await
}

async fn open_purse(
    app: &App,
    caller: &Caller,
    body: &OpenPurse,
    phone: Option<(PurseKey, Signature)>,
) -> Result<(StatusCode, Json<OpeningPurse>), Refused> {
    super::may_manage(caller)?;
    let wanted = Wanted {
        funds: body.funds,
        pledge: body.pledge,
        cover_count: body.cover_count,
        circle: body.circle,
    };
    let (call, purse) = money::open_call(app, caller, wanted, phone).await?;
    let plan = Plan {
        spends_balance: body.funds,
        spends_collateral: body.pledge,
        details: json!({ "purse": purse.purse, "pledge": body.pledge }),
        purse: Some(purse),
        ..Plan::call(OperationKind::OpenPurse, &call, body.funds)
    };
    let operation = super::manage(app, caller, plan).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(OpeningPurse {
            purse: purse.purse,
            operation: money::operation_view(&operation),
        }),
    ))
}

/// Adds balance to a purse. It can be paid out once it is final.
#[utoipa::path(
    post, path = "/v1/purses/{purse}/funds", tag = "money", request_body = AddToPurse,
    params(("purse" = String, Path, description = "The purse's key")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such purse", body = Problem),
        (status = 409, description = "There is not enough balance, or the purse is retired", body = Problem),
    ),
)]
async fn top_up(
    State(app): State<App>,
    caller: Caller,
    Path(purse): Path<String>,
    Json(body): Json<AddToPurse>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    super::may_manage(&caller)?;
    let key = named(&purse, "purse")?;
    let hosted = money::owned(&app, caller.account, key).await?;
    if hosted.is_some_and(|hosted| hosted.is_retired()) {
        let detail = "the purse pays nobody any more: close it, and open another";
        return Err(Problem::new(Code::PurseRetired, detail).into());
    }
    let call = app.contract.top_up_purse(key, body.amount);
    let plan = Plan {
        spends_balance: body.amount,
        details: json!({ "purse": key }),
        ..Plan::call(OperationKind::TopUpPurse, call.calldata(), body.amount)
    };
    let operation = super::manage(&app, &caller, plan).await?;
    Ok(Started(&operation).into())
}

/// Pledges free collateral to a purse.
#[utoipa::path(
    post, path = "/v1/purses/{purse}/pledge", tag = "money", request_body = AddToPurse,
    params(("purse" = String, Path, description = "The purse's key")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such purse", body = Problem),
        (status = 409, description = "There is not enough free collateral", body = Problem),
    ),
)]
async fn add_pledge(
    State(app): State<App>,
    caller: Caller,
    Path(purse): Path<String>,
    Json(body): Json<AddToPurse>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    let key = own_purse(&app, &caller, &purse).await?;
    let call = app.contract.add_pledge(key, body.amount);
    let plan = Plan {
        spends_collateral: body.amount,
        details: json!({ "purse": key }),
        ..Plan::call(OperationKind::AddPledge, call.calldata(), body.amount)
    };
    let operation = super::manage(&app, &caller, plan).await?;
    Ok(Started(&operation).into())
}

/// Begins to close a purse. It cannot be undone: the purse pays nobody any more, and its rest is balance again after
/// the close delay.
#[utoipa::path(
    post, path = "/v1/purses/{purse}/close", tag = "money",
    params(("purse" = String, Path, description = "The purse's key")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such purse", body = Problem),
        (status = 409, description = "It is closing already", body = Problem),
    ),
)]
async fn close(
    State(app): State<App>,
    caller: Caller,
    Path(purse): Path<String>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    let key = own_purse(&app, &caller, &purse).await?;
    let call = app.contract.request_purse_close(key);
    let plan = Plan {
        details: json!({ "purse": key }),
        ..Plan::call(OperationKind::ClosePurse, call.calldata(), Amount::ZERO)
    };
    let operation = super::manage(&app, &caller, plan).await?;
    Ok(Started(&operation).into())
}

/// Pays payees in default all that a purse owes them, out of the balance. Within the settlement period no collateral
/// is lost.
#[utoipa::path(
    post, path = "/v1/purses/{purse}/make-good", tag = "money", request_body = MakeGood,
    params(("purse" = String, Path, description = "The purse's key")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such purse", body = Problem),
        (status = 409, description = "Nobody is in default, or there is not enough balance", body = Problem),
    ),
)]
async fn make_good(
    State(app): State<App>,
    caller: Caller,
    Path(purse): Path<String>,
    Json(body): Json<MakeGood>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    let key = own_purse(&app, &caller, &purse).await?;
    let pairs = app.database.pairs_of(key).await?;
    let owing = pairs.iter().filter(|(payee, pair)| {
        let asked = body.payees.as_ref();
        pair.in_default_since.is_some() && asked.is_none_or(|payees| payees.contains(payee))
    });
    let (payees, owed): (Vec<_>, Vec<_>) = owing
        .map(|(payee, pair)| (*payee, pair.presented.saturating_sub(pair.paid)))
        .unzip();
    if payees.is_empty() {
        let detail = "the purse owes nobody that you named anything";
        return Err(Problem::new(Code::OperationRefused, detail)
            .with(json!({ "code": "NotInDefault" }))
            .into());
    }
    let total = Amount::checked_sum(owed).unwrap_or(Amount::MAX);
    let call = app.contract.make_good(key, payees.iter().copied(), total);
    let plan = Plan {
        spends_balance: total,
        details: json!({ "purse": key, "payees": payees }),
        ..Plan::call(OperationKind::MakeGood, call.calldata(), total)
    };
    let operation = super::manage(&app, &caller, plan).await?;
    Ok(Started(&operation).into())
}

async fn own_purse(app: &App, caller: &Caller, text: &str) -> Result<PurseKey, Refused> {
    super::may_manage(caller)?;
    let key = named(text, "purse")?;
    money::owned(app, caller.account, key).await?;
    Ok(key)
}
