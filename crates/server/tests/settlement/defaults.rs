//! Payers who do not pay.

use offpay_protocol::Seconds;
use offpay_server::testing::eventually;
use offpay_store::testing::Engine;

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
    }
}
