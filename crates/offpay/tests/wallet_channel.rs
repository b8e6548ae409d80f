//! A channel between two wallets of the real program: all that its sides give each other travels in pictures.
#![allow(missing_docs)]

mod devices;
mod support;

use devices::Device;
use offpay_chain::Sender;
use offpay_protocol::Amount;
use support::{World, units};

async fn device(world: &World, name: &str) -> Device {
    let owner: Sender = world.chain.sender(name).await.unwrap();
    let contract = &world.contract;
    let minted = world
        .token
        .mint(&world.owner, owner.address(), units(1_000));
    minted.await.unwrap();
    let approved = world.token.approve(&owner, contract.address(), Amount::MAX);
    approved.await.unwrap();
    contract.deposit(units(1_000)).send(&owner).await.unwrap();
    Device::of(&world.chain, contract, &owner, &world.path(name), 6)
}

#[tokio::test(flavor = "multi_thread")]
async fn opened_used_and_closed_with_pictures() {
    let world = World::new().await;
    let (alice, bob) = (device(&world, "alice").await, device(&world, "bob").await);
    let (offer, terms, close) = (
        bob.file("offer.png"),
        alice.file("terms.png"),
        alice.file("close.png"),
    );

    let offered = bob.done(&["channel", "offer", "--png", &offer]);
    assert!(
        offered["code"]["text"]
            .as_str()
            .unwrap()
            .starts_with("OP1:")
    );
    let opened = alice.done(&[
        "channel",
        "open",
        "--with",
        &offer,
        "--deposit",
        "50",
        "--png",
        &terms,
    ]);
    let id = opened["channel"].as_str().unwrap();
    // An offer is no terms, and terms are no offer.
    assert_eq!(bob.run(&["channel", "join", &offer]).code, 2);
    assert_eq!(
        alice
            .run(&["channel", "open", "--with", &terms, "--deposit", "50"])
            .code,
        2
    );
    assert_eq!(bob.done(&["channel", "join", &terms])["channel"], id);
    world.chain.mine(3).await.unwrap();
    alice.done(&["sync"]);
    bob.done(&["sync"]);

    let (request, payment) = (bob.file("request.png"), alice.file("payment.png"));
    bob.done(&["request", "12.5", "--png", &request]);
    alice.done(&["pay", &request, "--channel", id, "--yes", "--png", &payment]);
    let taken = bob.done(&["accept", &payment]);
    assert_eq!(taken["verdict"]["verdict"], "guaranteed", "{taken}");

    alice.done(&["channel", "close", id, "--together", "--png", &close]);
    assert_eq!(
        bob.run(&["channel", "close", id, "--agree", &terms]).code,
        2
    );
    let closed = bob.done(&["channel", "close", id, "--agree", &close]);
    assert_eq!(
        closed["toB"],
        units(12)
            .checked_add(Amount::from_u64(500_000))
            .unwrap()
            .to_string()
    );
    let got = world.contract.account(bob.account()).await.unwrap().balance;
    assert_eq!(
        got,
        units(1_012).checked_add(Amount::from_u64(500_000)).unwrap()
    );
}
