//! Pairs of a purse and a payee.

use offpay_protocol::Amount;

use super::raise;
use crate::follower::{ChainFact, PairState};

/// The pair after the fact; `None` if it cannot be.
pub(super) fn after(mut state: PairState, fact: &ChainFact) -> Option<PairState> {
    match fact {
        ChainFact::PaymentSettled {
            amount, cumulative, ..
        } => pay(&mut state, *amount, *cumulative)?,
        ChainFact::PaymentMadeGood {
            amount, cumulative, ..
        } => pay(&mut state, *amount, *cumulative)?,
        ChainFact::PaymentDefaulted {
            presented,
            reserved,
            since,
            was_member,
            ..
        } => {
            state.presented = *presented;
            state.reserved = *reserved;
            state.in_default_since = Some(*since);
            state.was_member = *was_member;
        }
        ChainFact::DefaultCured { .. } => resolve(&mut state)?,
        ChainFact::PaymentSettledFromCollateral {
            amount, cumulative, ..
        } => {
            pay(&mut state, *amount, *cumulative)?;
            raise(&mut state.from_collateral, *amount)?;
            resolve(&mut state)?;
        }
        _ => return None,
    }
    Some(state)
}

fn pay(state: &mut PairState, amount: Amount, cumulative: Amount) -> Option<()> {
    raise(&mut state.paid, amount)?;
    (state.paid == cumulative).then_some(())
}

fn resolve(state: &mut PairState) -> Option<()> {
    state.in_default_since.take()?;
    state.reserved = Amount::ZERO;
    Some(())
}
