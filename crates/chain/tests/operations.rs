//! Every operation of accounts, circles, purses and defaults, against the contract itself.
#![allow(missing_docs)]

mod support;

use alloy::primitives::U256;
use offpay_chain::{ContractError, Refusal, batch};
use offpay_protocol::{Amount, Circle, Reference, Seconds, Signed, messages::Payment, till::till};
use support::{TREASURY, World, account, key, units};

#[tokio::test]
async fn accounts() {
    let world = World::new().await;
    let (contract, owner) = (&world.contract, world.person("owner").await);
    let me = owner.account();
    contract
        .deposit_collateral(units(10))
        .send(&owner)
        .await
        .unwrap();
    contract
        .lock_collateral(units(20))
        .send(&owner)
        .await
        .unwrap();
    contract
        .withdraw_collateral(owner.address(), units(5))
        .send(&owner)
        .await
        .unwrap();
    contract
        .deposit_for(account(5), units(7))
        .send(&owner)
        .await
        .unwrap();
    contract
        .transfer(account(5), units(3))
        .send(&owner)
        .await
        .unwrap();
    contract
        .withdraw(account(6).address(), units(100))
        .send(&owner)
        .await
        .unwrap();
    let state = contract.account(me).await.unwrap();
    assert_eq!(
        (state.balance, state.collateral),
        (units(9_877), units(1_025))
    );
    assert!(state.registered_at.is_some());
    assert_eq!(world.balance(account(5)).await, units(10));
    assert_eq!(
        world.token.balance(account(6).address()).await.unwrap(),
        U256::from(100)
    );

    let deadline = U256::MAX;
    let permit = world
        .token
        .permit(owner.key(), contract.address(), units(50), deadline)
        .await
        .unwrap();
    let operation = contract.deposit_with_permit(me, units(50), deadline, &permit);
    operation.send(&world.operator).await.unwrap();
    assert_eq!(world.balance(me).await, units(9_927));

    let till = till(me, U256::from(3));
    contract
        .transfer(till, units(40))
        .send(&owner)
        .await
        .unwrap();
    let swept = contract.sweep(U256::from(3)).send(&owner).await.unwrap();
    assert_eq!(swept.outcome, units(40));
}

#[tokio::test]
async fn circles() {
    let world = World::new().await;
    let (contract, operator, payee) = (&world.contract, &world.operator, account(1));
    let circle = Circle::new(operator.address());
    let admitted = contract
        .admit(payee)
        .send(operator)
        .await
        .unwrap()
        .outcome
        .unwrap();
    assert_eq!(
        contract.admit(payee).send(operator).await.unwrap().outcome,
        None
    );
    let place = contract.membership(circle, payee).await.unwrap().unwrap();
    assert_eq!((place.from, place.until), (admitted, None));
    assert!(!contract.is_member(circle, payee).await.unwrap());
    world.chain.pass_until(admitted).await.unwrap();
    assert!(contract.is_member(circle, payee).await.unwrap());
    assert_eq!(contract.circle_size(circle).await.unwrap(), 1);

    let until = contract
        .dismiss(payee)
        .send(operator)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        contract
            .membership(circle, payee)
            .await
            .unwrap()
            .unwrap()
            .until,
        Some(until)
    );
    world.chain.pass_until(until).await.unwrap();
    contract.prune(circle, payee).send(operator).await.unwrap();
    assert_eq!(contract.membership(circle, payee).await.unwrap(), None);
    assert_eq!(contract.circle_size(circle).await.unwrap(), 0);
    assert_eq!(contract.circle_size(Circle::OPEN).await.unwrap(), u16::MAX);
}

#[tokio::test]
async fn purses() {
    let world = World::new().await;
    let (contract, owner, purse_key) = (&world.contract, world.person("owner").await, key("purse"));
    assert_eq!(
        contract.purse(purse_key.address().into()).await.unwrap(),
        None
    );
    let purse = world.purse(&owner, &purse_key, 1_000, 500).await;
    contract
        .top_up_purse(purse, units(50))
        .send(&owner)
        .await
        .unwrap();
    contract
        .add_pledge(purse, units(60))
        .send(&owner)
        .await
        .unwrap();
    let state = contract.purse(purse).await.unwrap().unwrap();
    assert_eq!(
        (state.funds, state.pledge, state.owner),
        (units(1_050), units(560), owner.account())
    );
    assert_eq!(
        (contract.cover_of(&state), contract.payable_share_of(&state)),
        (units(504), units(504))
    );

    let closes_at = contract
        .request_purse_close(purse)
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    let early = contract.close_purse(purse).send(&owner).await.unwrap_err();
    assert!(early.is_retryable());
    assert_eq!(early.code(), "NotClosable");
    world.chain.pass_until(closes_at).await.unwrap();
    let closed = contract
        .close_purse(purse)
        .send(&world.operator)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        (closed.rest, closed.released, closed.forfeited),
        (units(1_050), units(560), Amount::ZERO)
    );
    assert!(contract.purse(purse).await.unwrap().unwrap().closed);
}

