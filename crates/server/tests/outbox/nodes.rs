//! Nodes that lie, lag and are down.

use offpay_chain::Node;
use offpay_operator::{outbox::TransactionState, storage::EventStorage as _};
use offpay_server::testing::proxy::{Manner, Proxy};

use crate::support::{World, at};

async fn disagreements(world: &World) -> usize {
    let events = world.database().events_after(None, 0, 100).await.unwrap();
    events
        .iter()
        .filter(|event| event.kind == "nodes.disagree")
        .count()
}

/// Whichever of the two it is: nobody is told that something is mined, or failed, on the word of one.
#[tokio::test]
async fn a_node_that_lies_about_a_receipt_is_not_believed() {
    for (mood, liar_first) in [
        (Manner::SaysFailed, true),
        (Manner::SaysFailed, false),
        (Manner::SaysNothing, true),
        (Manner::SaysNothing, false),
    ] {
        let mut world = World::new(1).await;
        let proxy = Proxy::start(world.chain.url()).unwrap();
        let liar = Node::connect(&proxy.url).await.unwrap();
        let honest = world.chain.node().clone();
        let (node, witness) = if liar_first {
            (&liar, &honest)
        } else {
            (&honest, &liar)
        };
        world.restart_on(node, Some(witness)).await;
        proxy.is(mood);
        let number = world.mint("a", 5, None).await;
        world.turn(0).await;
        world.chain.mine(5).await.unwrap();
        for seconds in [1, 30, 59] {
            world.turn(seconds).await;
        }
        assert_eq!(
            world.state(number).await,
            TransactionState::Sent,
            "{mood:?} {liar_first}"
        );
        assert_eq!(
            disagreements(&world).await,
            0,
            "a node may be a little behind"
        );
        for seconds in [61, 62, 200] {
            world.turn(seconds).await;
        }
        assert_eq!(
            disagreements(&world).await,
            1,
            "{mood:?} {liar_first}: told once"
        );
        proxy.is(Manner::Honest);
        world.turn(201).await;
        assert_eq!(
            world.state(number).await,
            TransactionState::Final,
            "{mood:?} {liar_first}"
        );
        assert_eq!(world.minted().await, 5, "not sent as new work meanwhile");
    }
}

#[tokio::test]
async fn one_node_down_keeps_nothing_from_being_sent() {
    let mut world = World::new(1).await;
    let proxy = Proxy::start(world.chain.url()).unwrap();
    let down = Node::connect(&proxy.url).await.unwrap();
    let honest = world.chain.node().clone();
    world.restart_on(&honest, Some(&down)).await;
    let first = world.mint("first", 1, None).await;
    world.turn(0).await;
    proxy.is(Manner::Down);
    let second = world.mint("second", 2, None).await;
    assert!(world.outbox.turn(at(1)).await.is_err(), "it is told");
    assert_eq!(world.minted().await, 3);
    assert_eq!(
        world.state(first).await,
        TransactionState::Sent,
        "nothing counts on the word of one"
    );
    proxy.is(Manner::Honest);
    world.turn(2).await;
    for number in [first, second] {
        assert_eq!(world.state(number).await, TransactionState::Mined);
    }
}

#[tokio::test]
async fn all_nodes_down_is_waited_out() {
    let mut world = World::new(1).await;
    let proxy = Proxy::start(world.chain.url()).unwrap();
    let node = Node::connect(&proxy.url).await.unwrap();
    world.restart_on(&node, None).await;
    let number = world.mint("a", 5, None).await;
    proxy.is(Manner::Down);
    let error = world.outbox.turn(at(0)).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(world.state(number).await, TransactionState::Queued);
    proxy.is(Manner::Honest);
    world.turn(1).await;
    world.turn(2).await;
    assert_eq!(world.state(number).await, TransactionState::Mined);
}

/// The first is down: what is due is sent through the second, also by a process that never saw the second before.
#[tokio::test]
async fn the_second_is_sent_through_while_the_first_is_down() {
    let mut world = World::new(1).await;
    let proxy = Proxy::start(world.chain.url()).unwrap();
    let first = Node::connect(&proxy.url).await.unwrap();
    let second = world.chain.node().clone();
    world.restart_on(&first, Some(&second)).await;
    proxy.is(Manner::Down);
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    assert_eq!(world.minted().await, 5);
    assert_eq!(world.state(number).await, TransactionState::Sent);
    // It is on its way, and nobody says yet what became of it: more is sent all the same, and nothing twice.
    let next = world.mint("b", 2, None).await;
    assert!(world.outbox.turn(at(1)).await.is_err(), "it is told");
    offpay_server::testing::eventually("the chain mines what it was sent", || async {
        (world.minted().await == 7).then_some(())
    })
    .await;
    assert_eq!(world.nonce().await, 3);
    proxy.is(Manner::Honest);
    world.turn(2).await;
    for number in [number, next] {
        assert_eq!(world.state(number).await, TransactionState::Mined);
    }
    assert_eq!((world.minted().await, world.nonce().await), (7, 3));
}

/// **O34**: on the word of one node nothing is refused, whichever of the two it is.
#[tokio::test]
async fn one_node_that_says_it_would_revert_fails_nothing() {
    for liar_first in [true, false] {
        let mut world = World::new(1).await;
        let proxy = Proxy::start(world.chain.url()).unwrap();
        let liar = Node::connect(&proxy.url).await.unwrap();
        let honest = world.chain.node().clone();
        let nodes = if liar_first {
            [&liar, &honest]
        } else {
            [&honest, &liar]
        };
        world.restart_on(nodes[0], Some(nodes[1])).await;
        proxy.is(Manner::SaysReverts);
        let number = world.mint("a", 5, None).await;
        let turned = world.turn(0).await;
        assert_eq!(turned.refused, 0, "{liar_first}");
        let state = world.state(number).await;
        let expected = if liar_first {
            TransactionState::Queued
        } else {
            TransactionState::Sent
        };
        assert_eq!(state, expected, "{liar_first}");
        if liar_first {
            proxy.is(Manner::Honest);
            world.turn(1).await;
        }
        assert_eq!(world.minted().await, 5, "{liar_first}");
    }
}
