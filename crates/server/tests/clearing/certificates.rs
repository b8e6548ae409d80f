//! What payees with no network are told: certificates, and which purses are closing.

use std::collections::BTreeSet;

use offpay_api::{certificates::CertificateView, revocations::RevocationsView};
use offpay_protocol::{
    Seconds, certificate::check_certificate, cover::Parameters, revocations::RevocationList,
};
use offpay_server::testing::{Answer, TestServer, TestServerError, eventually};
use offpay_store::testing::Engine;
use reqwest::Method;

use super::support::{World, key, units};

async fn check(world: &World, answer: &Answer) -> CertificateView {
    let view: CertificateView = serde_json::from_str(&answer.text)
        .unwrap_or_else(|error| panic!("no certificate: {error}: {}", answer.text));
    let parameters: Parameters = world.contract.configuration().parameters;
    let checked = check_certificate(
        &view.certificate.message,
        &view.certificate.signature,
        world.contract.domain(),
        &world.trusted().await,
        &parameters,
        world.server.app().now(),
    );
    assert_eq!(checked, Ok(view.operator));
    view
}

async fn revocations(world: &World, since: Option<u64>) -> Option<RevocationsView> {
    let path = match since {
        Some(since) => format!("/v1/revocations?since={since}"),
        None => "/v1/revocations".to_owned(),
    };
    let answer = world.server.get(&path, None).await.unwrap();
    serde_json::from_str(&answer.text).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_states_the_newest_final_block_until_the_purse_closes() {
    let world = World::new(Engine::Sqlite).await;
    let ana = key("ana");
    let purse = world.opened(&ana).await;
    // Nothing is stated of what can be taken back.
    eventually("the head is followed", || async {
        let head = world.server.app().chain.cursor()?.head.number;
        let latest = world.contract.node().block(offpay_chain::BlockId::latest());
        (latest.await.unwrap().number <= head).then_some(())
    })
    .await;
    let early = world.certificate(purse).await;
    assert_eq!(
        (early.status.as_u16(), early.code()),
        (404, "unknown_purse")
    );
    world.server.finalize().await.unwrap();
    let answer = eventually("it is certified", || async {
        let answer = world.certificate(purse).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    let CertificateView { certificate, .. } = check(&world, &answer).await;
    let said = certificate.message;
    assert_eq!((said.purse, said.owner), (purse, world.owner.account()));
    assert_eq!((said.funds, said.pledge), (units(100), units(50)));
    assert_eq!(said.cover_count, 1);
    let final_block = world.contract.node().finalized().await.unwrap();
    assert_eq!(said.as_of, final_block.timestamp);
    let path = format!("/v1/purses/{purse}/certificate");
    let posted = world
        .server
        .send(Method::POST, &path, None, None, &[])
        .await;
    check(&world, &posted.unwrap()).await;

    // Closing: from the head on, for what is begun there may become final.
    let first = eventually("a first list", || revocations(&world, None)).await;
    let close = world.contract.request_purse_close(purse);
    close.send(&world.owner).await.unwrap();
    let refused = eventually("it is refused", || async {
        let answer = world.certificate(purse).await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "purse_closing")
    );
    world.server.finalize().await.unwrap();
    let list = eventually("it is listed", || async {
        revocations(&world, None)
            .await
            .filter(|list| list.added.contains(&purse))
    })
    .await;
    assert!(list.revocations.message.version > first.revocations.message.version);
    assert_eq!(world.certificate(purse).await.code(), "purse_closing");
    assert_eq!(
        world.clear(&world.pay(&ana, 7, 0, 10)).await.code(),
        "purse_closing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_followed_by_its_changes() {
    let world = World::new(Engine::Sqlite).await;
    let trusted = world.trusted().await;
    let domain = *world.contract.domain();
    let (ana, ben, mallory) = (key("ana"), key("ben"), key("mallory"));
    let (a, b) = (world.purse(&ana).await, world.purse(&ben).await);
    let m = world.purse(&mallory).await;
    // What a reader holds, and checks, after each look.
    let mut held = BTreeSet::new();
    let mut version = None;
    for step in 0..3 {
        let expected = match step {
            0 => {
                let close = world.contract.request_purse_close(a);
                close.send(&world.owner).await.unwrap();
                BTreeSet::from([a])
            }
            1 => {
                // Listed as soon as it is known here: the report does not get into a block yet.
                world.server.local.chain.set_automine(false).await.unwrap();
                world.clear(&world.pay(&mallory, 7, 0, 10)).await;
                let second = world.clear(&world.pay(&mallory, 8, 0, 10)).await;
                assert_eq!(second.code(), "double_spend");
                BTreeSet::from([a, m])
            }
            _ => {
                let stopped = world.contract.purse(m).await.unwrap().unwrap();
                assert!(!stopped.reported);
                world.server.local.chain.set_automine(true).await.unwrap();
                let close = world.contract.request_purse_close(b);
                close.send(&world.owner).await.unwrap();
                // The first is closed meanwhile, and leaves the list.
                world.server.pass(Seconds::days(8)).await.unwrap();
                world
                    .contract
                    .close_purse(a)
                    .send(&world.owner)
                    .await
                    .unwrap();
                BTreeSet::from([b, m])
            }
        };
        let digest = RevocationList::new(expected.clone()).digest();
        let changes = eventually("the list is as expected", || async {
            let changes = revocations(&world, version).await?;
            (changes.revocations.message.digest == digest).then_some(changes)
        })
        .await;
        assert_eq!(changes.since, version.unwrap_or(0));
        held.extend(changes.added);
        for purse in &changes.removed {
            held.remove(purse);
        }
        assert_eq!(held, expected, "step {step}");
        let signed = changes.revocations;
        let checked = RevocationList::new(held.clone()).check(
            &signed.message,
            &signed.signature,
            &domain,
            &trusted,
        );
        assert_eq!(checked, Ok(changes.operator));
        assert!(version.is_none_or(|before| before < signed.message.version));
        version = Some(signed.message.version);
    }
    // All of it, and a version that never was.
    for since in [None, Some(1_000_000)] {
        let all = revocations(&world, since).await.unwrap();
        assert_eq!((all.since, all.removed.len()), (0, 0));
        assert_eq!(BTreeSet::from_iter(all.added), held);
    }
}

/// Wallets would not believe what another key signs.
#[tokio::test(flavor = "multi_thread")]
async fn another_operator_key_does_not_start() {
    let mut server = TestServer::start().await.unwrap();
    let configured = server.local.config.keys.operator.clone();
    server.local.config.keys.operator = Some("11".repeat(32).as_str().into());
    let Err(TestServerError::Start(refused)) = server.start_again().await else {
        panic!("it started with another key");
    };
    assert_eq!(refused.code(), "operator_key_unknown");
    assert!(!refused.is_retryable());
    server.local.config.keys.operator = configured;
    server.start_again().await.unwrap();
}
