//! `/v1/addresses`, `POST /v1/withdrawals`

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem, SecretText,
    operations::OperationView,
    withdrawals::{AddAddress, AddressView, ConfirmAddress, Withdraw, WithdrawFrom},
};
use offpay_operator::{
    event::{Audience, NewEvent},
    hosted::OperationKind,
    identity::Scope,
    storage::{AddressStorage as _, WithdrawalAddress},
};
use offpay_protocol::{AccountId, Amount};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Started, hosted, named, security};
use crate::{
    App,
    accounts::second_factor,
    auth::Caller,
    money::{self, Actor, Plan},
    problem::Refused,
};

/// The most addresses that one user keeps.
const MOST: usize = 100;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(addresses, add))
        .routes(routes!(confirm))
        .routes(routes!(remove))
        .routes(routes!(withdraw))
}

fn view(address: &WithdrawalAddress) -> AddressView {
    AddressView {
        address: address.address,
        label: address.label.clone(),
        added_at: address.added_at,
        usable_at: address.usable_at,
        confirmed_at: address.confirmed_at,
    }
}

/// The addresses that the caller can withdraw to.
#[utoipa::path(
    get, path = "/v1/addresses", tag = "money",
    responses(
        (status = 200, description = "Addresses", body = Vec<AddressView>),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn addresses(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<AddressView>>, Refused> {
    caller.require(Scope::Read)?;
    let found = app.database.addresses(caller.user).await?;
    Ok(Json(found.iter().map(view).collect()))
}

/// Adds an address. It is told about, and has to be confirmed after a delay: whoever steals a session has to wait, and
/// is seen.
#[utoipa::path(
    post, path = "/v1/addresses", tag = "money", request_body = AddAddress,
    responses(
        (status = 201, description = "It is there", body = AddressView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 403, description = "Access tokens cannot", body = Problem),
    ),
)]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<AddAddress>,
) -> Result<(StatusCode, Json<AddressView>), Refused> {
    caller.session()?;
    caller.require(Scope::Withdraw)?;
    if body.label.chars().count() > 64 || body.address.is_zero() {
        let detail = "a label has 64 characters at most, and the zero address is nobody's";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    if body.address.address() == app.contract.address() {
        let detail = "tokens sent to the contract itself are lost: withdraw to a wallet";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    if app.database.addresses(caller.user).await?.len() >= MOST {
        let detail = "there are 100 addresses: remove one first";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let now = app.now();
    let new = WithdrawalAddress {
        address: body.address,
        label: body.label,
        added_at: now,
        usable_at: now.saturating_add(app.config.money.address_delay()),
        confirmed_at: None,
    };
    let told = told(&caller, "address.added", &new);
    let stored = app.database.add_address(caller.user, &new, &[told]).await?;
    Ok((StatusCode::CREATED, Json(view(&stored))))
}

/// Confirms an address whose delay is over. If the account has a second factor, a code of it is needed.
#[utoipa::path(
    post, path = "/v1/addresses/{address}/confirm", tag = "money", request_body = Option<ConfirmAddress>,
    params(("address" = String, Path, description = "The address")),
    responses(
        (status = 200, description = "Money can go there", body = AddressView),
        (status = 401, description = "Nobody is signed in, or the code is missing or wrong", body = Problem),
        (status = 404, description = "The caller added no such address", body = Problem),
        (status = 409, description = "Its delay is not over", body = Problem),
    ),
)]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Path(address): Path<String>,
    body: Option<Json<ConfirmAddress>>,
) -> Result<Json<AddressView>, Refused> {
    caller.session()?;
    caller.require(Scope::Withdraw)?;
    let mut kept = find(&app, &caller, named(&address, "address")?).await?;
    let now = app.now();
    if now < kept.usable_at {
        return Err(
            Problem::new(Code::AddressTooNew, "wait until its delay is over")
                .with(json!({
                    "usable_at": kept.usable_at,
                    "retry_after": kept.usable_at.since(now).get(),
                }))
                .into(),
        );
    }
    if kept.confirmed_at.is_none() {
        let code = body.and_then(|Json(body)| body.code);
        require_second_factor(&app, &caller, code.as_ref()).await?;
        kept.confirmed_at = Some(now);
        let told = told(&caller, "address.confirmed", &kept);
        app.database
            .confirm_address(caller.user, kept.address, &[told], now)
            .await?;
    }
    Ok(Json(view(&kept)))
}

