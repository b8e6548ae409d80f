//! Purses.

use offpay_protocol::Amount;

use super::raise;
use crate::follower::{ChainFact, PurseState};

/// The purse that the fact opens; `None` if it opens none.
pub(super) fn opened(fact: &ChainFact) -> Option<PurseState> {
    let ChainFact::PurseOpened {
        owner,
        circle,
        funds,
        pledge,
        cover_count,
        ..
    } = fact
    else {
        return None;
    };
    Some(PurseState {
        owner: *owner,
        circle: *circle,
        funds: *funds,
        paid: Amount::ZERO,
        pledge: *pledge,
        cover_count: *cover_count,
        closes_at: None,
        reported: false,
        defaulted: false,
        condemned: false,
        closed: false,
        paid_from_collateral: Amount::ZERO,
    })
}

/// The purse after the fact; `None` if it cannot be.
pub(super) fn after(mut state: PurseState, fact: &ChainFact) -> Option<PurseState> {
    if state.closed {
        return None;
    }
    match fact {
        ChainFact::PurseToppedUp { amount, funds, .. } => {
            raise(&mut state.funds, *amount)?;
            agree(state.funds, *funds)?;
        }
        ChainFact::PledgeAdded { amount, pledge, .. } => {
            raise(&mut state.pledge, *amount)?;
            agree(state.pledge, *pledge)?;
        }
        ChainFact::PurseCloseStarted { closes_at, .. } => {
            if state.closes_at.replace(*closes_at).is_some() {
                return None;
            }
        }
        ChainFact::PurseClosed { .. } => {
            state.funds = state.paid;
            state.pledge = Amount::ZERO;
            state.paid_from_collateral = Amount::ZERO;
            state.closed = true;
        }
        ChainFact::DoubleSpendReported { .. } => state.reported = true,
        ChainFact::PaymentSettled { amount, .. } => {
            raise(&mut state.paid, *amount)?;
            if state.paid > state.funds {
                return None;
            }
        }
        ChainFact::PaymentDefaulted { .. } => state.defaulted = true,
        ChainFact::PaymentSettledFromCollateral { amount, .. } => {
            raise(&mut state.paid_from_collateral, *amount)?;
        }
        ChainFact::PurseCondemned { .. } => state.condemned = true,
        _ => return None,
    }
    Some(state)
}

/// Two ways to the same sum.
fn agree(ours: Amount, told: Amount) -> Option<()> {
    (ours == told).then_some(())
}