#[tokio::test]
async fn batches() {
    let world = World::new().await;
    let (contract, owner, purse_key) = (&world.contract, world.person("owner").await, key("purse"));
    let other_key = key("other purse");
    let (purse, other) = (
        world.purse(&owner, &purse_key, 1_000, 100).await,
        world.purse(&owner, &other_key, 1_000, 100).await,
    );
    let (shop, bob) = (account(1), account(2));
    let payments = [
        world.payment(&purse_key, shop, 0, 10, 10),
        world.payment(&other_key, shop, 0, 20, 20),
        world.payment(&key("no purse"), shop, 0, 30, 30),
        world.payment(&purse_key, shop, 5_000, 40, 50),
        world.payment(&purse_key, bob, 10, 5, 5),
    ];
    let batches = batch::plan(&payments, 100).unwrap();
    assert_eq!(batches.len(), 2);
    let packed = contract
        .settle_batch(&batches[0])
        .unwrap()
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    let credited: Vec<_> = packed
        .credited
        .iter()
        .map(|row| (row.purse, row.payee, row.paid))
        .collect();
    assert_eq!(
        credited,
        [(purse, shop, units(10)), (other, shop, units(20))]
    );
    assert_eq!(
        packed.skipped,
        [(2, Refusal::UnknownPurse), (3, Refusal::BeyondFunds)]
    );
    let mixed = contract
        .settle_batch(&batches[1])
        .unwrap()
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    assert_eq!(mixed.credited[0].amount, Some(units(5)));
    assert_eq!(world.balance(shop).await, units(30));
    assert_eq!(contract.paid_to(purse, bob).await.unwrap(), units(5));
}

#[tokio::test]
async fn a_payment_carries_its_reference() {
    let world = World::new().await;
    let (owner, purse_key) = (world.person("owner").await, key("purse"));
    world.purse(&owner, &purse_key, 1_000, 100).await;
    let reference = Reference::new([9; 32].into());
    let message = Payment {
        reference,
        ..world.payment(&purse_key, account(1), 0, 10, 10).message
    };
    let payment = world.sign(&purse_key, message);
    let operation = world.contract.settle(&payment).unwrap();
    operation.check(owner.address()).await.unwrap();
    let row = operation
        .send(&owner)
        .await
        .unwrap()
        .outcome
        .credited
        .unwrap();
    assert_eq!(
        (row.amount, row.reference),
        (Some(units(10)), Some(reference))
    );
    let again = operation.send(&owner).await.unwrap().outcome;
    assert_eq!(again, Default::default());
}

/// Overspent, made good by the owner, then overspent again and collected.
#[tokio::test]
async fn defaults() {
    let world = World::new().await;
    let (contract, owner, purse_key) = (&world.contract, world.person("owner").await, key("purse"));
    let (shop, friend) = (account(1), account(2));
    contract.admit(shop).send(&world.operator).await.unwrap();
    world.chain.pass(Seconds::days(7)).await.unwrap();
    let purse = world.purse(&owner, &purse_key, 100, 100).await;
    let settle = async |payment: &Signed<Payment>| {
        contract
            .settle(payment)
            .unwrap()
            .send(&owner)
            .await
            .unwrap()
            .outcome
    };
    settle(&world.payment(&purse_key, friend, 0, 90, 90)).await;
    let short = settle(&world.payment(&purse_key, shop, 0, 50, 50)).await;
    let default = short.default.unwrap();
    assert_eq!(short.credited.unwrap().amount, Some(units(10)));
    assert_eq!(
        (default.presented, default.reserved, default.was_member),
        (units(50), units(40), true)
    );

    let early = contract
        .settle_after_settlement_period(purse, shop)
        .send(&owner)
        .await
        .unwrap_err();
    assert!(
        matches!(
            early.refusal(),
            Some(ContractError::SettlementPeriodRunning { .. })
        ),
        "{early}"
    );
    let dear = contract
        .make_good(purse, [shop], units(39))
        .send(&owner)
        .await
        .unwrap_err();
    assert!(
        matches!(dear.refusal(), Some(ContractError::MakeGoodTooDear { .. })),
        "{dear}"
    );
    let made = contract
        .make_good(purse, [shop, friend], units(40))
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        (made.len(), made[0].payee, made[0].amount, made[0].paid),
        (1, shop, units(40), units(50))
    );

    contract
        .top_up_purse(purse, units(10))
        .send(&owner)
        .await
        .unwrap();
    let again = settle(&world.payment(&purse_key, shop, 50, 60, 110)).await;
    assert_eq!(again.default.unwrap().reserved, units(50));
    world.chain.pass(Seconds::DAY).await.unwrap();
    let claimed = contract
        .settle_after_settlement_period(purse, shop)
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        (claimed.amount, claimed.paid, claimed.condemned),
        (units(50), units(110), true)
    );
    let pair = contract.pair(purse, shop).await.unwrap();
    assert_eq!(
        (pair.paid, pair.from_collateral, pair.in_default_since),
        (units(110), units(50), None)
    );

    let closes_at = contract
        .purse(purse)
        .await
        .unwrap()
        .unwrap()
        .closes_at
        .unwrap();
    world.chain.pass_until(closes_at).await.unwrap();
    let closed = contract
        .close_purse(purse)
        .send(&owner)
        .await
        .unwrap()
        .outcome;
    assert_eq!(closed.forfeited, units(50));
    assert_eq!(
        world
            .balance(offpay_protocol::AccountId::new(TREASURY.into()))
            .await,
        units(50)
    );
}
