//! Reading blocks and what was told in them, from one node or, to compare it, from both.

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use offpay_chain::{Block, BlockId, ChainError, Contract, contract::Told};
use offpay_operator::{
    follower::{self, Advance, BlockRef, Deployed, HeardAt, State, Subject},
    storage::{FollowerStorage as _, StorageError},
};
use offpay_store::Database;

use super::{
    FollowError,
    heard::heard,
    sources::{at, reference},
};

/// How many questions are put to a node at once.
const AT_ONCE: usize = 8;

/// A block's events, as one node tells them, checked against the other if there is one.
async fn told_in(
    contract: &Contract,
    other: Option<&Contract>,
    block: &Block,
) -> Result<Vec<Told>, FollowError> {
    let told = contract.events_in(block.hash).await?;
    if let Some(other) = other {
        // A node that does not have the block yet is asked again when the block is to become final.
        if let Ok(theirs) = other.events_in(block.hash).await
            && !same(&told, &theirs)
        {
            return Err(FollowError::Disagree(block.number));
        }
    }
    Ok(told)
}

/// Whether two nodes tell the same. Only some say the block's time with each event.
pub(super) fn same(ours: &[Told], theirs: &[Told]) -> bool {
    let key = |told: &Told| Told {
        block_time: None,
        ..told.clone()
    };
    ours.len() == theirs.len() && ours.iter().map(key).eq(theirs.iter().map(key))
}

/// The blocks above `from` up to `to`, one on the other, and what is heard in them.
pub(super) async fn window(
    contract: &Contract,
    other: Option<&Contract>,
    from: BlockRef,
    to: u64,
) -> Result<(Vec<BlockRef>, Vec<HeardAt>), FollowError> {
    let read: Vec<(Block, Vec<Told>)> = stream::iter(from.number + 1..=to)
        .map(async |number| {
            let block = at(contract.node(), number).await?;
            let told = told_in(contract, other, &block).await?;
            Ok::<_, FollowError>((block, told))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut below = from.hash;
    let mut blocks = Vec::with_capacity(read.len());
    let mut all = Vec::new();
    for (block, told) in &read {
        if block.parent != below {
            return Err(FollowError::Moved);
        }
        below = block.hash;
        let block = reference(block);
        blocks.push(block);
        for told in told {
            all.extend(heard(told, block)?);
        }
    }
    Ok((blocks, all))
}

/// Whether a node refuses because it is asked for too much at once.
pub(super) fn is_too_much(error: &FollowError) -> bool {
    matches!(error, FollowError::Chain(ChainError::NodeRefused(_)))
}

/// What is told in final blocks, as it is heard.
pub(super) async fn range(
    contract: &Contract,
    above: u64,
    to: u64,
) -> Result<(Vec<Told>, Vec<HeardAt>), FollowError> {
    let told = contract.events(above + 1..=to).await?;
    let mut blocks = HashMap::new();
    let mut all = Vec::new();
    for told in &told {
        let block = match (told.block_time, blocks.get(&told.block_hash)) {
            (_, Some(block)) => *block,
            (Some(time), None) => BlockRef {
                number: told.block,
                hash: told.block_hash,
                time,
            },
            (None, None) => {
                let block = contract
                    .node()
                    .block(BlockId::hash(told.block_hash))
                    .await?;
                reference(&block)
            }
        };
        blocks.insert(told.block_hash, block);
        all.extend(heard(told, block)?);
    }
    Ok((told, all))
}

/// States from the database of all that is needed to go over what was heard: head states, or final ones.
pub(super) async fn known(
    database: &Database,
    heard: &[HeardAt],
    deployed: &Deployed,
    finals: bool,
) -> Result<BTreeMap<Subject, Option<State>>, StorageError> {
    let mut known = BTreeMap::new();
    let mut looked_for = Vec::new();
    loop {
        let (mut subjects, prefixes) = Advance::needs(heard, &known, deployed);
        for prefix in prefixes {
            // One that is not there is told of when it is folded.
            if !looked_for.contains(&prefix) {
                looked_for.push(prefix);
                let channel = database.channel_with_prefix(prefix).await?;
                subjects.extend(channel.map(Subject::Channel));
            }
        }
        subjects.retain(|subject| !known.contains_key(subject));
        if subjects.is_empty() {
            return Ok(known);
        }
        known.extend(states(database, subjects.into_iter().collect(), finals).await?);
    }
}

/// States of subjects: head states, or final ones.
pub(super) async fn states(
    database: &Database,
    subjects: Vec<Subject>,
    finals: bool,
) -> Result<BTreeMap<Subject, Option<State>>, StorageError> {
    let mut known: BTreeMap<_, _> = subjects.iter().map(|subject| (*subject, None)).collect();
    for (subject, followed) in database.followed(&subjects).await? {
        let follower::Followed { head, finalized } = followed;
        known.insert(subject, if finals { finalized } else { head });
    }
    Ok(known)
}
