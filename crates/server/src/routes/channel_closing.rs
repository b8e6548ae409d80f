//! `/v1/channels/{channel}/close`, `…/close-together`, `…/present`, `…/finalize`

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use offpay_api::{
    Code, Problem,
    channels::{CloseTogether, ClosingTogether},
    operations::OperationView,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Started, may_manage, named};
use crate::{
    App,
    auth::Caller,
    money::{self, channel},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(together))
        .routes(routes!(close))
        .routes(routes!(present))
        .routes(routes!(finalize))
}

/// Closes a channel with the other side, at once. The first who asks proposes what both have sent; the other agrees by
/// asking too, or with what a wallet signed. Until the close cannot count any more, nothing is paid in the channel.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/close-together", tag = "channels", request_body = CloseTogether,
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 200, description = "It is proposed: the other side can agree", body = ClosingTogether),
        (status = 202, description = "Both agreed: it is on its way", body = ClosingTogether),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "It is not one to sign: `data.code` says why", body = Problem),
    ),
)]
async fn together(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    Json(body): Json<CloseTogether>,
) -> Result<Response, Refused> {
    may_manage(&caller)?;
    let id = named(&channel, "channel")?;
    let closing = channel::close_together(&app, &caller, id, body.close.as_deref());
    let (signed, side, operation) = closing.await?;
    let status = if operation.is_some() {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    let close = channel::close_view(&app, side, &signed)
        .ok_or_else(|| Problem::new(Code::Internal, "the close is not signed"))?;
    let body = ClosingTogether {
        close,
        operation: operation.as_ref().map(money::operation_view),
    };
    Ok((status, Json(body)).into_response())
}

/// Begins to close a channel without the other side. It is paid out after its close delay; the watchtower shows the
/// newest vouchers and pays it out. The receiving end of a one-way channel has it at once.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/close", tag = "channels",
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "It is closing already", body = Problem),
    ),
)]
async fn close(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    may_manage(&caller)?;
    let operation = channel::close_alone(&app, &caller, named(&channel, "channel")?).await?;
    Ok(Started(&operation).into())
}

/// Shows the contract the other side's newest voucher now. In a one-way channel that pays it; in one that goes both ways
/// the watchtower does it by itself when the channel closes.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/present", tag = "channels",
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "There is nothing that the contract has not seen", body = Problem),
    ),
)]
async fn present(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    may_manage(&caller)?;
    let operation = channel::present(&app, &caller, named(&channel, "channel")?).await?;
    Ok(Started(&operation).into())
}

/// Pays out a channel whose time has come. The watchtower does it by itself, if nobody asks.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/finalize", tag = "channels",
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "Its time has not come", body = Problem),
    ),
)]
async fn finalize(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    may_manage(&caller)?;
    let operation = channel::finalize(&app, &caller, named(&channel, "channel")?).await?;
    Ok(Started(&operation).into())
}
