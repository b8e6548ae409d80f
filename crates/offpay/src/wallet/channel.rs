//! `offpay wallet channel`

use anyhow::Result;
use clap::{Args, Subcommand};
use offpay_protocol::{ChannelId, channel::Side, messages::ChannelTerms};
use offpay_wallet::{
    State,
    records::{Channel as Record, ChannelStanding},
};
use serde_json::{Value, json};

use super::{session::Session, verdict::row};
use crate::{cli::Answer, clock, output::Output};

mod close;
mod join;
mod list;
mod offer;
mod open;
mod together;
mod top_up;

#[derive(Debug, Args)]
#[command(
    after_help = "Paying through a channel is `offpay wallet pay`, taking is `offpay wallet accept`: a channel with the payee is \
    used by itself if it has enough.\n\n\
    Example, both ways:\n  \
    offpay wallet --dir bob channel offer --png offer.png\n  \
    offpay wallet --dir alice channel open --with offer.png --deposit 50 --png terms.png\n  \
    offpay wallet --dir bob channel join terms.png\n  \
    offpay wallet --dir bob channel top-up ID 20\n  \
    offpay wallet --dir alice channel close ID --together --png close.png\n  \
    offpay wallet --dir bob channel close ID --agree close.png"
)]
pub(super) struct Channel {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key for the receiving side of a two-way channel.
    Offer(offer::Offer),
    /// Open a channel: one way to an account, or both ways with an offer.
    Open(open::Open),
    /// Take up a channel that the other side opened.
    Join(join::Join),
    /// Add to a channel's deposit.
    TopUp(top_up::TopUp),
    /// Close a channel: together at once, or alone after the delay.
    Close(close::Close),
    /// Pay through a channel: `offpay wallet pay REQUEST --channel ID`.
    #[command(visible_alias = "send")]
    Pay(super::pay::Pay),
    /// Take a payment through a channel: `offpay wallet accept PAYMENT`.
    Accept(super::accept::Accept),
    /// Show this wallet's channels.
    List(list::List),
}

impl Channel {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        match &self.command {
            Command::Offer(offer) => offer.run(session),
            Command::Open(open) => open.run(session).await,
            Command::Join(join) => join.run(session),
            Command::TopUp(top_up) => top_up.run(session).await,
            Command::Close(close) => close.run(session).await,
            Command::Pay(pay) => pay.run(session),
            Command::Accept(accept) => accept.run(session),
            Command::List(list) => list.run(session),
        }
    }
}

/// A channel without its sealed key.
pub(super) fn described(channel: &Record) -> Value {
    json!({
        "channel": channel.id, "terms": channel.terms, "standing": channel.standing, "depositA": channel.deposit_a,
        "depositB": channel.deposit_b, "sent": channel.sent, "received": channel.received,
        "handedIn": channel.handed_in, "seenOpen": channel.seen_open,
    })
}

/// A channel, for people.
pub(super) fn print(output: &Output, channel: &Record, state: &State) -> Result<()> {
    let token = &state.deployment().token;
    let standing = match channel.standing {
        ChannelStanding::Proposed => "not seen in a finalized block yet".to_owned(),
        ChannelStanding::Open => "open".to_owned(),
        ChannelStanding::Closing { closes_at } => format!("closing at {}", clock::show(closes_at)),
        ChannelStanding::Closed => "closed".to_owned(),
    };
    output.line(&format!("channel {} ({standing})", channel.id))?;
    let Some(side) = channel.side(state.account()) else {
        return Ok(());
    };
    let name = if channel.terms.is_one_way() {
        if side == Side::A {
            "one way, to"
        } else {
            "one way, from"
        }
    } else {
        "both ways, with"
    };
    row(
        output,
        name,
        &channel.terms.account(side.other()).to_string(),
    )?;
    row(
        output,
        "can be sent",
        &token.show(channel.balance(side, side)),
    )?;
    row(
        output,
        "can come in",
        &token.show(channel.balance(side.other(), side)),
    )?;
    row(
        output,
        "sent, received",
        &format!(
            "{}, {}",
            token.show(channel.sent),
            token.show(channel.received)
        ),
    )
}

/// The terms of a channel of this wallet.
fn terms(state: &State, id: ChannelId) -> Result<ChannelTerms> {
    Ok(state.channel(id)?.terms)
}
