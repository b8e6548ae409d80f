//! The local chain itself.
#![allow(missing_docs)]

mod support;

use offpay_chain::{BlockId, LocalChain, LocalChainError, LocalChainOptions, Node};
use offpay_protocol::Seconds;
use support::{World, units};

#[tokio::test]
async fn options_count() {
    let options = LocalChainOptions {
        chain_id: Some(777),
        timestamp: Some(2_000_000_000),
        slots_in_an_epoch: Some(1),
        ..Default::default()
    };
    let chain = LocalChain::start(&options).await.unwrap();
    assert_eq!(chain.node().chain_id(), 777);
    assert_eq!(chain.now().await.unwrap().get(), 2_000_000_000);
    chain.mine(10).await.unwrap();
    assert_eq!(chain.node().finalized().await.unwrap().number, 8);
    let now = chain.now().await.unwrap();
    chain.pass(Seconds::days(7)).await.unwrap();
    assert_eq!(
        chain.now().await.unwrap(),
        now.saturating_add(Seconds::days(7))
    );
    let head = chain.node().block(BlockId::latest()).await.unwrap();
    chain.reorganize(2).await.unwrap();
    assert_ne!(
        chain.node().block(head.number.into()).await.unwrap().hash,
        head.hash
    );
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let chain = LocalChain::start(&LocalChainOptions::default())
        .await
        .unwrap();
    let port = chain
        .url()
        .rsplit(':')
        .next()
        .unwrap()
        .trim_end_matches('/')
        .parse()
        .ok();
    let second = LocalChain::start(&LocalChainOptions {
        port,
        ..Default::default()
    })
    .await;
    assert!(
        matches!(second, Err(LocalChainError::NotListening { .. })),
        "{second:?}"
    );
    let missing = LocalChainOptions {
        anvil: Some("/nowhere/anvil".into()),
        ..Default::default()
    };
    let missing = LocalChain::start(&missing).await;
    assert!(
        matches!(missing, Err(LocalChainError::NotStarted { .. })),
        "{missing:?}"
    );
}

#[tokio::test]
async fn it_ends_when_it_is_dropped() {
    let chain = LocalChain::start(&LocalChainOptions::default())
        .await
        .unwrap();
    let url = chain.url().to_owned();
    assert!(Node::connect(&url).await.is_ok());
    drop(chain);
    assert!(Node::connect(&url).await.is_err());
}

#[tokio::test]
async fn a_state_file_keeps_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let options = LocalChainOptions {
        state: Some(folder.path().join("state.json")),
        ..Default::default()
    };
    let (address, url) = {
        let world = World::with(options.clone()).await;
        world.person("owner").await;
        (world.contract.address(), world.chain.url().to_owned())
    };
    assert!(Node::connect(&url).await.is_err());
    let chain = LocalChain::start(&options).await.unwrap();
    let contract = offpay_chain::Contract::open(chain.node(), address)
        .await
        .unwrap();
    let owner = chain.sender("owner").await.unwrap();
    assert_eq!(
        contract.account(owner.account()).await.unwrap().balance,
        units(10_000)
    );
}

#[tokio::test]
async fn snapshots_come_back() {
    let world = World::new().await;
    let person = world.person("owner").await;
    let snapshot = world.chain.snapshot().await.unwrap();
    world
        .contract
        .withdraw(person.address(), units(10_000))
        .send(&person)
        .await
        .unwrap();
    assert_eq!(world.balance(person.account()).await, units(0));
    assert!(world.chain.revert(snapshot).await.unwrap());
    assert_eq!(world.balance(person.account()).await, units(10_000));
}
