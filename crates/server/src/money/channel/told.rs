//! What users at the ends of a channel are told.

use offpay_operator::{
    event::{Audience, NewEvent},
    follower::{ChainEntry, ChainFact, Change, Subject},
    storage::{HostedChannelStorage as _, StorageError},
};
use offpay_protocol::ChannelId;

use super::{channel_view, with_chain};
use crate::App;

/// What the users at the ends are told of what the chain says of their channel.
pub(in crate::money) async fn told(
    app: &App,
    entry: &ChainEntry,
) -> Result<Vec<NewEvent>, StorageError> {
    let (Some(channel), Some(kind)) = (channel_of(&entry.fact), kind(entry)) else {
        return Ok(Vec::new());
    };
    let ends = app.database.channel_ends(channel).await?;
    let mut events = Vec::with_capacity(ends.len());
    for end in &ends {
        let standing = with_chain(app, end.clone(), ends.clone()).await?;
        let view = channel_view(app, &standing).await?;
        events.push(NewEvent {
            audience: Audience::User(end.made.user),
            kind,
            body: serde_json::to_value(view).unwrap_or_default(),
        });
    }
    Ok(events)
}

fn channel_of(fact: &ChainFact) -> Option<ChannelId> {
    fact.subjects()
        .into_iter()
        .find_map(|subject| match subject {
            Subject::Channel(channel) => Some(channel),
            _ => None,
        })
}

const fn kind(entry: &ChainEntry) -> Option<&'static str> {
    if let Change::Removed(_) = entry.change {
        return Some("channel.taken_back");
    }
    Some(match entry.fact {
        ChainFact::ChannelOpened { .. } => "channel.opened",
        ChainFact::ChannelFunded { .. } => "channel.funded",
        ChainFact::VoucherClaimed { .. } | ChainFact::VoucherPresented { .. } => {
            "channel.presented"
        }
        ChainFact::ChannelCloseRequested { .. } => "channel.closing",
        ChainFact::ChannelClosed { .. } => "channel.closed",
        _ => return None,
    })
}
