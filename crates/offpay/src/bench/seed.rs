//! Purses that are written into the database, as the follower of the chain writes them.

use anyhow::{Result, ensure};
use offpay_chain::{Block, BlockId};
use offpay_operator::{
    follower::{Advance, BlockRef, Deployed, PurseState, State, Subject},
    storage::{FollowerStorage as _, Forward},
};
use offpay_protocol::{Amount, Circle, PurseKey};
use offpay_store::operator::Database;

use super::world::{World, funds};

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
