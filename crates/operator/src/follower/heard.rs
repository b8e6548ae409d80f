//! What the contract tells in its events, and the facts that they are.

use std::{collections::BTreeMap, ops::Bound};

use offpay_protocol::{AccountId, Amount, ChannelId, PurseKey};

use super::{ChainFact, Deployed, FoldError, Place, State, Subject};

/// States by subject; `None` for a subject that has none.
pub(super) type Known = BTreeMap<Subject, Option<State>>;

/// What an event, or a row of one, says. Some leave out what the contract's state told already.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The fields are those of the contract's events, in the protocol's words.
pub enum Heard {
    /// It says everything.
    Fact(ChainFact),
    /// A top-up that does not say by whom.
    PurseToppedUp {
        purse: PurseKey,
        amount: Amount,
        funds: Amount,
    },
    /// A pledge that does not say by whom.
    PledgeAdded {
        purse: PurseKey,
        amount: Amount,
        pledge: Amount,
    },
    /// A purse closed; what is forfeited goes to whom the deployment says.
    PurseClosed {
        purse: PurseKey,
        owner: AccountId,
        rest: Amount,
        released: Amount,
        forfeited: Amount,
    },
    /// A row of a packed batch: what was credited is the difference to what was paid before.
    SettledInBatch {
        purse: PurseKey,
        payee: AccountId,
        cumulative: Amount,
    },
    /// The owner made good, whoever it is.
    MadeGood {
        purse: PurseKey,
        payee: AccountId,
        amount: Amount,
        cumulative: Amount,
    },
    /// Paid out of the owner's collateral, whoever it is.
    SettledFromCollateral {
        purse: PurseKey,
        payee: AccountId,
        amount: Amount,
        cumulative: Amount,
    },
    /// A voucher; what was credited is the difference to what was claimed before.
    VoucherClaimed {
        channel: ChannelId,
        b: AccountId,
        from_a: Amount,
    },
    /// A row of a packed batch of vouchers: the first 20 bytes of the channel's id.
    ClaimedInBatch {
        prefix: [u8; 20],
        b: AccountId,
        from_a: Amount,
    },
    /// A channel closed, between whomever it was.
    ChannelClosed {
        channel: ChannelId,
        from_a: Amount,
        from_b: Amount,
        to_a: Amount,
        to_b: Amount,
    },
}

/// What was heard, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardAt {
    /// Where.
    pub place: Place,
    /// What.
    pub heard: Heard,
}

impl Heard {
    /// Subjects whose state is needed to complete it or to fold it, as far as it names them itself.
    pub(super) fn names(&self) -> Vec<Subject> {
        match self {
            Self::Fact(fact) => fact.subjects(),
            Self::PurseToppedUp { purse, .. } | Self::PledgeAdded { purse, .. } => {
                vec![Subject::Purse(*purse)]
            }
            Self::PurseClosed { purse, owner, .. } => {
                vec![Subject::Purse(*purse), Subject::Account(*owner)]
            }
            Self::SettledInBatch { purse, payee, .. }
            | Self::MadeGood { purse, payee, .. }
            | Self::SettledFromCollateral { purse, payee, .. } => vec![
                Subject::Purse(*purse),
                Subject::Pair(*purse, *payee),
                Subject::Account(*payee),
            ],
            Self::VoucherClaimed { channel, b, .. } => {
                vec![Subject::Channel(*channel), Subject::Account(*b)]
            }
            Self::ClaimedInBatch { b, .. } => vec![Subject::Account(*b)],
            Self::ChannelClosed { channel, .. } => vec![Subject::Channel(*channel)],
        }
    }
}

