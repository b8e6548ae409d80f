//! `/v1/channels/{channel}/pay`, `…/receive`, `…/payments`: paying in a channel

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    channels::{ChannelPaymentView, PayInChannel, ReceiveVoucher},
    page::{Page, PageQuery},
};
use offpay_operator::{
    identity::Scope,
    storage::{HostedChannelStorage as _, RequestStorage as _},
};
use offpay_protocol::{
    ChannelId, Reference, Signed,
    messages::Voucher,
    wire::{self, ReferenceHint, VoucherCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{hosted, named, pay::check_memo};
use crate::{
    App,
    auth::Caller,
    money::channel::{self, Payment},
    problem::Refused,
};

/// The most requests among which a voucher's is looked for.
const REQUESTS: u32 = 200;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(pay))
        .routes(routes!(receive))
        .routes(routes!(payments))
}

/// Pays in a channel. The voucher is signed and stored when it is answered, and at once with the payee if both sides are
/// users of this server; a wallet at the other side is given the voucher or its code.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/pay", tag = "channels", request_body = PayInChannel,
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 201, description = "It is signed and stored", body = ChannelPaymentView),
        (status = 400, description = "Not an amount", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "There is not enough in it, or it is not open", body = Problem),
    ),
)]
async fn pay(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    Json(body): Json<PayInChannel>,
) -> Result<(StatusCode, Json<ChannelPaymentView>), Refused> {
    caller.require(Scope::Pay)?;
    hosted(&caller)?;
    check_memo(&body.memo)?;
    let asked = Payment {
        channel: named(&channel, "channel")?,
        amount: body.amount,
        // None takes no room in a code: the voucher has its number.
        reference: body.reference.unwrap_or(Reference::ZERO),
        memo: body.memo,
    };
    let (paid, standing) = channel::pay(&app, &caller, &asked).await?;
    let view = channel::payment_view(&app, standing.end.made.side, &paid);
    Ok((StatusCode::CREATED, Json(view)))
}

/// Takes a voucher that a wallet at the other side signed. The same one again is the same payment.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/receive", tag = "channels", request_body = ReceiveVoucher,
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 200, description = "It counts, and is stored", body = ChannelPaymentView),
        (status = 400, description = "Not a voucher", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "It does not count: `data.code` says why", body = Problem),
    ),
)]
async fn receive(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    Json(body): Json<ReceiveVoucher>,
) -> Result<Json<ChannelPaymentView>, Refused> {
    caller.require(Scope::Request)?;
    hosted(&caller)?;
    let id: ChannelId = named(&channel, "channel")?;
    let voucher = match (&body.code, body.voucher) {
        (Some(code), None) => of_code(&app, &caller, id, code).await?,
        (None, Some(voucher)) => voucher,
        _ => return Err(invalid("send either a voucher, or its code")),
    };
    if voucher.message.channel != id {
        return Err(invalid("the voucher is of another channel"));
    }
    let (payment, standing) = channel::receive(&app, &caller, voucher, body.amount).await?;
    let view = channel::payment_view(&app, standing.end.made.side, &payment);
    Ok(Json(view))
}

/// What a code leaves out, the caller has: the channel, and the request that is paid.
async fn of_code(
    app: &App,
    caller: &Caller,
    channel: ChannelId,
    text: &str,
) -> Result<Signed<Voucher>, Refused> {
    let wire::Code::Voucher(code) = channel::read_code(text)? else {
        return Err(invalid("that code is no voucher"));
    };
    let reference = reference(app, caller, &code).await?;
    let domain = *app.contract.domain();
    let (message, signature) = code
        .open(&domain, channel, reference)
        .map_err(|error| invalid(&error.to_string()))?;
    Ok(Signed {
        domain,
        message,
        signature,
    })
}

async fn reference(app: &App, caller: &Caller, code: &VoucherCode) -> Result<Reference, Refused> {
    let hint = code.reference();
    if let ReferenceHint::Whole(reference) = hint {
        return Ok(reference);
    }
    let requests = app.database.requests(caller.user, None, REQUESTS).await?;
    requests
        .into_iter()
        .map(|request| request.reference)
        .find(|reference| hint.matches(*reference))
        .ok_or_else(|| invalid("the voucher pays a request that you did not make"))
}

/// What was paid in a channel, newest first.
#[utoipa::path(
    get, path = "/v1/channels/{channel}/payments", tag = "channels",
    params(("channel" = String, Path, description = "The channel's id"), PageQuery),
    responses(
        (status = 200, description = "Payments", body = Page<ChannelPaymentView>),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
    ),
)]
async fn payments(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ChannelPaymentView>>, Refused> {
    caller.require(Scope::Read)?;
    let id: ChannelId = named(&channel, "channel")?;
    let standing = channel::standing(&app, caller.user, id).await?;
    let before = match &query.cursor {
        Some(cursor) => Some(named(cursor, "cursor")?),
        None => None,
    };
    let limit = query.limit();
    let found = app.database.channel_payments(id, before, limit).await?;
    let next = super::next(&found, limit, |last| last.number.to_string());
    let side = standing.end.made.side;
    let view = |payment| channel::payment_view(&app, side, payment);
    Ok(Json(Page {
        items: found.iter().map(view).collect(),
        next,
    }))
}

fn invalid(detail: &str) -> Refused {
    Problem::new(Code::InvalidRequest, detail).into()
}
