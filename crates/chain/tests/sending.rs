//! Relays, refusals, and transactions on their way.
#![allow(missing_docs)]

mod support;

use std::time::Duration;

use alloy::primitives::U256;
use offpay_chain::{ChainError, ContractError, Sender};
use offpay_protocol::{Amount, Domain, Signed, Timestamp, messages::Relay};
use support::{World, account, key, units};

#[tokio::test]
async fn a_relay_runs_all_or_nothing() {
    let world = World::new().await;
    let (contract, owner) = (&world.contract, world.person("owner").await);
    let sender = world.operator.account();
    let deadline = world.in_an_hour().await;
    let relay = |calls, nonce| Relay {
        account: owner.account(),
        calls,
        nonce: U256::from(nonce),
        deadline,
    };
    let pay = contract.transfer(sender, units(5)).calldata().clone();
    let too_much = contract
        .transfer(sender, units(1_000_000))
        .calldata()
        .clone();

    let good = relay(vec![pay.clone(), pay.clone()], 7);
    let signature = world.sign(owner.key(), good.clone()).signature;
    contract
        .relay(&good, &signature.into())
        .send(&world.operator)
        .await
        .unwrap();
    assert_eq!(world.balance(sender).await, units(10));
    assert!(
        contract
            .is_nonce_used(owner.account(), U256::from(7))
            .await
            .unwrap()
    );
    let again = contract
        .relay(&good, &signature.into())
        .send(&world.operator)
        .await
        .unwrap_err();
    assert_eq!(again.code(), "NonceUsed");

    let bad = relay(vec![pay.clone(), too_much], 8);
    let signature = world.sign(owner.key(), bad.clone()).signature;
    let refused = contract
        .relay(&bad, &signature.into())
        .send(&world.operator)
        .await
        .unwrap_err();
    let expected = ContractError::InsufficientBalance {
        account: owner.account(),
        balance: units(9_985),
        amount: units(1_000_000),
    };
    assert_eq!(refused.refusal(), Some(&expected));
    assert!(
        !contract
            .is_nonce_used(owner.account(), U256::from(8))
            .await
            .unwrap()
    );
    assert_eq!(world.balance(sender).await, units(10));

    let late = Relay {
        deadline: Timestamp::ZERO,
        ..relay(vec![pay], 9)
    };
    let signature = world.sign(owner.key(), late.clone()).signature;
    let refused = contract
        .relay(&late, &signature.into())
        .send(&world.operator)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "InvalidDeadline");
    contract
        .cancel_nonce(U256::from(9))
        .send(&owner)
        .await
        .unwrap();
    assert!(
        contract
            .is_nonce_used(owner.account(), U256::from(9))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn refusals_have_reasons() {
    let world = World::new().await;
    let (contract, owner, stranger) = (
        &world.contract,
        world.person("owner").await,
        world.stranger("stranger").await,
    );
    let purse_key = key("purse");
    let purse = world.purse(&owner, &purse_key, 100, 50).await;
    let shop = account(1);
    let code = async |error: Result<_, ChainError>| {
        error
            .map(|_: ()| "")
            .map_err(|error| error.code())
            .unwrap_err()
    };
    let of = |mined: Result<offpay_chain::Mined<()>, ChainError>| mined.map(drop);

    assert_eq!(
        code(of(contract.register(units(99)).send(&stranger).await)).await,
        "CollateralTooLow"
    );
    assert_eq!(
        code(of(contract.register(units(100)).send(&owner).await)).await,
        "AlreadyRegistered"
    );
    assert_eq!(
        code(of(contract.register(units(100_001)).send(&stranger).await)).await,
        "TransferFromFailed"
    );
    assert_eq!(
        code(of(contract.deposit(Amount::ZERO).send(&owner).await)).await,
        "ZeroAmount"
    );
    let withdrawn = contract
        .withdraw(contract.address(), units(1))
        .send(&owner)
        .await;
    assert_eq!(code(of(withdrawn)).await, "InvalidRecipient");
    assert_eq!(
        code(of(contract
            .top_up_purse(purse, units(1))
            .send(&stranger)
            .await))
        .await,
        "NotPurseOwner"
    );

    let unknown = contract
        .settle(&world.payment(&key("no purse"), shop, 0, 1, 1))
        .unwrap();
    let unknown = unknown.send(&owner).await.unwrap_err();
    assert!(
        matches!(
            unknown.refusal(),
            Some(ContractError::PaymentRefused { .. })
        ),
        "{unknown}"
    );
    assert!(unknown.to_string().contains("no purse"), "{unknown}");
    let alone = world.payment(&purse_key, shop, 0, 1, 1);
    let report = contract
        .report_double_spend(&alone, &alone)
        .unwrap()
        .send(&owner)
        .await
        .unwrap_err();
    assert_eq!(
        (report.code(), report.is_retryable()),
        ("NoConflict", false)
    );
}

#[tokio::test]
async fn what_was_signed_for_elsewhere_is_not_sent() {
    let world = World::new().await;
    let payment = world.payment(&key("purse"), account(1), 0, 1, 1);
    let elsewhere = Signed {
        domain: Domain::new(1, world.contract.address()),
        ..payment
    };
    let refused = world.contract.settle(&elsewhere).unwrap_err();
    assert_eq!(
        (refused.code(), refused.is_retryable()),
        ("foreign_domain", false)
    );
    assert!(world.contract.signer(&payment).is_ok());
    assert!(world.contract.signer(&elsewhere).is_err());
}

#[tokio::test]
async fn a_sender_without_gas_money_is_told_before() {
    let world = World::new().await;
    let poor = Sender::new(key("poor"));
    let error = world
        .contract
        .admit(account(1))
        .send(&poor)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ChainError::NoGas { balance, .. } if balance.is_zero()),
        "{error}"
    );
}

