//! `GET /offpay.json`

use axum::{Json, extract::State};
use offpay_api::{
    Code, Problem,
    network::{Currency, NetworkDeployment, NetworkOperator, NetworkToken, NetworkView},
};
use offpay_protocol::{
    Circle, OperatorId,
    wire::{Code as Shown, OperatorCard},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::rpc;
use crate::{App, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(network))
}

/// What the web app has to know: chain, contract and token, where nodes answer, the operator and its key.
#[utoipa::path(
    get, path = "/offpay.json", tag = "web",
    responses(
        (status = 200, description = "The network", body = NetworkView),
        (status = 503, description = "The chain does not answer", body = Problem),
    ),
)]
async fn network(State(app): State<App>) -> Result<Json<NetworkView>, Refused> {
    let config = &app.config;
    let token = app.money.token(&app).await?;
    let domain = *app.contract.domain();
    let name = config.clearing.operator_name.clone();
    let signs_now = app.operator_keys.at(app.now());
    let card = OperatorCard {
        domain,
        operator: OperatorId::new(signs_now.unwrap_or(&app.keys.operator).address()),
        url: config.http.public_url.clone().unwrap_or_default(),
        name: name.clone(),
    };
    let card = Shown::from(card).to_text().map_err(|error| {
        tracing::error!(%error, "the operator's card cannot be written");
        Problem::new(Code::Internal, "the operator's card cannot be written")
    })?;
    let mut nodes = vec![rpc::PATH.to_owned()];
    nodes.extend(config.web.nodes.iter().cloned());
    let currency = config
        .web
        .currency
        .clone()
        .zip(config.web.currency_per_token.clone());
    Ok(Json(NetworkView {
        deployment: NetworkDeployment {
            domain,
            parameters: app.contract.configuration().parameters,
            token: NetworkToken {
                symbol: token.symbol.clone(),
                decimals: token.decimals,
            },
        },
        token: token.address,
        rpc: nodes,
        operator: NetworkOperator {
            card,
            server: "/".to_owned(),
            circle: Circle::new(app.keys.circle.address()),
            circle_name: config.web.circle_name.clone().unwrap_or(name),
            cover_count: config.money.cover_count,
        },
        faucet: app.keys.token_owner.is_some(),
        currency: currency.map(|(code, per_token)| Currency { code, per_token }),
    }))
}