/// Makes what was heard a fact, by the states at that point.
///
/// # Errors
///
/// [`FoldError`] if it cannot have happened in those states: something before it is missing.
pub fn complete(
    heard: Heard,
    known: &BTreeMap<Subject, Option<State>>,
    deployed: &Deployed,
) -> Result<ChainFact, FoldError> {
    Ok(match heard {
        Heard::Fact(fact) => fact,
        Heard::PurseToppedUp {
            purse,
            amount,
            funds,
        } => ChainFact::PurseToppedUp {
            purse,
            owner: owner(known, purse)?,
            amount,
            funds,
        },
        Heard::PledgeAdded {
            purse,
            amount,
            pledge,
        } => ChainFact::PledgeAdded {
            purse,
            owner: owner(known, purse)?,
            amount,
            pledge,
        },
        Heard::PurseClosed {
            purse,
            owner,
            rest,
            released,
            forfeited,
        } => ChainFact::PurseClosed {
            purse,
            owner,
            treasury: deployed.treasury,
            rest,
            released,
            forfeited,
        },
        Heard::SettledInBatch {
            purse,
            payee,
            cumulative,
        } => ChainFact::PaymentSettled {
            purse,
            payee,
            amount: more(
                Subject::Pair(purse, payee),
                cumulative,
                paid(known, purse, payee),
            )?,
            cumulative,
            reference: None,
        },
        Heard::MadeGood {
            purse,
            payee,
            amount,
            cumulative,
        } => ChainFact::PaymentMadeGood {
            purse,
            owner: owner(known, purse)?,
            payee,
            amount,
            cumulative,
        },
        Heard::SettledFromCollateral {
            purse,
            payee,
            amount,
            cumulative,
        } => ChainFact::PaymentSettledFromCollateral {
            purse,
            owner: owner(known, purse)?,
            payee,
            amount,
            cumulative,
        },
        Heard::VoucherClaimed { channel, b, from_a } => claimed(known, channel, b, from_a)?,
        Heard::ClaimedInBatch { prefix, b, from_a } => {
            let channel = with_prefix(known, &prefix).ok_or(FoldError::UnknownChannel)?;
            claimed(known, channel, b, from_a)?
        }
        Heard::ChannelClosed {
            channel,
            from_a,
            from_b,
            to_a,
            to_b,
        } => {
            let Some(Some(State::Channel(state))) = known.get(&Subject::Channel(channel)) else {
                return Err(FoldError::Missing(Subject::Channel(channel)));
            };
            ChainFact::ChannelClosed {
                channel,
                a: state.terms.a,
                b: state.terms.b,
                from_a,
                from_b,
                to_a,
                to_b,
            }
        }
    })
}

/// The channel among the known ones whose id begins like this.
pub(super) fn with_prefix(known: &Known, prefix: &[u8; 20]) -> Option<ChannelId> {
    let mut least = [0; 32];
    least
        .iter_mut()
        .zip(prefix)
        .for_each(|(to, from)| *to = *from);
    let from = Subject::Channel(ChannelId::new(least.into()));
    let mut above = known.range((Bound::Included(from), Bound::Unbounded));
    match above.next() {
        Some((Subject::Channel(id), _)) if id.bytes().starts_with(prefix) => Some(*id),
        _ => None,
    }
}

fn claimed(
    known: &Known,
    channel: ChannelId,
    b: AccountId,
    from_a: Amount,
) -> Result<ChainFact, FoldError> {
    let subject = Subject::Channel(channel);
    let Some(Some(State::Channel(state))) = known.get(&subject) else {
        return Err(FoldError::Missing(subject));
    };
    Ok(ChainFact::VoucherClaimed {
        channel,
        b,
        amount: more(subject, from_a, state.from_a)?,
        from_a,
    })
}

fn owner(known: &Known, purse: PurseKey) -> Result<AccountId, FoldError> {
    match known.get(&Subject::Purse(purse)) {
        Some(Some(State::Purse(state))) => Ok(state.owner),
        _ => Err(FoldError::Missing(Subject::Purse(purse))),
    }
}

fn paid(known: &Known, purse: PurseKey, payee: AccountId) -> Amount {
    match known.get(&Subject::Pair(purse, payee)) {
        Some(Some(State::Pair(state))) => state.paid,
        _ => Amount::ZERO,
    }
}

fn more(subject: Subject, now: Amount, before: Amount) -> Result<Amount, FoldError> {
    now.checked_sub(before)
        .ok_or(FoldError::Impossible(subject))
}
