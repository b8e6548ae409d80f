//! `GET /v1/admin/at-risk`, `GET /v1/admin/defaults`

use axum::{
    Json,
    extract::{Query, State},
};
use offpay_api::{
    Problem,
    admin_risks::{DefaultView, Defaults, PurseAtRisk},
    page::{Page, PageQuery},
};
use offpay_operator::storage::{AdminStorage as _, ChainStorage as _};
use offpay_protocol::PurseKey;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::named;
use crate::{App, auth::Admin, problem::Refused, settlement::risk};

/// So many purses that owe something are looked at for one page.
const LOOKED_AT: u32 = 2_000;

/// How many are read at once.
const AT_ONCE: u32 = 200;

/// The most defaults that are listed.
const MOST_DEFAULTS: usize = 1_000;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(at_risk))
        .routes(routes!(defaults))
}

/// Purses that owe what they may not pay, with why and by when.
///
/// A page can have fewer items than its limit, or none, and still a `next`: then there are more purses to look at.
#[utoipa::path(
    get, path = "/v1/admin/at-risk", tag = "admin", params(PageQuery),
    responses(
        (status = 200, description = "Purses at risk, by their keys", body = Page<PurseAtRisk>),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn at_risk(
    State(app): State<App>,
    _: Admin,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PurseAtRisk>>, Refused> {
    let limit = usize::try_from(query.limit()).unwrap_or(usize::MAX);
    let mut after: Option<PurseKey> = query
        .cursor
        .as_deref()
        .map(|text| named(text, "purse"))
        .transpose()?;
    let now = app
        .chain
        .time()
        .map_or(app.now(), |head| head.max(app.now()));
    let mut items = Vec::new();
    let mut looked: u32 = 0;
    loop {
        let pairs = app.database.owed_by_purse(after, AT_ONCE).await?;
        let groups: Vec<_> = pairs
            .chunk_by(|one, next| one.purse == next.purse)
            .collect();
        for owed in &groups {
            let Some(first) = owed.first() else { continue };
            if items.len() >= limit || looked >= LOOKED_AT {
                let next = after.map(|purse| purse.to_string());
                return Ok(Json(Page { items, next }));
            }
            looked = looked.saturating_add(1);
            after = Some(first.purse);
            items.extend(risk::of(&app, owed, now).await?);
        }
        if groups.is_empty() {
            return Ok(Json(Page { items, next: None }));
        }
    }
}

/// Payees whom a purse did not pay, and how long its owner has to make it good.
#[utoipa::path(
    get, path = "/v1/admin/defaults", tag = "admin",
    responses(
        (status = 200, description = "The defaults", body = Defaults),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn defaults(State(app): State<App>, _: Admin) -> Result<Json<Defaults>, Refused> {
    let all = app.database.defaults().await?;
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let period = app.contract.configuration().parameters.settlement_period;
    let chain_time = app.chain.time().unwrap_or_else(|| app.now());
    let mut items = Vec::new();
    for (purse, payee, state) in all.into_iter().take(MOST_DEFAULTS) {
        let since = state.in_default_since.unwrap_or(chain_time);
        let period_ends_at = since.saturating_add(period);
        let debts = app.database.owed_by(purse).await?;
        let ours = debts.iter().find(|debt| debt.payee == payee);
        let transaction = ours.and_then(|debt| debt.transaction);
        let stage = match (transaction, chain_time > period_ends_at) {
            (Some(_), true) => "claiming",
            (None, true) => "claimable",
            (_, false) => "in_period",
        };
        items.push(DefaultView {
            purse,
            owner: app.database.purse(purse).await?.map(|known| known.owner),
            payee,
            owed: state.presented.saturating_sub(state.paid),
            reserved: state.reserved,
            since,
            period_ends_at,
            state: stage.to_owned(),
            ours: ours.is_some(),
            transaction: transaction.map(|number| number.to_string()),
        });
    }
    Ok(Json(Defaults {
        chain_time,
        items,
        total,
    }))
}
