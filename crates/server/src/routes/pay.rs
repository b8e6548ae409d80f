//! `POST /v1/pay`, `POST /v1/history/{payment}/refund`, `GET /v1/history`

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    page::{Page, PageQuery},
    pay::{Pay, PaymentView, Refund},
};
use offpay_operator::{
    hosted::{HostedPayment, PaymentState},
    identity::{Handle, Scope},
    storage::{
        ChainStorage as _, HostedPurseStorage as _, RequestStorage as _, identity::UserStorage as _,
    },
};
use offpay_protocol::{AccountId, Amount, PaymentId, Reference, wire};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{hosted, named};
use crate::{
    App,
    auth::Caller,
    money::{self, Asked},
    problem::Refused,
};

/// The longest note.
const MEMO: usize = 200;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(pay))
        .routes(routes!(history))
        .routes(routes!(refund))
}

/// Pays a request, or a payee and an amount, out of a purse that the server keeps. It is signed, stored and cleared
/// when it is answered; it is settled on-chain by itself.
#[utoipa::path(
    post, path = "/v1/pay", tag = "money", request_body = Pay,
    responses(
        (status = 201, description = "It is signed; `state` says whether it is cleared", body = PaymentView),
        (status = 400, description = "Not a request, or not an amount", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There is not enough money, or the request is over", body = Problem),
    ),
)]
async fn pay(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<Pay>,
) -> Result<(StatusCode, Json<PaymentView>), Refused> {
    caller.require(Scope::Pay)?;
    hosted(&caller)?;
    check_memo(&body.memo)?;
    if let Some(before) = money::paid_before(&app, &caller).await? {
        return answer(&app, &caller, &before).await;
    }
    let (payee, amount, reference) = match (&body.request, &body.to) {
        (Some(request), None) => of_request(&app, request, &body).await?,
        (None, Some(to)) => {
            let amount = body
                .amount
                .ok_or_else(|| invalid("an amount is needed where there is no request"))?;
            let reference = match body.reference {
                Some(reference) => reference,
                None => Reference::new(money::random_bytes()?.into()),
            };
            (payee(&app, to).await?, amount, reference)
        }
        _ => return Err(invalid("name either a request, or whom to pay")),
    };
    if payee == caller.account {
        return Err(invalid("nobody pays themselves"));
    }
    let payee_user = app.database.user_by_account(payee).await?;
    let asked = Asked {
        payee,
        payee_user: payee_user.map(|user| user.id),
        amount,
        reference,
        memo: body.memo,
        refund_of: None,
        purse: body.purse,
    };
    // Of one user one payment after the other: two that pay one request are told apart.
    let _one = app.money.user(caller.user).await;
    let paid = money::pay(&app, &caller, asked).await?;
    answer(&app, &caller, &paid).await
}

async fn answer(
    app: &App,
    caller: &Caller,
    paid: &HostedPayment,
) -> Result<(StatusCode, Json<PaymentView>), Refused> {
    let view = money::payment_view(app, caller.user, paid).await?;
    if paid.state == PaymentState::Refused {
        let code = paid.refusal.as_deref().unwrap_or_default();
        return Err(
            Problem::new(Code::PaymentRefused, "clearing refused the payment")
                .with(json!({ "code": code, "payment": view }))
                .into(),
        );
    }
    Ok((StatusCode::CREATED, Json(view)))
}

async fn of_request(
    app: &App,
    text: &str,
    body: &Pay,
) -> Result<(AccountId, Amount, Reference), Refused> {
    let domain = app.contract.domain();
    let code = wire::Code::parse(text.trim()).map_err(|error| invalid(&error.to_string()))?;
    let request = match &code {
        wire::Code::Request(code) => code
            .open(domain)
            .map(|(request, _)| request.clone())
            .map_err(|error| invalid(&error.to_string()))?,
        wire::Code::AttestedRequest(code) => code
            .open(domain)
            .map(|opened| opened.request.clone())
            .map_err(|error| invalid(&error.to_string()))?,
        _ => return Err(invalid("that code is no request")),
    };
    let amount = match (request.amount, body.amount) {
        (Amount::ZERO, Some(amount)) => amount,
        (Amount::ZERO, None) => return Err(invalid("the request leaves the amount to you")),
        (asked, None) => asked,
        (asked, Some(amount)) if asked == amount => amount,
        _ => return Err(invalid("the request asks for another amount")),
    };
    let reference = request.reference(domain);
    if body.reference.is_some_and(|given| given != reference) {
        return Err(invalid("the request has another reference"));
    }
    if request.is_expired(money::chain_now(app).await?) {
        return Err(Problem::new(Code::RequestOver, "the request expired").into());
    }
    let paid = app
        .database
        .payments_of_reference(request.payee, reference)
        .await?;
    if !request.is_reusable() && !paid.is_empty() {
        return Err(Problem::new(Code::RequestOver, "the request was paid").into());
    }
    // A request that a hosted payee made is in the database: one of that name that is not, was altered.
    let _known = app.database.request_of_reference(reference).await?;
    Ok((request.payee, amount, reference))
}

