//! What is written into the database before anything is measured: purses, as the follower of the chain writes them, and
//! payments, as clearing does.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use offpay_chain::{Block, BlockId};
use offpay_operator::{
    clearing::Frontier,
    follower::{Advance, BlockRef, Deployed, PurseState, State, Subject},
    storage::{
        FollowerStorage as _, Forward,
        clearing::{
            ClearingCommit, ClearingStorage as _, PurseHead, StoredClearance, StoredPayment,
        },
    },
};
use offpay_protocol::{
    Amount, Circle, OperatorId, PurseKey, Signable as _, clearance::ClearanceTree,
    messages::Clearance,
};
use offpay_server::keys::Keys;
use offpay_store::operator::Database;

use super::{
    sign,
    world::{World, funds},
};

/// How many payments one commit records.
const AT_ONCE: u64 = 16_384;

/// Writes all purses into an empty database, in the newest final block of the chain.
pub(super) async fn seed(world: &World, database: &Database) -> Result<()> {
    let node = world.contract.node();
    let newest = node.finalized().await?;
    let below = node.block(BlockId::hash(newest.parent)).await?;
    let deployed = Deployed {
        chain_id: world.domain.chain_id(),
        contract: world.domain.contract(),
        treasury: world.contract.configuration().treasury,
    };
    let (from, to) = (reference(&below), reference(&newest));
    database.start_chain(&deployed, from).await?;
    let state = PurseState {
        owner: world.owner.account(),
        circle: Circle::new(world.owner.address()),
        funds: funds(),
        paid: Amount::ZERO,
        pledge: Amount::from_u64(1),
        cover_count: 1,
        closes_at: None,
        reported: false,
        defaulted: false,
        condemned: false,
        closed: false,
        paid_from_collateral: Amount::ZERO,
    };
    let purses = world.purses.iter().map(|key| {
        let purse = Subject::Purse(PurseKey::new(key.address()));
        (purse, Some(State::Purse(state)))
    });
    let forward = Forward {
        from,
        blocks: vec![to],
        advance: Advance {
            entries: Vec::new(),
            states: purses.collect(),
        },
        is_final: true,
    };
    let written = database.go_forward(&forward, &[], to.time).await?;
    ensure!(written, "the database is not empty");
    Ok(())
}

const fn reference(block: &Block) -> BlockRef {
    BlockRef {
        number: block.number,
        hash: block.hash,
        time: block.timestamp,
    }
}

/// Writes this many payments, the first of those that are signed for the load. All of them have the signature of the first:
/// nobody checks it again, and signing them would take longer than anything that is measured.
pub(super) async fn payments(world: &World, database: &Database, count: u64) -> Result<()> {
    let operator = Keys::read(&world.local.config.keys)?.operator;
    let (key, message) = sign::payment(world, 0)?;
    let signature = message.sign(&world.domain, key)?;
    let keys: Vec<_> = world
        .purses
        .iter()
        .map(|key| PurseKey::new(key.address()))
        .collect();
    let now = world.contract.node().finalized().await?.timestamp;
    let mut versions: BTreeMap<PurseKey, i64> = BTreeMap::new();
    let mut next = 0;
    while next < count {
        let many = (count - next).min(AT_ONCE);
        let mut cleared = Vec::with_capacity(usize::try_from(many)?);
        let mut frontiers = BTreeMap::new();
        for number in next..next + many {
            let (_, payment) = sign::payment(world, number)?;
            let place = usize::try_from(number % world.purses.len() as u64)?;
            let purse = *keys.get(place).context("there is no purse")?;
            // The purses are honest: all that was spent was promised.
            let spent = payment.start.checked_add(payment.amount);
            let spent = spent.context("too much is spent")?;
            let frontier = Frontier {
                spent,
                promised: spent,
                payments: number / world.purses.len() as u64 + 1,
            };
            frontiers.insert(purse, frontier);
            cleared.push(StoredPayment {
                id: payment.id(&world.domain),
                purse,
                payment,
                signature,
            });
        }
        let heads = frontiers.into_iter().map(|(purse, frontier)| {
            let version = versions.entry(purse).or_insert(-1);
            *version += 1;
            PurseHead {
                purse,
                version: *version,
                frontier: Some(frontier),
            }
        });
        let heads = heads.collect();
        let recorded: Vec<_> = cleared.iter().map(StoredPayment::recorded).collect();
        let clearance = Clearance {
            root: ClearanceTree::new(&recorded)
                .context("nothing is cleared")?
                .root(),
            cleared_at: now,
        };
        let commit = ClearingCommit {
            clearance: Some(StoredClearance {
                first: database.reserve_numbers(u32::try_from(many)?).await?,
                payments: u32::try_from(many)?,
                clearance,
                operator: OperatorId::new(operator.address()),
                signature: clearance.sign(&world.domain, &operator)?,
            }),
            cleared,
            heads,
            now,
            ..ClearingCommit::default()
        };
        database.commit_clearing(&commit).await?;
        next += many;
    }
    Ok(())
}
