//! `GET /v1/admin/gas`

use axum::{
    Json,
    extract::{Query, State},
};
use offpay_api::{
    Problem,
    admin_transactions::{FeeDayView, GasDayView, GasQuery, GasSpending},
};
use offpay_operator::{admin::day_of, storage::AdminStorage as _};
use offpay_protocol::Seconds;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::admin_overview::token;
use crate::{App, auth::Admin, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(gas))
}

/// What gas has cost, by day and purpose, and what relayed operations paid for it.
#[utoipa::path(
    get, path = "/v1/admin/gas", tag = "admin", params(GasQuery),
    responses(
        (status = 200, description = "What it has cost", body = GasSpending),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn gas(
    State(app): State<App>,
    _: Admin,
    Query(query): Query<GasQuery>,
) -> Result<Json<GasSpending>, Refused> {
    let days = u64::from(query.days.unwrap_or(30).clamp(1, 366));
    let back = Seconds::DAY.get().saturating_mul(days.saturating_sub(1));
    let since = day_of(app.now()).saturating_sub(Seconds::new(back).unwrap_or(Seconds::DAY));
    let spent = app.database.gas_by_day(since).await?;
    let fees = app.database.fees_by_day(since).await?;
    let wei = spent.iter().map(|day| day.wei);
    let earned = fees.iter().map(|day| day.fees);
    Ok(Json(GasSpending {
        wei: wei.fold(0, u128::saturating_add).to_string(),
        earned: earned.fold(0, u128::saturating_add).to_string(),
        days: spent
            .iter()
            .map(|day| GasDayView {
                day: day.day,
                purpose: day.purpose.name().to_owned(),
                transactions: day.transactions,
                gas: day.gas.to_string(),
                wei: day.wei.to_string(),
            })
            .collect(),
        fees: fees
            .iter()
            .map(|day| FeeDayView {
                day: day.day,
                operations: day.operations,
                fees: day.fees.to_string(),
            })
            .collect(),
        token: token(&app).await,
    }))
}
