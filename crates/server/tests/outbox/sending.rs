//! The ordinary way, and what is not sent.

use std::time::Duration;

use alloy_sol_types::SolCall as _;
use offpay_chain::bindings::OffPayToken;
use offpay_operator::{
    outbox::TransactionState,
    storage::{EventStorage as _, OutboxStorage as _},
};

use crate::support::{SOMEBODY, World, at};

#[tokio::test]
async fn it_is_sent_mined_and_final() {
    let world = World::new(1).await;
    let number = world.mint("a", 5, None).await;
    assert_eq!(world.turn(0).await.sent, 1);
    assert_eq!(world.state(number).await, TransactionState::Sent);
    assert_eq!(world.turn(1).await.followed, 1);
    assert_eq!(world.state(number).await, TransactionState::Mined);
    assert!(
        world.database().gas_spent().await.unwrap().is_empty(),
        "not final yet"
    );
    world.chain.mine(3).await.unwrap();
    world.turn(2).await;
    assert_eq!(world.state(number).await, TransactionState::Final);
    let (_, attempts) = world.look(number).await;
    let inclusion = attempts[0].inclusion.unwrap();
    let spent = world.database().gas_spent().await.unwrap();
    assert_eq!(spent[0].gas, u128::from(inclusion.gas_used));
    assert_eq!(
        spent[0].wei,
        u128::from(inclusion.gas_used) * u128::from(inclusion.gas_price)
    );
    assert_eq!(
        world.turn(3).await,
        offpay_server::outbox::Turned::default(),
        "nothing is left to do"
    );
    assert_eq!(world.minted().await, 5);
}

#[tokio::test]
async fn many_are_on_their_way_at_once_and_each_runs_once() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let mut numbers = Vec::new();
    for each in 0..20 {
        numbers.push(world.mint(&format!("mint {each}"), 1 << each, None).await);
    }
    // Sixteen at once is the default.
    assert_eq!(world.turn(0).await.sent, 16);
    assert_eq!(world.turn(1).await.sent, 0, "no more before some are mined");
    world.chain.mine(1).await.unwrap();
    let turned = world.turn(2).await;
    assert_eq!((turned.followed, turned.sent), (16, 4));
    world.chain.mine(4).await.unwrap();
    world.turn(3).await;
    assert_eq!(world.minted().await, (1 << 20) - 1);
    for number in numbers {
        assert_eq!(world.state(number).await, TransactionState::Final);
    }
}

#[tokio::test]
async fn who_waits_is_told() {
    let world = World::new(1).await;
    let number = world.mint("a", 5, None).await;
    let outbox = world.outbox.clone();
    let waits = tokio::spawn(async move { outbox.wait(number, TransactionState::Mined).await });
    for seconds in 0..3 {
        world.turn(seconds).await;
    }
    let waited = tokio::time::timeout(Duration::from_secs(30), waits)
        .await
        .unwrap();
    assert!(
        waited
            .unwrap()
            .unwrap()
            .state
            .has_reached(TransactionState::Mined)
    );
    assert!(
        world
            .outbox
            .wait(999, TransactionState::Sent)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_would_revert_is_not_sent_and_told() {
    let world = World::new(1).await;
    let nonce = world.nonce().await;
    let impossible = OffPayToken::transferCall {
        to: SOMEBODY,
        value: alloy_primitives::U256::from(1),
    };
    let number = world.put("impossible", impossible.abi_encode(), None).await;
    let possible = world.mint("possible", 5, None).await;
    let turned = world.turn(0).await;
    assert_eq!((turned.refused, turned.sent), (1, 1), "the others are sent");
    let (failed, attempts) = world.look(number).await;
    assert_eq!(failed.state, TransactionState::Failed);
    assert!(failed.failure.is_some() && attempts.is_empty());
    assert_eq!(world.nonce().await, nonce + 1, "no gas was spent on it");
    let events = world.database().events_after(None, 0, 10).await.unwrap();
    assert_eq!(events[0].kind, "transaction.failed");
    assert_eq!(events[0].body["work"], "impossible");
    let told = world
        .outbox
        .wait(number, TransactionState::Final)
        .await
        .unwrap();
    assert_eq!(
        told.state,
        TransactionState::Failed,
        "who waits for more is told, too"
    );
    assert!(
        world
            .state(possible)
            .await
            .has_reached(TransactionState::Sent)
    );
}

/// A relay that funds, and one that spends it: sent together.
#[tokio::test]
async fn what_needs_what_is_before_it_waits() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let mint = OffPayToken::mintCall {
        to: world.operator.address(),
        amount: alloy_primitives::U256::from(7),
    };
    let first = world.put("first", mint.abi_encode(), None).await;
    let spend = OffPayToken::transferCall {
        to: SOMEBODY,
        value: alloy_primitives::U256::from(7),
    };
    // Its deadline puts it in front.
    let second = world.put("second", spend.abi_encode(), Some(at(0))).await;
    assert_eq!(world.turn(0).await.sent, 1);
    assert_eq!(world.state(first).await, TransactionState::Sent);
    assert_eq!(world.state(second).await, TransactionState::Queued);
    world.chain.mine(1).await.unwrap();
    assert_eq!(world.turn(1).await.sent, 1);
    world.chain.mine(1).await.unwrap();
    assert_eq!(world.turn(2).await.followed, 1);
    assert_eq!(world.minted().await, 7);
}

/// It passed the dry run, and then the world changed.
#[tokio::test]
async fn what_reverts_in_its_block_is_failed() {
    let world = World::new(1).await;
    world.chain.set_automine(false).await.unwrap();
    let number = world.mint("a", 5, None).await;
    assert_eq!(world.turn(0).await.sent, 1);
    let reverts = [0x5f, 0x5f, 0xfd].into();
    world
        .chain
        .set_code(world.token.address(), reverts)
        .await
        .unwrap();
    world.chain.mine(1).await.unwrap();
    world.turn(1).await;
    let (failed, _) = world.look(number).await;
    assert_eq!(failed.state, TransactionState::Failed);
    assert!(failed.failure.is_some());
    world.chain.mine(3).await.unwrap();
    world.turn(2).await;
    assert_eq!(
        world.state(number).await,
        TransactionState::Failed,
        "for good"
    );
    let sender = world.operator.address().into_array();
    assert!(world.database().in_flight(sender).await.unwrap().is_empty());
    let told = world.database().events_after(None, 0, 10).await.unwrap();
    assert_eq!(told.len(), 1, "told once: {told:?}");
    let spent = world.database().gas_spent().await.unwrap();
    assert_eq!(spent[0].transactions, 1, "it cost gas");
}
