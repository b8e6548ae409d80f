//! `POST /v1/collateral`

use axum::{Json, extract::State, http::StatusCode};
use offpay_api::{Problem, collateral::AddCollateral, operations::OperationView};
use offpay_operator::hosted::OperationKind;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Started;
use crate::{App, auth::Caller, money::Plan, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(collateral))
}

/// Makes balance security deposit. With enough of it the account is registered.
#[utoipa::path(
    post, path = "/v1/collateral", tag = "money", request_body = AddCollateral,
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There is not enough balance", body = Problem),
    ),
)]
async fn collateral(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<AddCollateral>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    let call = app.contract.lock_collateral(body.amount);
    let plan = Plan {
        spends_balance: body.amount,
        ..Plan::call(OperationKind::AddCollateral, call.calldata(), body.amount)
    };
    let operation = super::manage(&app, &caller, plan).await?;
    Ok(Started(&operation).into())
}
