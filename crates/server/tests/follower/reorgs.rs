//! Blocks that are taken back.

use offpay_operator::{
    follower::{ChainFact, Change},
    storage::{ChainStorage as _, EventStorage as _, FollowerStorage as _},
};
use offpay_store::testing::Engine;

use crate::world::{World, key, units};

#[tokio::test(flavor = "multi_thread")]
async fn ten_blocks_with_a_settlement_in_them() {
    for engine in Engine::ALL {
        let world = World::new(engine, 10).await;
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let device = key("alice's device");
        let purse = world.purse(&alice, &device, 500).await;
        world.mine(25).await;
        let mut following = world.follower(&[]);
        following.catch_up(&world).await.unwrap();
        let known = world.database().purse(purse).await.unwrap().unwrap();
        assert_eq!(known.finalized_funds, units(500), "{engine:?}");

        let payment = world.payment(&device, bob.account(), 0, 120, 120);
        world
            .contract
            .settle(&payment)
            .unwrap()
            .send(&bob)
            .await
            .unwrap();
        world.mine(9).await;
        following.catch_up(&world).await.unwrap();
        let before = world
            .database()
            .chain_pair(purse, bob.account())
            .await
            .unwrap();
        assert_eq!(before.paid, units(120));
        let seen = world
            .database()
            .chain_entries_after(0, 1_000)
            .await
            .unwrap();
        let cursor = seen.last().unwrap().sequence;

        world.local.chain.reorganize(10).await.unwrap();
        assert_eq!(
            world.contract.paid_to(purse, bob.account()).await.unwrap(),
            units(0),
            "the chain really forgot it"
        );
        // It is another follower that notices: the first one ended in between.
        let mut following = world.follower(&[]);
        following.catch_up(&world).await.unwrap();
        let after = world
            .database()
            .chain_pair(purse, bob.account())
            .await
            .unwrap();
        assert_eq!(after.paid, units(0), "{engine:?}");
        let balance = world
            .database()
            .chain_account(bob.account())
            .await
            .unwrap()
            .0
            .balance;
        assert_eq!(
            balance,
            world.contract.account(bob.account()).await.unwrap().balance
        );
        assert_eq!(
            world.database().purse(purse).await.unwrap().unwrap().paid,
            units(0)
        );

        let news = world
            .database()
            .chain_entries_after(cursor, 1_000)
            .await
            .unwrap();
        assert_eq!(news.len(), 1, "{engine:?}: consumers see that it is gone");
        let gone = &news[0];
        assert!(matches!(gone.change, Change::Removed(of) if of == seen.last().unwrap().sequence));
        assert!(
            matches!(gone.fact, ChainFact::PaymentSettled { amount, .. } if amount == units(120))
        );
        let events = world.database().events_after(None, 0, 100).await.unwrap();
        let reorg = events
            .iter()
            .find(|event| event.kind == "chain.reorg")
            .unwrap();
        assert_eq!(reorg.body["depth"], 10);
        assert_eq!(reorg.body["facts_removed"], 1);

        // Settled again, in another block: what was taken back is not counted twice.
        world
            .contract
            .settle(&payment)
            .unwrap()
            .send(&bob)
            .await
            .unwrap();
        following.catch_up(&world).await.unwrap();
        let again = world
            .database()
            .chain_pair(purse, bob.account())
            .await
            .unwrap();
        assert_eq!(again.paid, units(120));
        world.mine(21).await;
        following.catch_up(&world).await.unwrap();
        let (head, finalized) = world.database().chain_account(bob.account()).await.unwrap();
        assert_eq!(head, finalized, "{engine:?}");
        assert_eq!(following.alarms(), [""; 0]);
    }
}

/// Behind what was final the books cannot go back: it stops, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_final_is_never_taken_back() {
    let world = World::new(Engine::Sqlite, 1).await;
    world.person("alice").await;
    world.mine(10).await;
    let mut following = world.follower(&[]);
    following.catch_up(&world).await.unwrap();
    let cursor = world.database().chain_cursor().await.unwrap().unwrap();
    world.local.chain.reorganize(8).await.unwrap();
    let error = following.catch_up(&world).await.unwrap_err();
    assert_eq!(error.code(), "final_block_gone");
    assert!(!error.is_retryable());
    assert_eq!(following.alarms(), ["final_block_gone"]);
    assert_eq!(
        world.database().chain_cursor().await.unwrap().unwrap(),
        cursor
    );
}
