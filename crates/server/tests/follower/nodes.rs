//! Two nodes, one of which is not as it should be.

use std::time::Duration;

use offpay_operator::storage::{ChainStorage as _, EventStorage as _, FollowerStorage as _};
use offpay_protocol::Seconds;
use offpay_server::{
    follower,
    testing::proxy::{Manner, Proxy},
};
use offpay_store::testing::{Engine, TestDatabase};

use crate::world::{World, key, units};

/// A node that did not answer is left alone for at least 250 ms.
async fn rest() {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_down_or_behind_holds_up_what_is_final_and_nothing_else() {
    let world = World::new(Engine::Sqlite, 2).await;
    let alice = world.person("alice").await;
    world.mine(10).await;
    let proxy = Proxy::start(world.local.chain.url()).unwrap();
    let mut following = world.follower(&[world.local.chain.url(), &proxy.url]);
    following.catch_up(&world).await.unwrap();
    assert_eq!(following.alarms(), [""; 0]);
    let (head, finalized) = (following.head(), following.finalized());

    proxy.is(Manner::Down);
    world.purse(&alice, &key("device"), 300).await;
    world.mine(9).await;
    following.catch_up(&world).await.unwrap();
    assert_eq!(
        (following.head(), following.finalized()),
        (head + 10, finalized)
    );
    assert_eq!(following.alarms(), ["node_down"]);
    let purses = world.database().purses_of(alice.account()).await.unwrap();
    assert_eq!(
        (purses[0].funds, purses[0].finalized_funds),
        (units(300), units(0)),
        "clearing does not count on what one node alone says"
    );

    proxy.is(Manner::Behind(head + 1));
    rest().await;
    following.catch_up(&world).await.unwrap();
    assert_eq!(
        (following.head(), following.finalized()),
        (head + 10, finalized)
    );
    assert_eq!(following.alarms(), ["node_lagging"]);

    proxy.is(Manner::Honest);
    following.catch_up(&world).await.unwrap();
    assert_eq!(following.alarms(), [""; 0]);
    assert_eq!(following.finalized(), finalized + 10);
    let purses = world.database().purses_of(alice.account()).await.unwrap();
    assert_eq!(purses[0].finalized_funds, units(300));
    let kinds: Vec<_> = world
        .database()
        .events_after(None, 0, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|event| {
            (
                event.kind,
                event.body["alarm"].as_str().unwrap_or("").to_owned(),
            )
        })
        .collect();
    let told = |kind: &str, alarm: &str| (kind.to_owned(), alarm.to_owned());
    assert_eq!(
        kinds,
        [
            told("chain.alarm", "node_down"),
            told("chain.alarm_over", "node_down"),
            told("chain.alarm", "node_lagging"),
            told("chain.alarm_over", "node_lagging"),
        ],
        "each is told once when it begins and once when it is over"
    );
}

/// The first node fails: the second one leads.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_leads_while_the_first_is_down() {
    let world = World::new(Engine::Sqlite, 2).await;
    world.mine(10).await;
    let proxy = Proxy::start(world.local.chain.url()).unwrap();
    let mut following = world.follower(&[&proxy.url, world.local.chain.url()]);
    following.catch_up(&world).await.unwrap();
    let head = following.head();
    proxy.is(Manner::Down);
    world.mine(4).await;
    following.catch_up(&world).await.unwrap();
    assert_eq!(following.head(), head + 4);
    assert_eq!(following.alarms(), ["node_down"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lies_stops_everything() {
    let world = World::new(Engine::Sqlite, 2).await;
    let alice = world.person("alice").await;
    world.mine(10).await;
    let proxy = Proxy::start(world.local.chain.url()).unwrap();
    let mut config = world.config.clone();
    config.follow.disagreement_s = 0;
    // Whichever of the two it is that lies.
    for lies_first in [false, true] {
        let mut urls = [world.local.chain.url(), proxy.url.as_str()];
        if lies_first {
            urls.reverse();
        }
        config.chain.nodes = urls.iter().map(|url| (*url).into()).collect();
        for manner in [Manner::OtherBlocks, Manner::Silent] {
            proxy.is(Manner::Honest);
            let mut following = world.follower_with(&config);
            following.catch_up(&world).await.unwrap();
            let before = world.database().chain_cursor().await.unwrap();
            // Something is told in the next blocks, and in those that become final.
            let device = key(&format!("device {lies_first} {manner:?}"));
            world.purse(&alice, &device, 10).await;
            world.mine(1).await;

            proxy.is(manner);
            let error = following.catch_up(&world).await.unwrap_err();
            assert_eq!(error.code(), "nodes_disagree", "{manner:?}");
            assert!(error.is_retryable());
            assert_eq!(following.alarms(), ["nodes_disagree"]);
            let stopped = world.database().chain_cursor().await.unwrap();
            assert_eq!(stopped, before, "{manner:?}: nothing advances");

            proxy.is(Manner::Honest);
            following.catch_up(&world).await.unwrap();
            assert_eq!(following.alarms(), [""; 0]);
        }
    }
}

/// What one node alone told is compared before it becomes final.
#[tokio::test(flavor = "multi_thread")]
async fn a_lie_that_was_told_alone_is_found_before_it_is_final() {
    let world = World::new(Engine::Sqlite, 2).await;
    let alice = world.person("alice").await;
    world.mine(10).await;
    let (liar, honest) = (
        Proxy::start(world.local.chain.url()).unwrap(),
        Proxy::start(world.local.chain.url()).unwrap(),
    );
    let mut config = world.config.clone();
    config.follow.disagreement_s = 0;
    config.chain.nodes = vec![liar.url.as_str().into(), honest.url.as_str().into()];
    let mut following = world.follower_with(&config);
    following.catch_up(&world).await.unwrap();
    let finalized = following.finalized();
    honest.is(Manner::Down);
    liar.is(Manner::Silent);
    let purse = world.purse(&alice, &key("concealed"), 10).await;
    world.mine(6).await;
    following.catch_up(&world).await.unwrap();
    assert_eq!(world.database().purse(purse).await.unwrap(), None);

    honest.is(Manner::Honest);
    rest().await;
    let error = following.catch_up(&world).await.unwrap_err();
    assert_eq!(error.code(), "nodes_disagree");
    assert_eq!(following.finalized(), finalized);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_chain_contract_or_database_is_refused_at_the_start() {
    let world = World::new(Engine::Sqlite, 1).await;
    let (database, deployment) = (world.database(), &world.local.deployment);
    follower::check(database, &world.config, deployment)
        .await
        .unwrap();

    let mut elsewhere = deployment.clone();
    elsewhere.chain_id += 1;
    let error = follower::check(database, &world.config, &elsewhere)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "wrong_chain");
    let mut elsewhere = deployment.clone();
    elsewhere.contract = deployment.token;
    let error = follower::check(database, &world.config, &elsewhere)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "not_offpay");
    elsewhere.contract = [0x55; 20].into();
    let error = follower::check(database, &world.config, &elsewhere)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "no_contract");

    // The second node counts as much as the first.
    let proxy = Proxy::start(world.local.chain.url()).unwrap();
    let mut config = world.config.clone();
    config.chain.nodes.push(proxy.url.as_str().into());
    proxy.is(Manner::OtherChain);
    let error = follower::check(database, &config, deployment)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "wrong_chain");
    // One that is down does not keep the server from starting.
    proxy.is(Manner::Down);
    follower::check(database, &config, deployment)
        .await
        .unwrap();

    // The database of another deployment.
    let other = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let foreign = offpay_operator::follower::Deployed {
        chain_id: deployment.chain_id,
        contract: [0x66; 20].into(),
        treasury: deployment.treasury,
    };
    let block = offpay_operator::follower::BlockRef {
        number: 0,
        hash: Default::default(),
        time: world.now().await,
    };
    other.database.start_chain(&foreign, block).await.unwrap();
    let error = follower::check(&other.database, &world.config, deployment)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "other_deployment");
}

