//! Going forward, becoming final, and going back.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ChainEntry, ChainFact, Deployed, FoldError, HeardAt, NewEntry, State, Subject, complete, fold,
    heard::{Heard, with_prefix},
};

/// The two states of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// At the head of the followed chain: it can be taken back.
    pub head: Option<State>,
    /// In the newest final block.
    pub finalized: Option<State>,
}

/// What is to be stored when the chain goes forward.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// The facts, in their order.
    pub entries: Vec<NewEntry>,
    /// The head states after them, of the subjects that they touch.
    pub states: Vec<(Subject, Option<State>)>,
}

/// What is to be stored when the chain goes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollBack {
    /// Numbers of the entries whose facts are gone, newest first.
    pub removed: Vec<i64>,
    /// The head states without them, of the subjects that they touched.
    pub states: Vec<(Subject, Option<State>)>,
}

impl Advance {
    /// What has to be known before `heard` can be [advanced](advance) over, of what is not in `known` yet. To be asked
    /// until it answers nothing: some of it only shows once the rest is known.
    pub fn needs(
        all: &[HeardAt],
        known: &BTreeMap<Subject, Option<State>>,
        deployed: &Deployed,
    ) -> (BTreeSet<Subject>, BTreeSet<[u8; 20]>) {
        let mut subjects = BTreeSet::new();
        let mut prefixes = BTreeSet::new();
        for HeardAt { heard, .. } in all {
            match heard {
                Heard::ClaimedInBatch { prefix, .. }
                    if with_prefix(known, prefix).is_none() && !opens(all, prefix) =>
                {
                    prefixes.insert(*prefix);
                }
                Heard::PurseClosed { .. } => {
                    subjects.insert(Subject::Account(deployed.treasury));
                }
                _ => {}
            }
            for name in heard.names() {
                subjects.insert(name);
                match known.get(&name) {
                    Some(Some(State::Purse(purse))) => {
                        subjects.insert(Subject::Account(purse.owner));
                    }
                    Some(Some(State::Channel(channel))) => {
                        subjects.insert(Subject::Account(channel.terms.a));
                        subjects.insert(Subject::Account(channel.terms.b));
                    }
                    _ => {}
                }
            }
            if let Heard::Fact(ChainFact::ChannelOpened { terms, .. }) = heard {
                subjects.insert(Subject::Account(terms.b));
            }
        }
        subjects.retain(|subject| !known.contains_key(subject));
        (subjects, prefixes)
    }
}

/// Goes forward: completes what was heard and folds it. `known` has the head states of all that is
/// [needed](Advance::needs), and has them after it.
///
/// # Errors
///
/// [`FoldError`] if something cannot have happened: the nodes told what never was, or facts are missing.
pub fn advance(
    heard: Vec<HeardAt>,
    known: &mut BTreeMap<Subject, Option<State>>,
    deployed: &Deployed,
) -> Result<Advance, FoldError> {
    let mut entries = Vec::with_capacity(heard.len());
    let mut touched = BTreeSet::new();
    for HeardAt { place, heard } in heard {
        let fact = complete(heard, known, deployed)?;
        for subject in fact.subjects() {
            let state = known.get(&subject).copied().flatten();
            known.insert(subject, fold(subject, state, &fact)?);
            touched.insert(subject);
        }
        entries.push(NewEntry { place, fact });
    }
    let states = states(&touched, known);
    Ok(Advance { entries, states })
}

/// Makes facts final: the final states after them. `finals` has the final states of the subjects that they touch.
///
/// # Errors
///
/// [`FoldError`], which the same facts gave before when they were applied.
pub fn finalize(
    entries: &[ChainEntry],
    finals: &BTreeMap<Subject, Option<State>>,
) -> Result<Vec<(Subject, Option<State>)>, FoldError> {
    let touched = touched(entries);
    let after = refold(entries, finals, &touched)?;
    Ok(states(&touched, &after))
}

/// Goes back to block `to`. `live` are all facts above the newest final block, in their order; `finals` has the final
/// states of the subjects that those above `to` touch.
///
/// # Errors
///
/// [`FoldError`], which the same facts gave before when they were applied.
pub fn roll_back(
    live: &[ChainEntry],
    to: u64,
    finals: &BTreeMap<Subject, Option<State>>,
) -> Result<RollBack, FoldError> {
    let (kept, gone): (Vec<&ChainEntry>, Vec<&ChainEntry>) = live
        .iter()
        .partition(|entry| entry.place.block.number <= to);
    let touched = touched(gone.iter().copied());
    let after = refold(kept, finals, &touched)?;
    Ok(RollBack {
        removed: gone.iter().rev().map(|entry| entry.sequence).collect(),
        states: states(&touched, &after),
    })
}

/// Whether a channel whose id begins like this is opened among what was heard.
fn opens(heard: &[HeardAt], prefix: &[u8; 20]) -> bool {
    heard.iter().any(|HeardAt { heard, .. }| match heard {
        Heard::Fact(ChainFact::ChannelOpened { channel, .. }) => {
            channel.bytes().starts_with(prefix)
        }
        _ => false,
    })
}

/// The subjects that facts touch.
pub fn touched<'a>(entries: impl IntoIterator<Item = &'a ChainEntry>) -> BTreeSet<Subject> {
    entries
        .into_iter()
        .flat_map(|entry| entry.fact.subjects())
        .collect()
}

fn refold<'a>(
    entries: impl IntoIterator<Item = &'a ChainEntry>,
    from: &BTreeMap<Subject, Option<State>>,
    only: &BTreeSet<Subject>,
) -> Result<BTreeMap<Subject, Option<State>>, FoldError> {
    let mut after = from.clone();
    for entry in entries {
        for subject in entry.fact.subjects() {
            if only.contains(&subject) {
                let state = after.get(&subject).copied().flatten();
                after.insert(subject, fold(subject, state, &entry.fact)?);
            }
        }
    }
    Ok(after)
}

fn states(
    touched: &BTreeSet<Subject>,
    known: &BTreeMap<Subject, Option<State>>,
) -> Vec<(Subject, Option<State>)> {
    touched
        .iter()
        .map(|subject| (*subject, known.get(subject).copied().flatten()))
        .collect()
}
