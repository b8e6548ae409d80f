//! `/v1/channels`: offering, opening, accepting, funding and looking at channels

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    channels::{
        AcceptChannel, ChannelOfferView, ChannelView, FundChannel, OfferChannel, OpenChannel,
        OpeningChannel,
    },
    operations::OperationView,
    page::{Page, PageQuery},
};
use offpay_operator::{
    event::{Audience, NewEvent},
    identity::{Handle, Scope},
    storage::{HostedChannelStorage as _, identity::UserStorage as _},
};
use offpay_protocol::ChannelId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Started, may_manage, named, pay::payee};
use crate::{
    App,
    auth::Caller,
    money::{
        self,
        channel::{self, Opening},
    },
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open, list))
        .routes(routes!(offer))
        .routes(routes!(accept))
        .routes(routes!(get))
        .routes(routes!(fund))
}

/// Offers to be the other side of a channel that goes both ways: the server makes a key for it, and gives the code.
#[utoipa::path(
    post, path = "/v1/channels/offers", tag = "channels", request_body = OfferChannel,
    responses(
        (status = 201, description = "The offer", body = ChannelOfferView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "Nobody here is called that", body = Problem),
        (status = 409, description = "There are too many", body = Problem),
    ),
)]
async fn offer(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<OfferChannel>,
) -> Result<(StatusCode, Json<ChannelOfferView>), Refused> {
    may_manage(&caller)?;
    let to = match &body.to {
        Some(to) => Some(by_handle(&app, to).await?),
        None => None,
    };
    let me = app.database.user(caller.user).await?;
    let handle = me
        .and_then(|user| user.handle)
        .map(|handle| handle.to_string());
    let _one = app.money.user(caller.user).await;
    let view = |key, code: &str| ChannelOfferView {
        account: caller.account,
        handle: handle.clone(),
        key,
        code: code.to_owned(),
    };
    let (offer, code) = channel::offer(&app, &caller, |offer, code| {
        let told = to.map(|user| NewEvent {
            audience: Audience::User(user),
            kind: "channel.offered",
            body: serde_json::to_value(view(offer.key, code)).unwrap_or_default(),
        });
        told.into_iter().collect()
    })
    .await?;
    Ok((StatusCode::CREATED, Json(view(offer.key, &code))))
}

async fn by_handle(app: &App, text: &str) -> Result<offpay_operator::UserId, Refused> {
    let handle: Handle = text.trim().trim_start_matches('@').parse().map_err(|_| {
        Problem::new(
            Code::InvalidRequest,
            "`to` is the handle of a user of this server",
        )
    })?;
    let user = app.database.user_by_handle(&handle).await?;
    user.map(|user| user.id)
        .ok_or_else(|| Problem::new(Code::NotFound, "nobody here is called that").into())
}

/// Opens a channel: with an offer of the other side one that goes both ways, without it one that goes one way, to it.
#[utoipa::path(
    post, path = "/v1/channels", tag = "channels", request_body = OpenChannel,
    responses(
        (status = 202, description = "It is on its way", body = OpeningChannel),
        (status = 400, description = "Not an offer, or not terms that the contract takes", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "There is not enough balance, or the offer was taken", body = Problem),
    ),
)]
async fn open(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<OpenChannel>,
) -> Result<(StatusCode, Json<OpeningChannel>), Refused> {
    may_manage(&caller)?;
    let opening = match (body.offer, &body.with) {
        (Some(code), None) => Opening::Offer(code),
        (None, Some(with)) => Opening::OneWay(payee(&app, with).await?),
        _ => {
            let detail = "name either an offer, or whom a one-way channel is to pay";
            return Err(Problem::new(Code::InvalidRequest, detail).into());
        }
    };
    let opened = channel::open(&app, &caller, &opening, body.deposit, body.close_delay);
    let (standing, operation) = opened.await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(OpeningChannel {
            channel: channel::channel_view(&app, &standing).await?,
            operation: money::operation_view(&operation),
        }),
    ))
}

/// Takes up a channel that a wallet opened with the caller: with the caller's offer, or one way.
#[utoipa::path(
    post, path = "/v1/channels/accept", tag = "channels", request_body = AcceptChannel,
    responses(
        (status = 200, description = "The channel", body = ChannelView),
        (status = 400, description = "Not terms, or not with the caller's account and key", body = Problem),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 409, description = "It is not on the chain yet, or it is closed", body = Problem),
    ),
)]
async fn accept(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<AcceptChannel>,
) -> Result<Json<ChannelView>, Refused> {
    may_manage(&caller)?;
    let _one = app.money.user(caller.user).await;
    let standing = channel::accept(&app, &caller, &body.terms).await?;
    Ok(Json(channel::channel_view(&app, &standing).await?))
}

/// The caller's channels, newest first.
#[utoipa::path(
    get, path = "/v1/channels", tag = "channels", params(PageQuery),
    responses(
        (status = 200, description = "Channels", body = Page<ChannelView>),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ChannelView>>, Refused> {
    caller.require(Scope::Read)?;
    let before = match &query.cursor {
        Some(cursor) => Some(named(cursor, "cursor")?),
        None => None,
    };
    let limit = query.limit();
    let found = app
        .database
        .hosted_channels(caller.user, before, limit)
        .await?;
    let next = super::next(&found, limit, |last| last.number.to_string());
    let mut items = Vec::with_capacity(found.len());
    for end in found {
        let ends = app.database.channel_ends(end.made.channel).await?;
        let standing = channel::with_chain(&app, end, ends).await?;
        items.push(channel::channel_view(&app, &standing).await?);
    }
    Ok(Json(Page { items, next }))
}

/// One of them: how it stands, and what both sides have in it.
#[utoipa::path(
    get, path = "/v1/channels/{channel}", tag = "channels",
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 200, description = "The channel", body = ChannelView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
    ),
)]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<Json<ChannelView>, Refused> {
    caller.require(Scope::Read)?;
    let id: ChannelId = named(&channel, "channel")?;
    let standing = channel::standing(&app, caller.user, id).await?;
    Ok(Json(channel::channel_view(&app, &standing).await?))
}

/// Adds balance to the caller's side of a channel. It can be paid once it is final.
#[utoipa::path(
    post, path = "/v1/channels/{channel}/funds", tag = "channels", request_body = FundChannel,
    params(("channel" = String, Path, description = "The channel's id")),
    responses(
        (status = 202, description = "It is on its way", body = OperationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The caller has no such channel", body = Problem),
        (status = 409, description = "There is not enough balance, or the channel is closing", body = Problem),
    ),
)]
async fn fund(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    Json(body): Json<FundChannel>,
) -> Result<(StatusCode, Json<OperationView>), Refused> {
    may_manage(&caller)?;
    let id = named(&channel, "channel")?;
    let operation = channel::fund(&app, &caller, id, body.amount).await?;
    Ok(Started(&operation).into())
}
