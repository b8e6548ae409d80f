//! `GET /v1/transactions/{number}`

use alloy_primitives::hex;
use axum::{
    Json,
    extract::{Path, State},
};
use offpay_api::{
    Code, Problem,
    transactions::{AttemptView, BlockView, TransactionView},
};
use offpay_operator::{
    identity::Scope,
    outbox::{Attempt, StoredTransaction},
    storage::OutboxStorage as _,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    auth::{Admin, Caller},
    problem::Refused,
};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(transaction))
}

/// A transaction that the operator sends, for who is signed in and for the operator. What is in it is public on the
/// chain.
#[utoipa::path(
    get, path = "/v1/transactions/{number}", tag = "payments",
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 200, description = "The transaction", body = TransactionView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "There is none with this number", body = Problem),
    ),
)]
async fn transaction(
    State(app): State<App>,
    Path(number): Path<String>,
    admin: Result<Admin, Refused>,
    caller: Result<Caller, Refused>,
) -> Result<Json<TransactionView>, Refused> {
    if admin.is_err() {
        caller?.require(Scope::Read)?;
    }
    let none = || Problem::new(Code::NotFound, "there is no transaction with this number");
    let number: i64 = number.parse().map_err(|_| none())?;
    let (stored, attempts) = app.database.transaction(number).await?.ok_or_else(none)?;
    Ok(Json(view(&stored, &attempts)))
}

fn view(stored: &StoredTransaction, attempts: &[Attempt]) -> TransactionView {
    TransactionView {
        number: stored.number.to_string(),
        purpose: stored.purpose.name().to_owned(),
        state: stored.state.name().to_owned(),
        failure: stored.failure.clone(),
        deadline: stored.deadline,
        created_at: stored.created_at,
        attempts: attempts
            .iter()
            .map(|attempt| AttemptView {
                hash: hex::encode_prefixed(attempt.signed.hash),
                nonce: attempt.signed.nonce,
                fee: attempt.signed.fees.most.to_string(),
                signed_at: attempt.signed_at,
                block: attempt.inclusion.map(|inclusion| BlockView {
                    number: inclusion.block,
                    hash: hex::encode_prefixed(inclusion.block_hash),
                    succeeded: inclusion.succeeded,
                    gas_used: inclusion.gas_used,
                }),
            })
            .collect(),
    }
}
