//! Reports of double spends that failed.

use offpay_server::testing::eventually;
use offpay_store::testing::Engine;

use super::support::{World, key};

/// The report cannot be sent at first; later it can, and is, although the work of that name failed.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_failed_is_sent_again() {
    let mut world = World::with(Engine::Sqlite, |config| {
        // Nothing is as cheap as that: every transaction is refused.
        config.outbox.most_gas = 30_000;
        config.settlement.aside_s = 1;
    })
    .await;
    let mallory = key("mallory");
    let purse = world.purse(&mallory).await;
    for payee in [7, 8] {
        world.clear(&world.pay(&mallory, payee, 0, 10)).await;
    }
    eventually("the report fails", || async {
        let events = world.server.app().database.clone();
        let events = offpay_operator::storage::EventStorage::events_after(&events, None, 0, 100);
        let failed = events.await.unwrap().into_iter().any(|event| {
            event.kind == "transaction.failed" && event.body["purpose"] == "report_double_spend"
        });
        failed.then_some(())
    })
    .await;
    world.server.local.config.outbox.most_gas = 10_000_000;
    world.server.start_again().await.unwrap();
    eventually("the purse is reported on-chain", || async {
        let state = world.contract.purse(purse).await.unwrap()?;
        (state.reported && state.closes_at.is_some()).then_some(())
    })
    .await;
}
