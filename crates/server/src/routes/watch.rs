//! `/v1/watch/channels`: channels are handed over to the watchtower.

use axum::{
    Json,
    extract::{Path, State},
};
use offpay_api::{
    Code, Problem,
    watch::{WatchChannel, WatchedChannel},
};
use offpay_operator::{
    storage::{ChainStorage as _, WatchStorage as _},
    watch::Watched,
};
use offpay_protocol::ChannelId;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, problem::Refused};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(watch))
        .routes(routes!(watched))
}

/// Hands a channel over: its stale closes are answered with these vouchers.
///
/// Anyone can: a voucher only ever moves what its signer promised. Vouchers that are older than what was handed over
/// before change nothing.
#[utoipa::path(post, path = "/v1/watch/channels", tag = "watch", request_body = WatchChannel,
    responses((status = 200, body = WatchedChannel), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn watch(
    State(app): State<App>,
    Json(request): Json<WatchChannel>,
) -> Result<Json<WatchedChannel>, Refused> {
    let domain = app.contract.domain();
    let mut new = Watched {
        channel: request.terms.id(domain),
        terms: request.terms,
        by_a: None,
        by_b: None,
    };
    if request.vouchers.is_empty() || request.vouchers.len() > 2 {
        return Err(Problem::new(
            Code::InvalidRequest,
            "hand over one voucher, or one of each side",
        )
        .into());
    }
    for voucher in request.vouchers {
        let wrong = |why: &str| Refused::from(Problem::new(Code::InvalidRequest, why));
        if voucher.domain != *domain || voucher.message.channel != new.channel {
            return Err(wrong("a voucher is of another channel or deployment"));
        }
        let signer = voucher
            .signer()
            .map_err(|_| wrong("nobody can have signed a voucher"))?;
        if signer == new.terms.key_a {
            new.by_a = Some(voucher);
        } else if !new.terms.is_one_way() && signer == new.terms.key_b {
            new.by_b = Some(voucher);
        } else {
            return Err(wrong("a voucher is signed by neither side"));
        }
    }
    match app.database.channel(new.channel).await? {
        Some(state) if !state.closed => {}
        _ => return Err(unknown()),
    }
    let kept = app.database.watch_channel(&new, app.now()).await?;
    Ok(Json(view(&kept)))
}

/// What was handed over of a channel.
#[utoipa::path(get, path = "/v1/watch/channels/{channel}", tag = "watch",
    params(("channel" = String, Path, description = "The channel's id")),
    responses((status = 200, body = WatchedChannel), (status = 404, body = Problem)))]
async fn watched(
    State(app): State<App>,
    Path(channel): Path<String>,
) -> Result<Json<WatchedChannel>, Refused> {
    let channel: ChannelId = channel.parse().map_err(|_| unknown())?;
    let found = app.database.watched_channel(channel).await?;
    Ok(Json(view(&found.ok_or_else(unknown)?)))
}

fn unknown() -> Refused {
    Problem::new(Code::NotFound, "no open channel of that id is known").into()
}

fn view(watched: &Watched) -> WatchedChannel {
    WatchedChannel {
        channel: watched.channel,
        from_a: watched.by_a.map(|voucher| voucher.message.cumulative),
        from_b: watched.by_b.map(|voucher| voucher.message.cumulative),
    }
}
