//! The endpoints. Each has a file of its own, with its handler and what can go wrong; its types stand in `offpay-api`
//! under the same name.

use axum::Router;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::{App, openapi};

pub mod access_tokens;
pub mod admin_accounts;
pub mod admin_settlement;
pub mod docs;
pub mod healthz;
pub mod me;
pub mod metrics;
pub mod personal_data;
pub mod problems;
pub mod readyz;
pub mod recoveries;
pub mod register;
pub mod security;
pub mod sessions;
pub mod sign_in;
pub mod transaction;
pub mod wallet_sign_in;

/// All of them that are described in the OpenAPI document.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(healthz::routes())
        .merge(readyz::routes())
        .merge(access_tokens::routes())
        .merge(admin_accounts::routes())
        .merge(me::routes())
        .merge(personal_data::routes())
        .merge(recoveries::routes())
        .merge(security::routes())
        .merge(register::routes())
        .merge(sessions::routes())
        .merge(sign_in::routes())
        .merge(wallet_sign_in::routes())
        .merge(admin_settlement::routes())
        .merge(transaction::routes())
}

/// All of them, and the pages for people and for Prometheus.
pub(crate) fn with_pages() -> Router<App> {
    let (endpoints, document) = all().split_for_parts();
    endpoints
        .merge(metrics::routes())
        .merge(problems::routes())
        .merge(docs::routes(openapi::finish(document)))
}
