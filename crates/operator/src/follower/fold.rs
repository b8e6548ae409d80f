//! The state of a subject after one more fact.

use offpay_protocol::{AccountId, Amount};
use thiserror::Error;

use super::{ChainFact, State, Subject};

mod account;
mod channel;
mod circle;
mod pair;
mod purse;

/// A fact that cannot follow from what was known: facts before it are missing, or a node told what never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FoldError {
    /// It speaks of something that was never begun.
    #[error("nothing is known of {0:?}")]
    Missing(Subject),
    /// It takes more than there is, or begins something twice.
    #[error("that cannot have happened to {0:?}")]
    Impossible(Subject),
    /// A batch names a channel that was never opened.
    #[error("a batch of vouchers names a channel that was never opened")]
    UnknownChannel,
}

impl FoldError {
    /// Whether it can succeed later, with nothing changed: no.
    pub const fn is_retryable(&self) -> bool {
        false
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "chain_subject_missing",
            Self::Impossible(_) => "chain_fact_impossible",
            Self::UnknownChannel => "chain_channel_unknown",
        }
    }
}

/// The state of `subject` after `fact`. `None` if it has none.
///
/// # Errors
///
/// [`FoldError`] if the fact cannot follow.
pub fn fold(
    subject: Subject,
    state: Option<State>,
    fact: &ChainFact,
) -> Result<Option<State>, FoldError> {
    let impossible = FoldError::Impossible(subject);
    match (subject, state) {
        (Subject::Account(account), None | Some(State::Account(_))) => {
            let state = match state {
                Some(State::Account(state)) => state,
                _ => Default::default(),
            };
            let after = account::after(account, state, fact).ok_or(impossible)?;
            Ok(Some(State::Account(after)))
        }
        (Subject::Pair(..), None | Some(State::Pair(_))) => {
            let state = match state {
                Some(State::Pair(state)) => state,
                _ => Default::default(),
            };
            let after = pair::after(state, fact).ok_or(impossible)?;
            Ok(Some(State::Pair(after)))
        }
        (Subject::Purse(_), None) => Ok(Some(State::Purse(
            purse::opened(fact).ok_or(FoldError::Missing(subject))?,
        ))),
        (Subject::Purse(_), Some(State::Purse(state))) => Ok(Some(State::Purse(
            purse::after(state, fact).ok_or(impossible)?,
        ))),
        (Subject::Channel(_), None) => Ok(Some(State::Channel(
            channel::opened(fact).ok_or(FoldError::Missing(subject))?,
        ))),
        (Subject::Channel(_), Some(State::Channel(state))) => Ok(Some(State::Channel(
            channel::after(state, fact).ok_or(impossible)?,
        ))),
        (Subject::Member(..), None) => circle::member(None, fact)
            .map(|after| after.map(State::Member))
            .ok_or(FoldError::Missing(subject)),
        (Subject::Member(..), Some(State::Member(state))) => circle::member(Some(state), fact)
            .map(|after| after.map(State::Member))
            .ok_or(impossible),
        (Subject::Circle(_), None | Some(State::Circle(_))) => {
            Ok(Some(State::Circle(circle::size(fact).ok_or(impossible)?)))
        }
        _ => Err(impossible),
    }
}

/// An amount that goes up and down by what happens in one fact. Down first is not needed: the contract never takes what
/// the same fact gives.
fn raise(amount: &mut Amount, by: Amount) -> Option<()> {
    *amount = amount.checked_add(by)?;
    Some(())
}

fn lower(amount: &mut Amount, by: Amount) -> Option<()> {
    *amount = amount.checked_sub(by)?;
    Some(())
}

/// Does it if the subject is who is meant.
fn if_is(subject: AccountId, who: AccountId, change: impl FnOnce() -> Option<()>) -> Option<()> {
    if subject == who { change() } else { Some(()) }
}
