//! Channels of hosted users: what is signed and stored, and what the chain is asked for.

mod close;
mod open;
mod pay;
mod told;
mod view;

use offpay_api::{Code, Problem};
use offpay_operator::{
    UserId,
    follower::{State, Subject},
    hosted::{ChannelRefusal, HostedChannel, OnChain},
    storage::{ChainStorage as _, FollowerStorage as _, HostedChannelStorage as _, StorageError},
};
use offpay_protocol::{ChannelId, Timestamp, wire};
use serde_json::json;

use crate::{App, problem::Refused};

pub(crate) use close::{close_alone, close_together, finalize, present};
pub(crate) use open::{Opening, accept, fund, offer, open};
pub(crate) use pay::{Payment, pay, receive};
pub(super) use told::told;
pub(crate) use view::{channel_view, close_view, payment_view, totals};

/// A channel as one of its users stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The user's end.
    pub(crate) end: HostedChannel,
    /// The other end, if it is hosted here as well.
    pub(crate) other: Option<HostedChannel>,
    /// What the chain says.
    pub(crate) chain: OnChain,
}

/// How a user stands in a channel.
pub(crate) async fn standing(
    app: &App,
    user: UserId,
    channel: ChannelId,
) -> Result<Standing, Refused> {
    let ends = app.database.channel_ends(channel).await?;
    let mine = ends.iter().find(|end| end.made.user == user).cloned();
    let Some(end) = mine else {
        return Err(Problem::new(Code::NotFound, "you have no such channel").into());
    };
    with_chain(app, end, ends).await.map_err(Into::into)
}

/// The same for an end that was read already, with all ends of its channel.
pub(crate) async fn with_chain(
    app: &App,
    end: HostedChannel,
    ends: Vec<HostedChannel>,
) -> Result<Standing, StorageError> {
    let chain = on_chain(app, end.made.channel).await?;
    let other = ends
        .into_iter()
        .find(|other| other.made.side != end.made.side);
    Ok(Standing { end, other, chain })
}

/// What the followed chain says of a channel.
pub(crate) async fn on_chain(app: &App, channel: ChannelId) -> Result<OnChain, StorageError> {
    // The time first: a state that becomes final meanwhile counts as if it were older, never as younger.
    let cursor = app.database.chain_cursor().await?;
    let followed = app.database.followed_one(Subject::Channel(channel)).await?;
    let of = |state| match state {
        Some(State::Channel(state)) => Some(state),
        _ => None,
    };
    Ok(OnChain {
        head: of(followed.head),
        finalized: of(followed.finalized),
        finalized_at: cursor.map_or(Timestamp::ZERO, |cursor| cursor.finalized.time),
    })
}

/// A code, or what is wrong with it.
pub(crate) fn read_code(text: &str) -> Result<wire::Code, Refused> {
    wire::Code::parse(text.trim()).map_err(|error| invalid(&error.to_string()))
}

/// The text of a code.
fn code_text(code: &wire::Code) -> String {
    // Only names and memos can be too long, and these codes have none.
    code.to_text().unwrap_or_default()
}

fn invalid(detail: &str) -> Refused {
    Problem::new(Code::InvalidRequest, detail).into()
}

/// The channel is not as it was a moment ago: another process of this server changed it.
fn changed() -> Refused {
    Problem::new(
        Code::Unavailable,
        "the channel changed meanwhile: try again",
    )
    .into()
}

fn refused(refusal: ChannelRefusal) -> Refused {
    let detail = refusal.to_string();
    match refusal {
        ChannelRefusal::NotOpen => Problem::new(Code::ChannelNotOpen, detail),
        ChannelRefusal::Closing => Problem::new(Code::ChannelClosing, detail),
        ChannelRefusal::OneWay => Problem::new(Code::ChannelOneWay, detail),
        ChannelRefusal::CloseSigned { deadline } => Problem::new(Code::ChannelCloseSigned, detail)
            .with(json!({ "deadline": deadline, "retry_after": 60 })),
        ChannelRefusal::InsufficientFunds { available, amount } => {
            Problem::new(Code::InsufficientFunds, detail)
                .with(json!({ "available": available, "needed": amount }))
        }
        ChannelRefusal::Nothing => Problem::new(Code::InvalidRequest, detail),
        ChannelRefusal::Voucher(refusal) => {
            Problem::new(Code::VoucherRefused, detail).with(json!({ "code": refusal.code() }))
        }
        ChannelRefusal::OtherClose
        | ChannelRefusal::CloseDeadline { .. }
        | ChannelRefusal::OneWayClose => {
            Problem::new(Code::CloseRefused, detail).with(json!({ "code": refusal.code() }))
        }
    }
    .into()
}
