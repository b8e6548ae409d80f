//! Channels.

use offpay_protocol::Amount;

use super::raise;
use crate::follower::{ChainFact, ChannelState};

/// The channel that the fact opens; `None` if it opens none.
pub(super) fn opened(fact: &ChainFact) -> Option<ChannelState> {
    let ChainFact::ChannelOpened { terms, deposit, .. } = fact else {
        return None;
    };
    Some(ChannelState {
        terms: *terms,
        deposit_a: *deposit,
        deposit_b: Amount::ZERO,
        from_a: Amount::ZERO,
        from_b: Amount::ZERO,
        closes_at: None,
        closed: false,
    })
}

/// The channel after the fact; `None` if it cannot be.
pub(super) fn after(mut state: ChannelState, fact: &ChainFact) -> Option<ChannelState> {
    if state.closed {
        return None;
    }
    match fact {
        ChainFact::ChannelFunded { from, amount, .. } => {
            let deposit = if *from == state.terms.a {
                &mut state.deposit_a
            } else if *from == state.terms.b {
                &mut state.deposit_b
            } else {
                return None;
            };
            raise(deposit, *amount)?;
        }
        ChainFact::VoucherClaimed { amount, from_a, .. } => {
            raise(&mut state.from_a, *amount)?;
            if state.from_a != *from_a || state.from_a > state.deposit_a {
                return None;
            }
        }
        ChainFact::VoucherPresented { from_a, from_b, .. } => {
            state.from_a = *from_a;
            state.from_b = *from_b;
        }
        ChainFact::ChannelCloseRequested { closes_at, .. } => {
            if state.closes_at.replace(*closes_at).is_some() {
                return None;
            }
        }
        ChainFact::ChannelClosed { from_a, from_b, .. } => {
            state.deposit_a = Amount::ZERO;
            state.deposit_b = Amount::ZERO;
            state.from_a = *from_a;
            state.from_b = *from_b;
            state.closed = true;
        }
        _ => return None,
    }
    Some(state)
}
