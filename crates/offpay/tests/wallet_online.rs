//! The wallet of the real program, on a chain: what a purse owes is made good, and a closed purse holds nothing.
#![allow(missing_docs)]

mod devices;
mod support;

use devices::Device;
use offpay_chain::Sender;
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Seconds, Signable, Signed, SigningKey,
    messages::{Payment, PurseOpening},
};
use support::{World, key, payee, units};

/// A payment that takes serials from the start, whatever was taken before: as a restored device would.
fn promise(world: &World, purse: &SigningKey, to: AccountId, amount: u64) -> Signed<Payment> {
    let message = Payment {
        payee: to,
        start: Amount::ZERO,
        amount: units(amount),
        cumulative: units(amount),
        reference: Default::default(),
    };
    world.sign(purse, message)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_device_overspent_is_made_good() {
    let world = World::new().await;
    let device = Device::of(
        &world.chain,
        &world.contract,
        &world.owner,
        &world.path("wallet"),
        6,
    );
    let lost = key("lost device");
    let purse = world.purse(&lost, 100, 500).await;
    let name = purse.to_string();
    assert_eq!(
        device.run(&["make-good"]).json()["madeGood"],
        serde_json::json!([])
    );

    for (to, amount) in [(payee(1), 80), (payee(2), 60), (payee(3), 50)] {
        let payment = promise(&world, &lost, to, amount);
        let settle = world.contract.settle(&payment).unwrap();
        settle.send(&world.owner).await.unwrap();
    }
    // 100 were there: 80 and 20 are paid, 40 and 50 are owed.
    let before = world.contract.account(world.owner.account()).await.unwrap();

    // Nobody confirmed: nothing is paid.
    assert_eq!(device.run(&["make-good", &name]).code, 2);
    // Less than what is owed: the contract refuses.
    let little = device.run(&["make-good", &name, "--max", "89", "--yes"]);
    assert_eq!(little.code, 2, "{little:?}");
    // A block that is too late does not show who is owed.
    let late = device.run(&["make-good", &name, "--from-block", "100000", "--yes"]);
    assert_eq!(late.code, 2, "{late:?}");
    let now = world.contract.account(world.owner.account()).await.unwrap();
    assert_eq!(now.balance, before.balance);

    let told = device.said(&["make-good", &name]);
    for said in ["owes", "40 OFFPAY", "50 OFFPAY", "make good by"] {
        assert!(told.stdout.contains(said), "{said:?} is missing: {told:?}");
    }

    let made = device.run(&["make-good", "--yes"]);
    assert_eq!(made.code, 0, "{made:?}");
    let payees = &made.json()["madeGood"][0]["payees"];
    assert_eq!(payees.as_array().unwrap().len(), 2);
    let after = world.contract.account(world.owner.account()).await.unwrap();
    assert_eq!(
        before.balance,
        after.balance.checked_add(units(90)).unwrap()
    );
    assert_eq!(after.collateral, before.collateral);
    for (to, amount) in [(payee(1), 80), (payee(2), 60), (payee(3), 50)] {
        assert_eq!(
            world.contract.paid_to(purse, to).await.unwrap(),
            units(amount)
        );
    }
    let state = world.contract.purse(purse).await.unwrap().unwrap();
    assert!(state.pairs_in_default == 0 && !state.condemned);
    assert_eq!(
        device.run(&["make-good"]).json()["madeGood"],
        serde_json::json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_of_a_purse_makes_good_and_never_more_than_it_has() {
    let world = World::new().await;
    let device = Device::of(
        &world.chain,
        &world.contract,
        &world.owner,
        &world.path("wallet"),
        6,
    );
    let unknown = device.run(&["make-good", &payee(9).to_string(), "--yes"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");

    // Another account's purse.
    let other = world.chain.sender("other").await.unwrap();
    world
        .token
        .mint(&world.owner, other.address(), units(1_000))
        .await
        .unwrap();
    let contract = &world.contract;
    world
        .token
        .approve(&other, contract.address(), Amount::MAX)
        .await
        .unwrap();
    contract.register(units(100)).send(&other).await.unwrap();
    contract.deposit(units(10)).send(&other).await.unwrap();
    let theirs = key("theirs");
    open(&world, &other, &theirs, 10, 50).await;
    let payment = promise(&world, &theirs, payee(1), 5);
    contract
        .settle(&payment)
        .unwrap()
        .send(&other)
        .await
        .unwrap();
    let payment = promise(&world, &theirs, payee(2), 10);
    contract
        .settle(&payment)
        .unwrap()
        .send(&other)
        .await
        .unwrap();
    let ran = device.run(&["make-good", &theirs.address().to_string(), "--yes"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stdout.contains("belongs to"), "{ran:?}");

    // An own one that owes more than the balance.
    let own = key("own");
    world.purse(&own, 10, 100).await;
    for byte in [1, 2] {
        let payment = promise(&world, &own, payee(byte), 10);
        contract
            .settle(&payment)
            .unwrap()
            .send(&world.owner)
            .await
            .unwrap();
    }
    let balance = contract
        .account(world.owner.account())
        .await
        .unwrap()
        .balance;
    contract
        .withdraw(world.owner.address(), balance)
        .send(&world.owner)
        .await
        .unwrap();
    let ran = device.run(&["make-good", "--yes"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stdout.contains("deposit the rest first"), "{ran:?}");

    // Too late to keep the pledge, not too late to pay; and the owner is told so.
    contract
        .deposit(units(10))
        .send(&world.owner)
        .await
        .unwrap();
    world.chain.pass(Seconds::days(2)).await.unwrap();
    let told = device.said(&["make-good"]);
    assert!(told.stdout.contains("the pledge is lost"), "{told:?}");
    assert_eq!(device.run(&["make-good", "--yes"]).code, 0);
    let state = contract.purse(own.address().into()).await.unwrap().unwrap();
    assert!(state.condemned && state.pairs_in_default == 0);
}

async fn open(world: &World, owner: &Sender, purse: &SigningKey, funds: u64, pledge: u64) {
    let terms = offpay_chain::contract::PurseTerms {
        key: purse.address().into(),
        funds: units(funds),
        pledge: units(pledge),
        cover_count: 1,
        circle: Circle::new(owner.address()),
    };
    let opening = PurseOpening {
        owner: owner.account(),
    };
    let consent = opening.sign(world.contract.domain(), purse).unwrap();
    world
        .contract
        .open_purse(&terms, &consent)
        .send(owner)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_purse_shows_nothing_left() {
    let world = World::new().await;
    let device = Device::of(
        &world.chain,
        &world.contract,
        &world.owner,
        &world.path("wallet"),
        6,
    );
    let circle = world.owner.address().to_string();
    let opened = device.run(&[
        "purse", "open", "--funds", "100", "--pledge", "50", "--covers", "1", "--circle", &circle,
    ]);
    assert_eq!(opened.code, 0, "{opened:?}");
    let purse: PurseKey = opened.json()["purse"].as_str().unwrap().parse().unwrap();
    world.chain.mine(3).await.unwrap();
    assert_eq!(device.run(&["sync"]).code, 0);
    let status = device.said(&["status"]);
    assert!(
        status.stdout.contains("100 OFFPAY of 100 OFFPAY"),
        "{status:?}"
    );

    assert_eq!(
        device
            .run(&["purse", "close", &purse.to_string(), "--yes"])
            .code,
        0
    );
    world.chain.mine(3).await.unwrap();
    assert_eq!(device.run(&["sync"]).code, 0);
    let status = device.said(&["status"]);
    assert!(status.stdout.contains("closing at"), "{status:?}");

    world.chain.pass(Seconds::days(7)).await.unwrap();
    let closed = device.run(&["purse", "close", &purse.to_string(), "--yes"]);
    assert_eq!(closed.json()["closed"], true, "{closed:?}");
    world.chain.mine(3).await.unwrap();
    assert_eq!(device.run(&["sync"]).code, 0);
    for command in [&["status"][..], &["purse", "list"], &["purse", "find"]] {
        let said = device.said(command);
        assert!(said.stdout.contains("closed"), "{said:?}");
        assert!(!said.stdout.contains("left"), "{said:?}");
    }
    let status = device.run(&["status"]).json();
    assert!(status["purses"][0]["left"].is_null(), "{status}");
}
