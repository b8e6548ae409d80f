//! Transactions that nobody takes at their price.

use offpay_operator::{
    admin::{Cancelled, NewAction},
    outbox::TransactionState,
    storage::AdminStorage as _,
};

use crate::support::{World, at};

#[tokio::test]
async fn a_stuck_transaction_offers_more_until_it_is_taken() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    // Gas becomes ten times as dear as what was offered.
    let (_, attempts) = world.look(number).await;
    let dear = attempts[0].signed.fees.most * 10;
    for _ in 0..2 {
        set_base_fee(&world, dear).await;
        world.chain.mine(1).await.unwrap();
    }
    world.turn(60).await;
    assert_eq!(world.state(number).await, TransactionState::Sent);
    assert_eq!(
        world.turn(119).await.raised,
        0,
        "an offer stands for two minutes"
    );
    assert_eq!(world.turn(120).await.raised, 1);
    let (_, attempts) = world.look(number).await;
    let [first, second] = &attempts[..] else {
        panic!("{attempts:?}")
    };
    assert_eq!(first.signed.nonce, second.signed.nonce);
    assert!(second.signed.fees.most >= dear, "what the market asks");
    set_base_fee(&world, dear).await;
    world.chain.mine(1).await.unwrap();
    world.turn(121).await;
    assert_eq!(world.state(number).await, TransactionState::Mined);
    let (_, attempts) = world.look(number).await;
    assert!(attempts[1].inclusion.is_some() && attempts[0].inclusion.is_none());
    assert_eq!(world.minted().await, 5);
}

/// The first offer is taken after all, when the second is already out.
#[tokio::test]
async fn whichever_offer_is_taken_the_work_is_done_once() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    let (_, attempts) = world.look(number).await;
    let first = attempts[0].clone();
    assert_eq!(world.turn(500).await.raised, 1);
    world
        .chain
        .request::<_, ()>("anvil_dropAllTransactions", ())
        .await
        .unwrap();
    let node = world.chain.node();
    node.broadcast(first.signed.hash.into(), &first.signed.raw)
        .await
        .unwrap();
    world.chain.mine(1).await.unwrap();
    world.turn(501).await;
    world.turn(1_000).await;
    world.chain.mine(3).await.unwrap();
    world.turn(1_001).await;
    let (last, attempts) = world.look(number).await;
    assert_eq!((last.state, attempts.len()), (TransactionState::Final, 2));
    assert!(attempts[0].inclusion.is_some());
    assert_eq!(world.minted().await, 5);
}

#[tokio::test]
async fn a_near_deadline_presses_and_the_cap_holds() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let soon = world
        .chain
        .now()
        .await
        .unwrap()
        .saturating_add(offpay_protocol::Seconds::HOUR);
    // The one with the deadline waits for the one without.
    let first = world.mint("first", 1, None).await;
    world.turn(0).await;
    let second = world.mint("second", 2, Some(soon)).await;
    world.turn(1).await;
    assert_eq!(
        world.turn(25).await.raised,
        1,
        "the first is in the way of the second"
    );
    let (_, attempts) = world.look(first).await;
    assert_eq!(attempts.len(), 2);
    for turn in 1..200 {
        world.turn(25 + turn * 1_000).await;
    }
    let cap = 2_000_000_000_000;
    for number in [first, second] {
        let (_, attempts) = world.look(number).await;
        assert!(
            attempts
                .iter()
                .all(|attempt| attempt.signed.fees.most <= cap)
        );
        assert!(attempts.len() < 80, "{}", attempts.len());
    }
    world.chain.mine(1).await.unwrap();
    world.outbox.turn(at(300_000)).await.unwrap();
    assert_eq!(world.minted().await, 3);
}

async fn cancel(world: &World, number: i64) -> Cancelled {
    let action = NewAction {
        actor: "operator".into(),
        action: "transaction.cancel",
        subject: number.to_string(),
        reason: "it is stuck".into(),
        details: serde_json::json!({}),
        request: "a test".into(),
    };
    let done = world
        .database()
        .cancel_transaction(number, &action, at(0))
        .await;
    done.unwrap()
}

/// **O134**, and what stands behind it goes on.
#[tokio::test]
async fn o134_what_is_cancelled_is_not_done() {
    let mut world = World::new(1).await;
    // What stands behind it needs no more gas without it.
    world.mint("before", 1, None).await;
    world.turn(0).await;
    world.turn(0).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    assert_eq!(cancel(&world, 99).await, Cancelled::Unknown);
    assert_eq!(cancel(&world, number).await, Cancelled::NotSigned);
    world.turn(0).await;
    let behind = world.mint("b", 7, None).await;
    world.turn(1).await;
    let nonce = world.nonce().await;
    assert_eq!(cancel(&world, number).await, Cancelled::Yes(nonce));
    assert_eq!(world.turn(2).await.raised, 1, "at once");
    // Neither a second time nor forgotten by a restart; and it is offered more like anything else.
    world.restart().await;
    assert_eq!(world.turn(3).await.raised, 0);
    assert_eq!(world.turn(200).await.raised, 1);
    let (_, attempts) = world.look(number).await;
    let [first, second, third] = &attempts[..] else {
        panic!("{attempts:?}")
    };
    assert!(!first.signed.cancels && second.signed.cancels && third.signed.cancels);
    assert!(attempts.iter().all(|one| one.signed.nonce == nonce));
    world.chain.mine(1).await.unwrap();
    world.turn(201).await;
    let (told, _) = world.look(number).await;
    assert_eq!(told.state, TransactionState::Failed);
    assert_eq!(told.failure.as_deref(), Some("cancelled"));
    assert_eq!(cancel(&world, number).await, Cancelled::Over);
    world.chain.mine(4).await.unwrap();
    world.turn(202).await;
    let (told, _) = world.look(number).await;
    assert_eq!(told.state, TransactionState::Failed);
    assert_eq!(told.failure.as_deref(), Some("cancelled"));
    assert_eq!(world.state(behind).await, TransactionState::Final);
    assert_eq!(world.minted().await, 8, "nothing of the first");
}

/// **O134**: somebody brings the first signing after all.
#[tokio::test]
async fn o134_what_was_taken_before_it_could_be_cancelled_is_done_once() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    world.turn(0).await;
    let (_, attempts) = world.look(number).await;
    let first = attempts[0].clone();
    cancel(&world, number).await;
    assert_eq!(world.turn(1).await.raised, 1);
    world
        .chain
        .request::<_, ()>("anvil_dropAllTransactions", ())
        .await
        .unwrap();
    let node = world.chain.node();
    node.broadcast(first.signed.hash.into(), &first.signed.raw)
        .await
        .unwrap();
    world.chain.mine(1).await.unwrap();
    world.turn(2).await;
    world.turn(500).await;
    world.chain.mine(3).await.unwrap();
    world.turn(501).await;
    let (told, attempts) = world.look(number).await;
    assert_eq!((told.state, told.failure), (TransactionState::Final, None));
    assert!(attempts[0].inclusion.is_some() && attempts[1].inclusion.is_none());
    assert_eq!(world.minted().await, 5);
}

async fn set_base_fee(world: &World, wei: u64) {
    world
        .chain
        .request::<_, ()>("anvil_setNextBlockBaseFeePerGas", (format!("0x{wei:x}"),))
        .await
        .unwrap();
}