/// Whoever has a session alone does not say where money goes, if the account has a second factor.
async fn require_second_factor(
    app: &App,
    caller: &Caller,
    code: Option<&SecretText>,
) -> Result<(), Refused> {
    let user = security::user(app, caller).await?;
    match (user.second_factor, code) {
        (false, _) => Ok(()),
        (true, Some(code)) => second_factor::check(app, caller.user, code).await,
        (true, None) => {
            let detail = "send a code of your authenticator as well";
            Err(Problem::new(Code::SecondFactorRequired, detail).into())
        }
    }
}

/// Takes an address out. Added again, it has to be confirmed again.
#[utoipa::path(
    delete, path = "/v1/addresses/{address}", tag = "money",
    params(("address" = String, Path, description = "The address")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller added no such address", body = Problem),
    ),
)]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(address): Path<String>,
) -> Result<StatusCode, Refused> {
    caller.session()?;
    let address = named(&address, "address")?;
    if app.database.remove_address(caller.user, address).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown())
    }
}

/// Sends balance or free collateral to a confirmed address.
#[utoipa::path(
    post, path = "/v1/withdrawals", tag = "money", request_body = Withdraw,
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "The address is not confirmed, or there is not enough", body = Problem),
    ),
)]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<Withdraw>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    caller.require(Scope::Withdraw)?;
    hosted(&caller)?;
    let _one = app.money.user(caller.user).await;
    let kept = app.database.addresses(caller.user).await?;
    let confirmed = kept
        .iter()
        .any(|kept| kept.address == body.address && kept.confirmed_at.is_some());
    if !confirmed {
        let detail = "add the address and confirm it first";
        return Err(Problem::new(Code::AddressNotConfirmed, detail).into());
    }
    if body.amount.is_zero() {
        return Err(Problem::new(Code::InvalidRequest, "nothing would be withdrawn").into());
    }
    let work = format!("withdraw/{}", Uuid::now_v7());
    caller.spend(&app, &work, body.amount).await?;
    let to = body.address.address();
    let details = json!({ "to": body.address });
    let plan = match body.from {
        WithdrawFrom::Balance => {
            let call = app.contract.withdraw(to, body.amount);
            Plan {
                spends_balance: body.amount,
                details,
                ..Plan::call(OperationKind::Withdraw, call.calldata(), body.amount)
            }
        }
        WithdrawFrom::Collateral => {
            let call = app.contract.withdraw_collateral(to, body.amount);
            Plan {
                spends_balance: Amount::ZERO,
                spends_collateral: body.amount,
                details,
                ..Plan::call(
                    OperationKind::WithdrawCollateral,
                    call.calldata(),
                    body.amount,
                )
            }
        }
    };
    let started = money::start(&app, Actor::of(&caller), plan).await;
    if started.is_err() {
        // Nothing was stored: nobody has what was signed.
        caller.give_back(&app, &work).await?;
    }
    Ok(Started(&started?).into())
}

async fn find(
    app: &App,
    caller: &Caller,
    address: AccountId,
) -> Result<WithdrawalAddress, Refused> {
    let kept = app.database.addresses(caller.user).await?;
    kept.into_iter()
        .find(|kept| kept.address == address)
        .ok_or_else(unknown)
}

fn unknown() -> Refused {
    Problem::new(Code::NotFound, "you added no such address").into()
}

fn told(caller: &Caller, kind: &'static str, address: &WithdrawalAddress) -> NewEvent {
    NewEvent {
        audience: Audience::User(caller.user),
        kind,
        body: serde_json::to_value(view(address)).unwrap_or_default(),
    }
}
