use offpay_protocol::{ChannelId, channel::Side};

use super::{ChannelOnChain, SyncError, learn::Learned};
use crate::{
    State,
    records::{Channel, ChannelStanding, FinalizedBlock},
    use_case::UseCase,
};

impl State {
    /// What a finalized block says of a channel. Only deposits in one count.
    pub(super) fn learn_channel(
        &self,
        id: ChannelId,
        on_chain: Option<ChannelOnChain>,
        at: FinalizedBlock,
    ) -> Learned {
        let known = self
            .records()
            .channels
            .get(&id)
            .ok_or(SyncError::UnknownChannel(id))?;
        let Some(on_chain) = on_chain else {
            return match known.standing {
                ChannelStanding::Proposed => Ok(None),
                _ => Err(SyncError::Contradiction),
            };
        };
        let side = known
            .side(self.account())
            .ok_or(SyncError::UnknownChannel(id))?;
        let seen = updated(known, &on_chain, side, at);
        Ok((seen != *known).then_some(UseCase::UpdateChannel(seen)))
    }
}

fn updated(known: &Channel, on_chain: &ChannelOnChain, side: Side, at: FinalizedBlock) -> Channel {
    let mut seen = known.clone();
    seen.standing = match on_chain {
        ChannelOnChain { closed: true, .. } => ChannelStanding::Closed,
        ChannelOnChain {
            closes_at: Some(closes_at),
            ..
        } => ChannelStanding::Closing {
            closes_at: *closes_at,
        },
        _ => ChannelStanding::Open,
    };
    seen.handed_in = match side {
        Side::A => on_chain.from_b,
        Side::B => on_chain.from_a,
    };
    if seen.standing == ChannelStanding::Open {
        seen.seen_open = Some(at.time);
    } else {
        seen.seen_open = None;
    }
    if seen.standing != ChannelStanding::Closed {
        seen.deposit_a = on_chain.deposit_a;
        seen.deposit_b = on_chain.deposit_b;
    }
    seen
}
