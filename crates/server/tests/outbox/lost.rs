//! Crashes, and transactions that get lost or are taken back.

use offpay_chain::Node;
use offpay_operator::{
    outbox::TransactionState,
    storage::{EventStorage as _, OutboxStorage as _},
};
use offpay_server::testing::proxy::{Manner, Proxy};

use crate::support::{SOMEBODY, World, at};

/// The process ends after the signing was stored and before it left.
#[tokio::test]
async fn a_crash_between_storing_and_sending_loses_nothing() {
    let mut world = World::new(1).await;
    let proxy = Proxy::start(world.chain.url()).unwrap();
    let node = Node::connect(&proxy.url).await.unwrap();
    world.restart_on(&node, None).await;
    proxy.is(Manner::LosesTransactions);
    let number = world.mint("a", 5, None).await;
    world.outbox.turn(at(0)).await.unwrap_err();
    let (stored, attempts) = world.look(number).await;
    assert_eq!((stored.state, attempts.len()), (TransactionState::Sent, 1));
    assert_eq!(attempts[0].sent_at, None);
    assert_eq!(world.minted().await, 0);

    world.restart().await;
    assert_eq!(world.turn(1).await.again, 1);
    world.turn(2).await;
    let (mined, after) = world.look(number).await;
    assert_eq!(mined.state, TransactionState::Mined);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].signed, attempts[0].signed, "the same bytes");
    assert_eq!(world.minted().await, 5);
}

/// The process ends after it was sent and before that is known.
#[tokio::test]
async fn a_crash_after_sending_does_not_send_the_work_twice() {
    let mut world = World::new(1).await;
    let proxy = Proxy::start(world.chain.url()).unwrap();
    let node = Node::connect(&proxy.url).await.unwrap();
    world.restart_on(&node, None).await;
    let number = world.mint("a", 5, None).await;
    proxy.is(Manner::LosesAnswers);
    // Whether it learns of it or not.
    let _ = world.outbox.turn(at(0)).await;
    assert_eq!(world.minted().await, 5);
    for seconds in 1..6 {
        world.restart().await;
        world.turn(seconds * 1_000).await;
        world.chain.mine(1).await.unwrap();
    }
    assert_eq!(world.state(number).await, TransactionState::Final);
    assert_eq!(world.minted().await, 5);
}

/// Every step in a new process, and the same work put in again each time.
#[tokio::test]
async fn restarts_never_do_the_same_work_twice() {
    let mut world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    for round in 0..12u64 {
        let first = world.mint("first", 1, None).await;
        let second = world.mint("second", 100, None).await;
        assert_eq!((first, second), (1, 2));
        world.restart().await;
        // Each round later than any patience: sent again, dearer.
        world.turn(round * 1_000).await;
        if round % 3 == 2 {
            world.chain.mine(1).await.unwrap();
        }
    }
    assert_eq!(world.minted().await, 101);
    assert_eq!(world.nonce().await, 3, "the deployment and these two");
}

#[tokio::test]
async fn a_dropped_transaction_is_sent_again() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    world
        .chain
        .request::<_, ()>("anvil_dropAllTransactions", ())
        .await
        .unwrap();
    world.chain.mine(1).await.unwrap();
    assert_eq!(world.turn(29).await.again, 0);
    assert_eq!(world.turn(30).await.again, 1);
    world.chain.mine(1).await.unwrap();
    world.turn(31).await;
    assert_eq!(world.state(number).await, TransactionState::Mined);
    assert_eq!(world.look(number).await.1.len(), 1, "the same signing");
    assert_eq!(world.minted().await, 5);
}

#[tokio::test]
async fn a_reorg_of_ten_blocks_takes_it_back_and_it_is_sent_again() {
    let world = World::new(16).await;
    // The token stays.
    world.chain.mine(5).await.unwrap();
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    world.chain.mine(8).await.unwrap();
    world.turn(1).await;
    assert_eq!(world.state(number).await, TransactionState::Mined);
    world.chain.reorganize(10).await.unwrap();
    world
        .chain
        .request::<_, ()>("anvil_dropAllTransactions", ())
        .await
        .unwrap();
    assert_eq!(world.minted().await, 0, "it is gone");
    let turned = world.turn(2).await;
    assert_eq!(turned.followed, 1);
    assert_eq!(world.state(number).await, TransactionState::Sent);
    world.turn(100).await;
    world.turn(101).await;
    assert_eq!(world.state(number).await, TransactionState::Mined);
    world.chain.mine(40).await.unwrap();
    world.turn(102).await;
    assert_eq!(world.state(number).await, TransactionState::Final);
    assert_eq!(world.minted().await, 5);
    let events = world.database().events_after(None, 0, 10).await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| event.kind == "transaction.taken_back")
    );
}

/// Somebody else sends with the same key, against all advice.
#[tokio::test]
async fn a_nonce_that_something_else_used_is_replaced() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    world
        .chain
        .request::<_, ()>("anvil_dropAllTransactions", ())
        .await
        .unwrap();
    world.chain.set_automine(true).await.unwrap();
    world
        .token
        .mint(&world.operator, SOMEBODY, 1_000u64.into())
        .await
        .unwrap();
    assert_eq!(world.state(number).await, TransactionState::Sent);
    world.turn(1).await;
    assert_eq!(
        world.state(number).await,
        TransactionState::Sent,
        "that block can be taken back"
    );
    world.chain.mine(3).await.unwrap();
    world.turn(2).await;
    world.turn(3).await;
    world.turn(4).await;
    let (again, attempts) = world.look(number).await;
    assert_eq!(again.state, TransactionState::Mined);
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[1].signed.nonce, attempts[0].signed.nonce + 1);
    assert_eq!(world.minted().await, 1_005);
    let flights = world
        .database()
        .in_flight(world.operator.address().into_array())
        .await
        .unwrap();
    assert_eq!(flights.len(), 1);
}