/// A handle, with or without `@`, or an address.
pub(super) async fn payee(app: &App, to: &str) -> Result<AccountId, Refused> {
    let to = to.trim();
    if to.starts_with("0x") {
        return named(to, "payee");
    }
    let handle: Handle = to
        .trim_start_matches('@')
        .parse()
        .map_err(|_| invalid("a payee is a handle or an address"))?;
    let user = app.database.user_by_handle(&handle).await?;
    user.map(|user| user.account)
        .ok_or_else(|| Problem::new(Code::NotFound, "nobody here is called that").into())
}

/// Gives a payment back, all of it or a part: a payment of one's own to the payer's account.
#[utoipa::path(
    post, path = "/v1/history/{payment}/refund", tag = "money", request_body = Refund,
    params(("payment" = String, Path, description = "The payment's id")),
    responses(
        (status = 201, description = "It is signed; `state` says whether it is cleared", body = PaymentView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller got no such payment", body = Problem),
        (status = 409, description = "That is more than is left of it, or more than there is", body = Problem),
    ),
)]
async fn refund(
    State(app): State<App>,
    caller: Caller,
    Path(payment): Path<String>,
    Json(body): Json<Refund>,
) -> Result<(StatusCode, Json<PaymentView>), Refused> {
    caller.require(Scope::Pay)?;
    hosted(&caller)?;
    check_memo(&body.memo)?;
    let id: PaymentId = named(&payment, "payment")?;
    if let Some(before) = money::paid_before(&app, &caller).await? {
        return answer(&app, &caller, &before).await;
    }
    let _one = app.money.user(caller.user).await;
    let unknown = || Problem::new(Code::NotFound, "you got no such payment");
    let got = app
        .database
        .hosted_payment(id)
        .await?
        .filter(|got| got.payee() == caller.account)
        .ok_or_else(unknown)?;
    if !money::is_received(&app, &got).await? {
        return Err(unknown().into());
    }
    let left = got
        .amount()
        .saturating_sub(app.database.refunded(id).await?);
    let amount = body.amount.unwrap_or(left);
    if amount.is_zero() || amount > left {
        return Err(
            Problem::new(Code::RefundTooLarge, format!("{left} is left of it"))
                .with(json!({ "available": left }))
                .into(),
        );
    }
    let purse = app.database.purse(got.signed.purse).await?;
    let payer = purse
        .map(|purse| purse.owner)
        .ok_or_else(|| Problem::new(Code::NotFound, "the payer is not known any more"))?;
    let asked = Asked {
        payee: payer,
        payee_user: Some(got.signed.user),
        amount,
        // What the payer knows it by: the payment that is given back.
        reference: Reference::new(id.bytes()),
        memo: body.memo,
        refund_of: Some(id),
        purse: None,
    };
    let paid = money::pay(&app, &caller, asked).await?;
    answer(&app, &caller, &paid).await
}

/// Payments that the caller made out of the purses that the server keeps, and got from such, newest first.
#[utoipa::path(
    get, path = "/v1/history", tag = "money", params(PageQuery),
    responses(
        (status = 200, description = "Payments", body = Page<PaymentView>),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn history(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PaymentView>>, Refused> {
    caller.require(Scope::Read)?;
    let before = match &query.cursor {
        Some(cursor) => Some(named(cursor, "cursor")?),
        None => None,
    };
    let limit = query.limit();
    let found = app
        .database
        .hosted_history(caller.user, before, limit)
        .await?;
    let next = super::next(&found, limit, |last| last.number.to_string());
    let mut items = Vec::with_capacity(found.len());
    for payment in &found {
        items.push(money::payment_view(&app, caller.user, payment).await?);
    }
    Ok(Json(Page { items, next }))
}

pub(super) fn check_memo(memo: &str) -> Result<(), Refused> {
    if memo.chars().count() > MEMO {
        return Err(invalid("a memo has 200 characters at most"));
    }
    Ok(())
}

fn invalid(detail: &str) -> Refused {
    Problem::new(Code::InvalidRequest, detail).into()
}
