//! `GET /v1/operator`

use axum::{Json, extract::State};
use offpay_api::{
    Problem,
    operator::{OperatorKeyView, OperatorView},
};
use offpay_operator::storage::clearing::{OperatorKeyStorage as _, StoredOperatorKey};
use offpay_protocol::{Circle, OperatorId, Signed};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(operator))
}

/// The operator: the deployment that it serves, its circle, the token, and its keys with how each named the next.
#[utoipa::path(
    get, path = "/v1/operator", tag = "clearing",
    responses(
        (status = 200, description = "The operator", body = OperatorView),
        (status = 503, description = "The chain does not answer", body = Problem),
    ),
)]
async fn operator(State(app): State<App>) -> Result<Json<OperatorView>, Refused> {
    let token = app.money.token(&app).await?;
    let domain = *app.contract.domain();
    let view = |key: StoredOperatorKey| OperatorKeyView {
        operator: key.operator,
        valid_from: key.valid_from,
        rotation: key.rotation.map(|(message, signature)| Signed {
            domain,
            message,
            signature,
        }),
    };
    let keys = app.database.operator_keys().await?;
    let signs_now = app.operator_keys.at(app.now());
    Ok(Json(OperatorView {
        name: app.config.clearing.operator_name.clone(),
        domain,
        circle: Circle::new(app.keys.circle.address()),
        symbol: token.symbol.clone(),
        decimals: token.decimals,
        operator: OperatorId::new(signs_now.unwrap_or(&app.keys.operator).address()),
        keys: keys.into_iter().map(view).collect(),
    }))
}
