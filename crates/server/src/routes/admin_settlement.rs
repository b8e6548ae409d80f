//! `GET /v1/admin/settlement`

use axum::{Json, extract::State};
use offpay_api::{
    Problem,
    transactions::{GasView, SettlementView, StuckView},
};
use offpay_operator::storage::{OutboxStorage as _, SettlementStorage as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Admin, config::outbox::seconds, problem::Refused};

/// The most stuck transactions that are listed.
const MOST_STUCK: u32 = 200;

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(settlement))
}

/// What is owed, what waits, and what it cost. For the operator.
#[utoipa::path(
    get, path = "/v1/admin/settlement", tag = "operator",
    responses(
        (status = 200, description = "The state of settling", body = SettlementView),
        (status = 401, description = "Not the operator", body = Problem),
    ),
)]
async fn settlement(State(app): State<App>, _: Admin) -> Result<Json<SettlementView>, Refused> {
    let sums = app.database.debt_sums().await?;
    let before = app.now().saturating_sub(seconds(app.config.outbox.stuck_s));
    let stuck = app.database.unmined(before, MOST_STUCK).await?;
    let gas = app.database.gas_spent().await?;
    Ok(Json(SettlementView {
        sender: app.outbox.sender().address().to_string(),
        owed: sums.owed.to_string(),
        pairs: sums.pairs,
        unsent: sums.unsent.to_string(),
        unprotected: sums.unprotected.to_string(),
        stuck: stuck
            .into_iter()
            .map(|stuck| StuckView {
                number: stuck.number.to_string(),
                purpose: stuck.purpose.name().to_owned(),
                state: stuck.state.name().to_owned(),
                created_at: stuck.created_at,
                work: stuck.work,
            })
            .collect(),
        gas: gas
            .into_iter()
            .map(|spent| GasView {
                purpose: spent.purpose.name().to_owned(),
                transactions: spent.transactions,
                gas: spent.gas.to_string(),
                wei: spent.wei.to_string(),
            })
            .collect(),
    }))
}
