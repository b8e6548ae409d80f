//! Accounts.

use offpay_protocol::AccountId;

use super::{if_is, lower, raise};
use crate::follower::{AccountState, ChainFact};

/// The account after the fact; `None` if it cannot be.
pub(super) fn after(
    account: AccountId,
    mut state: AccountState,
    fact: &ChainFact,
) -> Option<AccountState> {
    let AccountState {
        balance,
        collateral,
        pledged,
        registered_at,
    } = &mut state;
    match fact {
        ChainFact::Deposited { amount, .. } => raise(balance, *amount)?,
        ChainFact::Withdrawn { amount, .. } => lower(balance, *amount)?,
        ChainFact::Transferred { from, to, amount } => {
            if_is(account, *from, || lower(balance, *amount))?;
            if_is(account, *to, || raise(balance, *amount))?;
        }
        ChainFact::CollateralDeposited {
            amount,
            from_balance,
            ..
        } => {
            if *from_balance {
                lower(balance, *amount)?;
            }
            raise(collateral, *amount)?;
        }
        ChainFact::CollateralWithdrawn { amount, .. } => lower(collateral, *amount)?,
        ChainFact::RegistrationChanged {
            registered_at: at, ..
        } => *registered_at = *at,
        ChainFact::PurseOpened { funds, pledge, .. } => {
            lower(balance, *funds)?;
            raise(pledged, *pledge)?;
        }
        ChainFact::PurseToppedUp { amount, .. } => lower(balance, *amount)?,
        ChainFact::PledgeAdded { amount, .. } => raise(pledged, *amount)?,
        ChainFact::PurseClosed {
            owner,
            treasury,
            rest,
            released,
            forfeited,
            ..
        } => {
            if_is(account, *owner, || {
                lower(pledged, *released)?;
                lower(pledged, *forfeited)?;
                lower(collateral, *forfeited)?;
                raise(balance, *rest)
            })?;
            if_is(account, *treasury, || raise(balance, *forfeited))?;
        }
        ChainFact::PaymentSettled { amount, .. } | ChainFact::VoucherClaimed { amount, .. } => {
            raise(balance, *amount)?;
        }
        ChainFact::PaymentMadeGood {
            owner,
            payee,
            amount,
            ..
        } => {
            if_is(account, *owner, || lower(balance, *amount))?;
            if_is(account, *payee, || raise(balance, *amount))?;
        }
        ChainFact::PaymentSettledFromCollateral {
            owner,
            payee,
            amount,
            ..
        } => {
            if_is(account, *owner, || {
                lower(pledged, *amount)?;
                lower(collateral, *amount)
            })?;
            if_is(account, *payee, || raise(balance, *amount))?;
        }
        ChainFact::ChannelOpened { deposit, .. } => lower(balance, *deposit)?,
        ChainFact::ChannelFunded { amount, .. } => lower(balance, *amount)?,
        ChainFact::ChannelClosed {
            a, b, to_a, to_b, ..
        } => {
            if_is(account, *a, || raise(balance, *to_a))?;
            if_is(account, *b, || raise(balance, *to_b))?;
        }
        ChainFact::Admitted { .. }
        | ChainFact::DismissalRevoked { .. }
        | ChainFact::Dismissed { .. }
        | ChainFact::Pruned { .. }
        | ChainFact::PurseCloseStarted { .. }
        | ChainFact::DoubleSpendReported { .. }
        | ChainFact::PaymentDefaulted { .. }
        | ChainFact::DefaultCured { .. }
        | ChainFact::PurseCondemned { .. }
        | ChainFact::VoucherPresented { .. }
        | ChainFact::ChannelCloseRequested { .. }
        | ChainFact::Relayed { .. }
        | ChainFact::NonceCancelled { .. } => {}
    }
    Some(state)
}
