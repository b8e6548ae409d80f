//! `POST /v1/relay`, `GET /v1/relay`

use axum::{Json, extract::State, http::StatusCode};
use offpay_api::{
    Code, Problem,
    operations::OperationView,
    relay::{RelayTerms, SendRelay},
};
use offpay_operator::{
    hosted::{NewOperation, OperationId, OperationKind},
    identity::Scope,
    outbox::Purpose,
};
use offpay_protocol::{AccountId, Amount, Seconds, Signable as _};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Started;
use crate::{
    App,
    auth::Caller,
    money::{self, Beside},
    problem::Refused,
};

/// The most calls in one relay, and the most bytes of one: gas is the operator's.
const CALLS: usize = 16;
const BYTES: usize = 4 * 1024;
/// How far ahead a relay's deadline may lie.
const FARTHEST: Seconds = Seconds::DAY;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(terms, relay))
}

/// What the operator wants for sending a relay, and how many it sends.
#[utoipa::path(
    get, path = "/v1/relay", tag = "money",
    responses((status = 200, description = "Fee and limits", body = RelayTerms)),
)]
async fn terms(State(app): State<App>) -> Json<RelayTerms> {
    Json(RelayTerms {
        fee_account: AccountId::new(app.keys.gas.address()),
        fee: app.config.money.relay_fee,
        under_way: app.config.money.under_way,
        per_day: app.config.money.per_day,
    })
}

/// Sends what the caller's own wallet signed: users need no gas. A fee, if there is one, is a `transfer` among the
/// calls.
#[utoipa::path(
    post, path = "/v1/relay", tag = "money", request_body = SendRelay,
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 400, description = "The account did not sign it", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "The contract would refuse it, or its fee is missing", body = Problem),
        (status = 429, description = "Too many relays", body = Problem),
    ),
)]
async fn relay(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SendRelay>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    caller.require(Scope::Manage)?;
    // What is in a relay of a wallet's own has no budget.
    caller.session()?;
    let relay = &body.relay;
    let signer = relay.recover(app.contract.domain(), &body.signature).ok();
    if relay.account != caller.account || signer != Some(caller.account) {
        return Err(invalid(
            "the relay is not signed by the account that you signed in with",
        ));
    }
    let bytes: usize = relay.calls.iter().map(|call| call.len()).sum();
    if relay.calls.is_empty() || relay.calls.len() > CALLS || bytes > BYTES {
        return Err(invalid(
            "a relay has 1 to 16 calls, of 4 KiB together at most",
        ));
    }
    let now = money::chain_now(&app).await?;
    if relay.deadline <= now || relay.deadline > now.saturating_add(FARTHEST) {
        return Err(invalid("a relay's deadline lies ahead, within a day"));
    }
    let fee = app.config.money.relay_fee;
    let operator = AccountId::new(app.keys.gas.address());
    let pays = app.contract.transfer(operator, fee);
    if !fee.is_zero() && !relay.calls.contains(pays.calldata()) {
        let detail = "add a transfer of exactly the fee to the calls";
        return Err(Problem::new(Code::RelayFeeMissing, detail)
            .with(json!({ "fee": fee, "fee_account": operator }))
            .into());
    }
    let _one = app.money.user(caller.user).await;
    money::check_limits(&app, caller.user).await?;
    let asked = NewOperation {
        id: OperationId(Uuid::now_v7()),
        user: caller.user,
        kind: OperationKind::Relay,
        account: caller.account,
        amount: Amount::ZERO,
        fee,
        spends_balance: Amount::ZERO,
        spends_collateral: Amount::ZERO,
        details: json!({ "nonce": relay.nonce.to_string(), "calls": relay.calls.len() }),
        void_after: relay.deadline,
        once: caller.once.map(|key| key.0),
    };
    let started = money::send(
        &app,
        &asked,
        relay,
        body.signature,
        Purpose::Relay,
        Beside::Nothing,
    )
    .await?;
    Ok(Started(&started).into())
}

fn invalid(detail: &str) -> Refused {
    Problem::new(Code::InvalidRequest, detail).into()
}
