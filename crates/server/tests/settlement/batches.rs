//! Batches.

use offpay_operator::{
    outbox::{Purpose, TransactionState},
    storage::{EventStorage as _, OutboxStorage as _, SettlementStorage as _},
};
use offpay_server::testing::eventually;
use offpay_store::testing::Engine;

use crate::support::{World, account, key, units};

#[tokio::test(flavor = "multi_thread")]
async fn a_payees_payments_go_together_once_and_bad_rows_harm_none() {
    for engine in Engine::ALL {
        let mut world = World::new(engine).await;
        let owner = world.person("owner").await;
        let shop = account(1);
        let names = ["one", "two", "three"];
        let mut purses = Vec::new();
        for name in names {
            purses.push(world.purse(&owner, &key(name)).await);
        }
        // Nothing is looked at before all of them are there: the server is stopped meanwhile.
        let app = world.server.app().clone();
        for name in names {
            world.seen(&key(name), shop, 0, 40).await;
        }
        world.seen(&key("never opened"), shop, 0, 40).await;
        world.seen(&key("one"), account(2), 60, 60).await;
        for purse in &purses {
            eventually("paid", || async {
                (world.paid(*purse, shop).await == units(40)).then_some(())
            })
            .await;
        }
        // The turn that tells of a debt can come after the one that pays another.
        eventually("told of both", || async {
            let events = app.database.events_after(None, 0, 100).await.unwrap();
            let mut why: Vec<_> = events
                .iter()
                .filter(|event| event.kind == "debt.at_risk")
                .map(|event| event.body["why"].as_str().unwrap().to_owned())
                .collect();
            why.sort_unstable();
            (why == ["beyond_funds", "no_purse"]).then_some(())
        })
        .await;
        let sums = app.database.debt_sums().await.unwrap();
        assert_eq!(sums.unprotected, 100 * crate::support::UNIT);

        // Final: nothing of it is owed any more, and none of it is sent again, after a restart either.
        world.server.finalize().await.unwrap();
        eventually("settled", || async {
            let sums = app.database.debt_sums().await.unwrap();
            (sums.owed == sums.unprotected).then_some(())
        })
        .await;
        let spent = app.database.gas_spent().await.unwrap();
        world.server.start_again().await.unwrap();
        let app = world.server.app().clone();
        for _ in 0..3 {
            offpay_server::settlement::turn(&app).await.unwrap();
            world.server.finalize().await.unwrap();
        }
        assert_eq!(
            app.database.gas_spent().await.unwrap(),
            spent,
            "{engine:?}: nothing was sent again"
        );
        assert_eq!(spent.len(), 1);
        assert_eq!(spent[0].purpose, Purpose::Settle);
        assert!(spent[0].transactions <= 3, "{spent:?}");
        let (first, _) = app.database.transaction(1).await.unwrap().unwrap();
        assert_eq!(first.state, TransactionState::Final);
    }
}
