//! Payers who do not pay.

use offpay_protocol::{AccountId, PurseKey, Seconds};
use offpay_server::testing::eventually;
use offpay_store::testing::Engine;
use serde_json::json;

use crate::support::{World, key, units};

/// The settlement period is really missed, and collateral is really slashed; nobody calls anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_default_is_claimed_out_of_collateral_by_itself() {
    for engine in Engine::ALL {
        let world = World::new(engine).await;
        let (owner, alice, bob) = (
            world.person("owner").await,
            world.person("alice").await,
            world.person("bob").await,
        );
        for member in [&alice, &bob] {
            world
                .contract
                .admit(member.account())
                .send(&world.circle)
                .await
                .unwrap();
        }
        let delay = world.contract.configuration().parameters.close_delay;
        world.server.pass(delay).await.unwrap();
        let device = key("device");
        let purse = world.purse(&owner, &device).await;
        // The same money, promised twice.
        world.seen(&device, alice.account(), 0, 100).await;
        world.seen(&device, bob.account(), 0, 100).await;
        let in_default = eventually("one of them is in default", || async {
            for payee in [alice.account(), bob.account()] {
                let pair = world.contract.pair(purse, payee).await.unwrap();
                if pair.in_default_since.is_some() {
                    return Some(payee);
                }
            }
            None
        })
        .await;
        let pair = world.contract.pair(purse, in_default).await.unwrap();
        told_to_the_operator(&world, purse, in_default).await;
        // A pledge of 50, less a tenth.
        assert_eq!(pair.reserved, units(45), "{engine:?}");
        assert_eq!(pair.paid, units(0));
        world.server.finalize().await.unwrap();
        let collateral = |account| {
            let contract = world.contract.clone();
            async move { contract.account(account).await.unwrap().collateral }
        };
        assert_eq!(
            collateral(owner.account()).await,
            units(500),
            "there is still time to make good"
        );

        world.server.pass(Seconds::DAY).await.unwrap();
        world.server.pass(Seconds::new(2).unwrap()).await.unwrap();
        eventually("it is claimed", || async {
            (world.paid(purse, in_default).await == units(45)).then_some(())
        })
        .await;
        let state = world.contract.purse(purse).await.unwrap().unwrap();
        assert!(state.condemned, "{engine:?}");
        assert_eq!(state.paid_from_collateral, units(45));
        assert!(collateral(owner.account()).await < units(500), "slashed");
        let spent = eventually("the claim is final, and what it cost is known", || async {
            world.server.finalize().await.unwrap();
            let gas = world.admin("/v1/admin/gas").await;
            let days = gas["days"].as_array().unwrap();
            let purposes: Vec<_> = days.iter().map(|day| day["purpose"].clone()).collect();
            purposes.contains(&json!("claim")).then_some(gas)
        })
        .await;
        let sum: u128 = spent["days"]
            .as_array()
            .unwrap()
            .iter()
            .map(|day| day["wei"].as_str().unwrap().parse::<u128>().unwrap())
            .sum();
        assert_eq!(spent["wei"], sum.to_string(), "{engine:?}");
        assert!(sum > 0);
    }
}

/// The operator sees the default, its clock, and why the purse is at risk.
async fn told_to_the_operator(world: &World, purse: PurseKey, payee: AccountId) {
    let default = eventually("the operator sees the default", || async {
        let defaults = world.admin("/v1/admin/defaults").await;
        let first = defaults["items"][0].clone();
        (defaults["total"] == 1).then_some(first)
    })
    .await;
    assert_eq!(default["purse"], json!(purse));
    assert_eq!(default["payee"], json!(payee));
    assert_eq!(default["state"], "in_period");
    assert_eq!(default["ours"], true);
    assert_eq!(default["reserved"], json!(units(45)));
    let clock = |name: &str| default[name].as_u64().unwrap();
    let period = world.contract.configuration().parameters.settlement_period;
    assert_eq!(clock("period_ends_at") - clock("since"), period.get());
    let risk = eventually("the purse is told to be at risk", || async {
        let page = world.admin("/v1/admin/at-risk").await;
        let risk = page["items"][0].clone();
        risk["why"]
            .as_array()?
            .contains(&json!("in_default"))
            .then_some(risk)
    })
    .await;
    assert_eq!(risk["purse"], json!(purse));
    assert_eq!(risk["pledge"], json!(units(50)));
    assert_eq!(risk["cover"], json!(units(45)));
    let overview = world.admin("/v1/admin/overview").await;
    assert_eq!(overview["defaults"], 1);
}
