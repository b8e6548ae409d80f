//! `GET /v1/admin/overview`

use axum::{Json, extract::State};
use offpay_api::{
    Problem,
    admin_overview::{ChainView, Overview, TokenView},
};
use offpay_operator::storage::{
    AdminStorage as _, ChainStorage as _, OutboxStorage as _, SettlementStorage as _,
    clearing::ClearingStorage as _,
};
use offpay_protocol::Seconds;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Admin, config::outbox::seconds, problem::Refused};

/// The most stuck transactions that are counted.
const MOST_STUCK: u32 = 200;

/// For how long gas is added up.
const MONTH_S: u64 = 30 * 24 * 60 * 60;

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(overview))
}

/// How the operator stands, on one page.
#[utoipa::path(
    get, path = "/v1/admin/overview", tag = "admin",
    responses(
        (status = 200, description = "How it stands", body = Overview),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "No token is configured", body = Problem),
    ),
)]
async fn overview(State(app): State<App>, _: Admin) -> Result<Json<Overview>, Refused> {
    let now = app.now();
    let database = &app.database;
    let sums = database.debt_sums().await?;
    let before = now.saturating_sub(seconds(app.config.outbox.stuck_s));
    let stuck = database.unmined(before, MOST_STUCK).await?.len();
    let month = now.saturating_sub(Seconds::new(MONTH_S).unwrap_or(Seconds::DAY));
    let spent = database.gas_by_day(month).await?;
    let users = database.user_counts().await?;
    let masters = database.data_keys_by_master().await?;
    let current = app.vault.current_master_key();
    let sender = app.outbox.sender().address();
    let money = app.contract.node().gas_money(sender).await.ok();
    Ok(Json(Overview {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database: database.engine().to_owned(),
        now,
        parts: app
            .health
            .parts()
            .into_iter()
            .map(|(part, well)| (part.to_owned(), well))
            .collect(),
        chain: app.chain.cursor().map(|cursor| ChainView {
            head: cursor.head.number,
            head_time: cursor.head.time,
            finalized: cursor.finalized.number,
        }),
        owed: sums.owed.to_string(),
        pairs: sums.pairs,
        unsent: sums.unsent.to_string(),
        unprotected: sums.unprotected.to_string(),
        defaults: count(database.defaults().await?.len()),
        stuck: count(stuck),
        sender: sender.to_string(),
        gas_money: money.map(|money| money.to_string()),
        gas_spent: spent
            .iter()
            .fold(0_u128, |sum, day| sum.saturating_add(day.wei))
            .to_string(),
        users: users.users,
        hosted: users.hosted,
        frozen: users.frozen,
        payments: database.cleared_count().await?.to_string(),
        keys_to_rotate: masters
            .iter()
            .filter(|(id, _)| id != current)
            .fold(0, |sum: u64, (_, sealed)| sum.saturating_add(*sealed)),
        token: token(&app).await,
    }))
}

/// What amounts are in, if the node tells.
pub(super) async fn token(app: &App) -> Option<TokenView> {
    let token = app.money.token(app).await.ok()?;
    Some(TokenView {
        symbol: token.symbol.clone(),
        decimals: token.decimals,
    })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