/// A node that is replaced by one of another chain while the server runs.
#[tokio::test(flavor = "multi_thread")]
async fn the_guard_goes_on_while_it_runs() {
    let world = World::new(Engine::Sqlite, 1).await;
    world.mine(5).await;
    let proxy = Proxy::start(world.local.chain.url()).unwrap();
    let mut following = world.follower(&[&proxy.url]);
    following.catch_up(&world).await.unwrap();
    let head = following.head();
    proxy.is(Manner::OtherChain);
    world.mine(3).await;
    following.catch_up(&world).await.unwrap_err();
    assert_eq!(following.head(), head);
    assert_eq!(following.alarms(), ["node_down", "wrong_node"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_stands_still_is_an_alarm() {
    let world = World::new(Engine::Sqlite, 1).await;
    world.mine(5).await;
    let mut config = world.config.clone();
    config.follow.stale_s = 60;
    let mut following = world.follower_with(&config);
    following.catch_up(&world).await.unwrap();
    assert_eq!(following.alarms(), [""; 0]);
    let later = world.now().await.saturating_add(Seconds::HOUR);
    following.follower.step(later).await.unwrap();
    assert_eq!(following.alarms(), ["stale_head"]);
    world.local.chain.pass_until(later).await.unwrap();
    following.catch_up(&world).await.unwrap();
    assert_eq!(following.alarms(), [""; 0]);
}