/// It can be stored, lost sight of, sent again, and it runs once.
#[tokio::test]
async fn a_signed_transaction_runs_once() {
    let world = World::new().await;
    let operation = world.contract.admit(account(1));
    let signed = operation.sign(&world.operator).await.unwrap();
    let (hash, raw) = (signed.hash, signed.raw.clone());
    drop(signed);
    let node = world.chain.node();
    for _ in 0..2 {
        node.broadcast(hash, &raw).await.unwrap();
    }
    let receipt = node.mined(hash).await.unwrap();
    assert!(operation.read(&receipt).unwrap().outcome.is_some());
}

/// Both went through when they were checked; only one could come first in the block.
#[tokio::test]
async fn a_race_that_is_lost_is_told() {
    let world = World::new().await;
    let (contract, owner, purse_key) = (&world.contract, world.person("owner").await, key("purse"));
    let purse = world.purse(&owner, &purse_key, 100, 50).await;
    let closes_at = contract
        .request_purse_close(purse)
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    world.chain.pass_until(closes_at).await.unwrap();
    world.chain.set_automine(false).await.unwrap();
    let close = contract.close_purse(purse);
    let (first, second) = (
        close.sign(&owner).await.unwrap(),
        close.sign(&world.operator).await.unwrap(),
    );
    let node = world.chain.node();
    node.broadcast(first.hash, &first.raw).await.unwrap();
    let hash = second.hash;
    let (sent, ()) = tokio::join!(second.send(node), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.chain.mine(1).await.unwrap();
    });
    let Err(ChainError::Reverted { tx, error }) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!((tx, error.code()), (hash, "PurseIsClosed"));
}

#[tokio::test]
async fn what_is_not_mined_is_told() {
    let world = World::new().await;
    world.chain.set_automine(false).await.unwrap();
    let short = Duration::from_millis(50);
    let node = world.chain.node().clone().with_patience(short, short);
    let contract = offpay_chain::Contract::open(&node, world.contract.address())
        .await
        .unwrap();
    let error = contract
        .admit(account(1))
        .send(&world.operator)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ChainError::NotMined { .. }) && error.is_retryable(),
        "{error}"
    );
}

/// Tasks that share a sender do not take the same nonce.
#[tokio::test]
async fn many_at_once() {
    let world = World::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for byte in 1..=8 {
        let (operation, sender) = (world.contract.admit(account(byte)), world.operator.clone());
        tasks.spawn(async move { operation.send(&sender).await });
    }
    for sent in tasks.join_all().await {
        sent.unwrap();
    }
}

/// A node's URL may contain a key.
#[tokio::test]
async fn errors_do_not_tell_the_url() {
    let error = offpay_chain::Node::connect("http://127.0.0.1:9/secret")
        .await
        .unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.code(), "node_unreachable");
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
}
