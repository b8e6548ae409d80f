//! `POST /v1/faucet`

use axum::{Json, extract::State, http::StatusCode};
use offpay_api::{Problem, faucet::AskFaucet, operations::OperationView};
use offpay_operator::identity::Scope;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Caller, money, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(faucet))
}

/// Gives the caller test tokens, as balance. On test networks alone.
#[utoipa::path(
    post, path = "/v1/faucet", tag = "money", request_body = AskFaucet,
    responses(
        (status = 202, description = "They are on their way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 403, description = "There is no faucet here", body = Problem),
        (status = 429, description = "It has given enough for a day", body = Problem),
    ),
)]
async fn faucet(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<AskFaucet>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    caller.require(Scope::Manage)?;
    let _one = app.money.user(caller.user).await;
    let operation = money::give(&app, &caller, body.amount).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(money::operation_view(&operation)),
    ))
}
