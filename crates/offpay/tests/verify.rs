//! `offpay verify` and the commands that only read.
#![allow(missing_docs)]

mod support;

use offpay_chain::{LocalChain, LocalChainOptions};
use offpay_protocol::{AccountId, PurseKey};
use support::{Ran, World, key, offpay, payee, units};

fn verify(world: &World, purse: PurseKey, payee: AccountId, cumulative: u64, more: &[&str]) -> Ran {
    let (purse, payee, cumulative) = (
        purse.to_string(),
        payee.to_string(),
        units(cumulative).to_string(),
    );
    let deployment = world.deployment_file();
    let mut arguments = vec![
        "verify",
        "--purse",
        &purse,
        "--payee",
        &payee,
        "--cumulative",
        &cumulative,
        "--rpc-url",
        world.url(),
        "--deployment",
        &deployment,
        "--json",
    ];
    arguments.extend(more);
    offpay(&arguments)
}

async fn settled() -> (World, PurseKey, AccountId) {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    let purse = world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let file = world.record("1.json", &purse_key, shop, 30);
    assert_eq!(world.settle(&file).code, 0);
    (world, purse, shop)
}

#[tokio::test]
async fn yes_once_it_is_final() {
    let (world, purse, shop) = settled().await;
    let ran = verify(&world, purse, shop, 30, &[]);
    assert_eq!(
        (ran.code, &ran.json()["paid"]),
        (1, &"0".into()),
        "not final yet: {ran:?}"
    );
    let ran = verify(&world, purse, shop, 30, &["--block", "latest"]);
    assert_eq!(ran.code, 0, "{ran:?}");

    world.chain.mine(2).await.unwrap();
    let ran = verify(&world, purse, shop, 30, &[]);
    assert_eq!(
        (ran.code, &ran.json()["tookPlace"]),
        (0, &true.into()),
        "{ran:?}"
    );
    assert_eq!(ran.json()["block"]["witnesses"], "one");
    assert!(
        !ran.json()["proof"]["storageProof"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let ran = verify(&world, purse, shop, 31, &[]);
    assert_eq!(
        (ran.code, &ran.json()["tookPlace"]),
        (1, &false.into()),
        "{ran:?}"
    );
    let ran = verify(&world, purse, payee(2), 1, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");

    // Before the payment, in an old state.
    let block = world.deployment.block.unwrap().to_string();
    let ran = verify(&world, purse, shop, 30, &["--block", &block]);
    assert_eq!((ran.code, &ran.json()["paid"]), (1, &"0".into()), "{ran:?}");
}

#[tokio::test]
async fn two_nodes_have_to_agree() {
    let (world, purse, shop) = settled().await;
    world.chain.mine(2).await.unwrap();
    let ran = verify(&world, purse, shop, 30, &["--rpc-url", world.url()]);
    assert_eq!(
        (ran.code, &ran.json()["block"]["witnesses"]),
        (0, &"two".into()),
        "{ran:?}"
    );

    let options = LocalChainOptions {
        slots_in_an_epoch: Some(1),
        ..Default::default()
    };
    let fork = LocalChain::start(&options).await.unwrap();
    fork.mine(40).await.unwrap();
    let ran = verify(&world, purse, shop, 30, &["--rpc-url", fork.url()]);
    assert_eq!(ran.failed(), "nodes_disagree");

    let other = LocalChain::start(&LocalChainOptions {
        chain_id: Some(5),
        ..Default::default()
    })
    .await
    .unwrap();
    let ran = verify(&world, purse, shop, 30, &["--rpc-url", other.url()]);
    assert_eq!(ran.failed(), "nodes_on_different_chains");
    let ran = verify(
        &world,
        purse,
        shop,
        30,
        &["--rpc-url", other.url(), "--rpc-url", other.url()],
    );
    assert_eq!(ran.failed(), "error");
}

#[tokio::test]
async fn what_cannot_be_answered_is_an_error() {
    let (world, purse, shop) = settled().await;
    assert_eq!(
        verify(&world, purse, shop, 30, &["--block", "9999"]).failed(),
        "no_such_block"
    );
    assert_eq!(
        verify(&world, purse, shop, 30, &["--block", "soon"]).code,
        2
    );
    assert_eq!(verify(&world, purse, shop, 0, &[]).failed(), "error");
    let (purse, shop, token) = (
        purse.to_string(),
        shop.to_string(),
        world.token.address().to_string(),
    );
    let ran = offpay(&[
        "verify",
        "--purse",
        &purse,
        "--payee",
        &shop,
        "--cumulative",
        "1",
        "--rpc-url",
        world.url(),
        "--contract",
        &token,
        "--json",
    ]);
    assert_eq!(ran.failed(), "not_offpay");
    let ran = offpay(&[
        "verify",
        "--purse",
        "0x12",
        "--payee",
        &shop,
        "--cumulative",
        "1",
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("40 hex digits"), "{ran:?}");
}

#[tokio::test]
async fn people_get_words() {
    let (world, purse, shop) = settled().await;
    world.chain.mine(2).await.unwrap();
    let (purse, shop, deployment) = (purse.to_string(), shop.to_string(), world.deployment_file());
    let chain = ["--rpc-url", world.url(), "--deployment", &deployment];
    let amount = units(30).to_string();
    let question = [
        "verify",
        "--purse",
        &purse,
        "--payee",
        &shop,
        "--cumulative",
        &amount,
    ];
    let ran = offpay(&[&question[..], &chain].concat());
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.starts_with("Yes, it took place."), "{ran:?}");
    let ran = offpay(&[&["purse", "--purse", &purse, "--payee", &shop], &chain[..]].concat());
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("is open."), "{ran:?}");
    let owner = world.owner.address().to_string();
    let ran = offpay(&[&["account", "--account", &owner, "--json"], &chain[..]].concat());
    assert_eq!(ran.json()["pledged"], units(50).to_string());
    let ran = offpay(&[&["purse", "--purse", &owner, "--json"], &chain[..]].concat());
    assert_eq!(ran.failed(), "error");
}
