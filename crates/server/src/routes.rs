//! The endpoints. Each has a file of its own, with its handler and what can go wrong; its types stand in `offpay-api`
//! under the same name.

use axum::Router;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::{App, openapi};
use hosted::{Started, hosted, manage, may_manage, named, next};

pub mod access_tokens;
pub mod account;
pub mod admin_accounts;
pub mod admin_export;
pub mod admin_gas;
pub mod admin_log;
pub mod admin_overview;
pub mod admin_risks;
pub mod admin_settlement;
pub mod admin_transactions;
pub mod attestations;
pub mod audit;
pub mod certificates;
pub mod channel_closing;
pub mod channel_payments;
pub mod channels;
pub mod circles;
pub mod collateral;
pub mod deposits;
pub mod docs;
pub mod events;
pub mod faucet;
pub mod healthz;
mod hosted;
pub mod me;
pub mod metrics;
pub mod network;
pub mod operations;
pub mod operator;
pub mod passkeys;
pub mod pay;
pub mod payment_stream;
pub mod payments;
pub mod personal_data;
pub mod problems;
pub mod purses;
pub mod readyz;
pub mod recoveries;
pub mod register;
pub mod relay;
pub mod requests;
pub mod revocations;
pub mod rpc;
pub mod security;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod transaction;
pub mod wallet_sign_in;
pub mod watch;
pub mod webhook_deliveries;
pub mod webhooks;
pub mod withdrawals;

/// All of them that are described in the OpenAPI document.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(healthz::routes())
        .merge(readyz::routes())
        .merge(access_tokens::routes())
        .merge(admin_accounts::routes())
        .merge(admin_overview::routes())
        .merge(admin_risks::routes())
        .merge(admin_transactions::routes())
        .merge(admin_gas::routes())
        .merge(admin_log::routes())
        .merge(admin_export::routes())
        .merge(events::routes())
        .merge(me::routes())
        .merge(passkeys::routes())
        .merge(personal_data::routes())
        .merge(recoveries::routes())
        .merge(security::routes())
        .merge(register::routes())
        .merge(sessions::routes())
        .merge(sign_in::routes())
        .merge(wallet_sign_in::routes())
        .merge(admin_settlement::routes())
        .merge(transaction::routes())
        .merge(account::routes())
        .merge(audit::routes())
        .merge(collateral::routes())
        .merge(deposits::routes())
        .merge(faucet::routes())
        .merge(operations::routes())
        .merge(pay::routes())
        .merge(purses::routes())
        .merge(requests::routes())
        .merge(setup::routes())
        .merge(withdrawals::routes())
        .merge(relay::routes())
        .merge(circles::routes())
        .merge(watch::routes())
        .merge(webhooks::routes())
        .merge(webhook_deliveries::routes())
        .merge(attestations::routes())
        .merge(payments::routes())
        .merge(payment_stream::routes())
        .merge(operator::routes())
        .merge(certificates::routes())
        .merge(revocations::routes())
        .merge(network::routes())
        .merge(rpc::routes())
        .merge(channels::routes())
        .merge(channel_payments::routes())
        .merge(channel_closing::routes())
}

/// All of them, and the pages for people and for Prometheus.
pub(crate) fn with_pages() -> Router<App> {
    let (endpoints, document) = all().split_for_parts();
    endpoints
        .merge(metrics::routes())
        .merge(problems::routes())
        .merge(docs::routes(openapi::finish(document)))
}
