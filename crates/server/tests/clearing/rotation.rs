//! The operator moves on to its next key, and whoever trusts it follows.

use offpay_api::{certificates::CertificateView, operator::OperatorView};
use offpay_chain::local;
use offpay_protocol::{OperatorId, Seconds, SigningKey, Timestamp, certificate::TrustedOperators};
use offpay_server::{StartError, start, testing::eventually};
use offpay_store::testing::Engine;

use super::support::{World, key};

fn secret(key: &SigningKey) -> String {
    key.expose_secret()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn card(world: &World) -> OperatorView {
    let card = world.server.get("/v1/operator", None).await.unwrap();
    serde_json::from_str(&card.text).unwrap()
}

/// A wallet that trusts the first key alone, after it looked at the card.
fn follow(first: OperatorId, card: &OperatorView) -> TrustedOperators {
    let mut trusted = TrustedOperators::new([first]);
    for rotation in card.keys.iter().filter_map(|key| key.rotation.as_ref()) {
        let domain = &card.domain;
        trusted
            .follow(&rotation.message, &rotation.signature, domain)
            .unwrap();
    }
    trusted
}

#[tokio::test(flavor = "multi_thread")]
async fn both_keys_count_each_in_its_time() {
    for engine in Engine::ALL {
        let next = local::key("the operator's next key").unwrap();
        let second = OperatorId::new(next.address());
        let mut from = Timestamp::ZERO;
        let mut world = World::with(engine, |config| config.settlement.gather_s = 3_600).await;
        let first = card(&world).await.operator;
        let ana = key("ana");
        let purse = world.purse(&ana).await;
        let certified = async |world: &World| -> Option<CertificateView> {
            serde_json::from_str(&world.certificate(purse).await.text).ok()
        };
        let before = certified(&world).await.unwrap();

        // It is announced: nothing changes yet but the card.
        from = from
            .max(world.server.app().now())
            .saturating_add(Seconds::DAY);
        let keys = &mut world.server.local.config.keys;
        keys.operator_next = Some(secret(&next).as_str().into());
        keys.operator_next_from = Some(from.get());
        world.server.start_again().await.unwrap();
        let announced = card(&world).await;
        assert_eq!(
            (announced.operator, announced.keys.len()),
            (first, 2),
            "{engine:?}"
        );
        assert_eq!(
            (announced.keys[1].operator, announced.keys[1].valid_from),
            (second, from)
        );
        let trusted = follow(first, &announced);
        let clear = async |world: &World, payee: u8, start: u128| {
            let payment = world.pay(&ana, payee, start, 10);
            let answer = world.clear(&payment).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            (payment, answer)
        };
        let (old_payment, old) = clear(&world, 7, 0).await;
        let by_old = world.cleared_by(&old_payment, &old.text, &trusted);
        assert_eq!(by_old.operator, first, "{engine:?}");

        // Its time comes, by the server's clock and the chain's.
        let wait = from.since(world.server.app().now());
        world
            .server
            .pass(Seconds::new(wait.get() + 3_600).unwrap())
            .await
            .unwrap();
        world.server.app().clock.see(from);
        let (new_payment, new) = clear(&world, 8, 10).await;
        let by_new = world.cleared_by(&new_payment, &new.text, &trusted);
        assert_eq!(by_new.operator, second, "{engine:?}");
        assert_eq!(card(&world).await.operator, second);
        // What the first one signed in its time goes on to count, and is given again.
        assert_eq!(world.clear(&old_payment).await.body, old.body);
        world.cleared_by(&old_payment, &old.text, &trusted);
        // Who did not look at the card believes the first alone.
        let ignorant = TrustedOperators::new([first]);
        assert!(world.check(&new_payment, &by_new, &ignorant).is_err());
        assert!(world.check(&old_payment, &by_old, &ignorant).is_ok());
        // A certificate of either, within its day.
        let after = eventually("a certificate of the time after", || async {
            let after = certified(&world).await;
            after.filter(|after| after.operator == second)
        })
        .await;
        for (certificate, operator) in [(&before, first), (&after, second)] {
            let signed = &certificate.certificate;
            assert_eq!(certificate.operator, operator);
            assert_eq!(signed.signer(), Ok(operator));
            assert!(trusted.trusts(operator, signed.message.as_of), "{engine:?}");
        }
        assert!(!trusted.trusts(first, after.certificate.message.as_of));
        // The list of closing purses goes on under the new key, with versions that only rise.
        let list = eventually("a list of the new key", || async {
            let list = world
                .server
                .get("/v1/revocations", None)
                .await
                .unwrap()
                .body;
            (list["operator"] == serde_json::json!(second)).then_some(list)
        })
        .await;
        assert_ne!(list["revocations"]["message"]["version"], "1", "{engine:?}");

        // The old key is put away.
        let config = &mut world.server.local.config;
        config.keys.operator = config.keys.operator_next.take();
        config.keys.operator_next_from = None;
        world.server.start_again().await.unwrap();
        world.server.app().clock.see(from);
        let (payment, third) = clear(&world, 9, 20).await;
        assert_eq!(
            world.cleared_by(&payment, &third.text, &trusted).operator,
            second
        );
        assert_eq!(world.clear(&old_payment).await.body, old.body);
        assert_eq!(
            card(&world).await.circle,
            announced.circle,
            "the circle stays what it was"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_wallets_would_not_believe_does_not_start() {
    let mut world = World::new(Engine::Sqlite).await;
    let next = local::key("the operator's next key").unwrap();
    let now = world.server.app().now();
    let code = |started: Result<_, StartError>| match started {
        Ok(_) => "started",
        Err(error) => error.code(),
    };
    let mut config = world.server.local.config.clone();
    world.server.stop().await;
    config.keys.operator_next = Some(secret(&next).as_str().into());
    // From when on is not said; or it is over.
    assert_eq!(code(start(config.clone()).await), "invalid_configuration");
    config.keys.operator_next_from = Some(now.get() - 1);
    assert_eq!(code(start(config.clone()).await), "operator_key_not_later");
    // Soon; then another than that one.
    config.keys.operator_next_from = Some(now.get() + 4);
    start(config.clone()).await.unwrap().stop().await;
    let other = local::key("another key").unwrap();
    let mut forked = config.clone();
    forked.keys.operator_next = Some(secret(&other).as_str().into());
    assert_eq!(code(start(forked).await), "operator_key_announced");
    // The old one alone, once its time is over.
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let mut old = config.clone();
    (old.keys.operator_next, old.keys.operator_next_from) = (None, None);
    assert_eq!(code(start(old).await), "operator_key_replaced");
    // The new one alone, with the circle left to be the operator's: it would be another circle.
    let mut new = config.clone();
    (new.keys.operator, new.keys.operator_next_from) = (new.keys.operator_next.take(), None);
    new.keys.circle = None;
    assert_eq!(code(start(new).await), "invalid_configuration");
    start(config).await.unwrap().stop().await;
}
