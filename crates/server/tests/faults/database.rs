//! PostgreSQL is gone for a while, under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use offpay_operator::storage::OutboxStorage as _;
use offpay_protocol::{
    AccountId, Amount, Domain, Reference, Signable as _, Signed, messages::Payment,
};
use offpay_server::testing::eventually;
use offpay_store::testing::{Engine, PostgresServer};
use serde_json::{Value, json};

use super::support::{World, key};

const PAYERS: u8 = 4;

fn pay(domain: Domain, payer: u8, at: u64) -> Signed<Payment> {
    let message = Payment {
        payee: AccountId::new([payer + 1; 20].into()),
        start: (at * 10).into(),
        amount: 10_u64.into(),
        cumulative: ((at + 1) * 10).into(),
        reference: Reference::ZERO,
    };
    let key = key(&format!("payer {payer}"));
    Signed {
        domain,
        message,
        signature: message.sign(&domain, &key).unwrap(),
    }
}

/// Pays again and again until it is told to stop; what was acknowledged.
async fn load(url: String, domain: Domain, payer: u8, stop: Arc<AtomicBool>) -> Vec<Value> {
    let client = reqwest::Client::new();
    let mut acknowledged = Vec::new();
    for at in 0.. {
        let payment = pay(domain, payer, at);
        loop {
            if stop.load(Ordering::Relaxed) {
                return acknowledged;
            }
            let body = json!({ "payment": payment });
            let answer = client.post(&url).json(&body).send().await.unwrap();
            let status = answer.status();
            let body: Value = answer.json().await.unwrap();
            if status == 200 {
                acknowledged.push(body);
                break;
            }
            // It is said so, and that asking again helps.
            assert_eq!(
                (status.as_u16(), &body["retryable"]),
                (503, &json!(true)),
                "{body}"
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
    acknowledged
}

/// **O113**: twice, for longer than a lease lasts; nothing acknowledged is lost, and every loop goes on by itself.
#[tokio::test(flavor = "multi_thread")]
async fn o113_what_was_acknowledged_outlives_a_database_that_goes_and_comes_back() {
    let postgres = PostgresServer::start().unwrap();
    let url = postgres.new_database().await.unwrap();
    let world = World::with(Engine::Sqlite, |config| {
        config.database.url = url.as_str().into();
        config.database.lease_ms = 1_000;
        config.settlement.poll_ms = 200;
        config.settlement.gather_s = 0;
        config.settlement.cheap_gas_gwei = 1_000;
    })
    .await;
    let (server, domain) = (&world.server, *world.contract.domain());
    let mut purses = Vec::new();
    for payer in 0..PAYERS {
        purses.push(world.purse(&key(&format!("payer {payer}"))).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let payers: Vec<_> = (0..PAYERS)
        .map(|payer| {
            let url = server.url("/v1/payments");
            tokio::spawn(load(url, domain, payer, Arc::clone(&stop)))
        })
        .collect();
    let ready = async |ready: bool| {
        eventually("ready, or not", || async {
            let answer = server.get("/readyz", None).await.unwrap();
            let is_ready = answer.status == 200;
            if !ready {
                assert_eq!(
                    answer.body["parts"]["database"], is_ready,
                    "{}",
                    answer.text
                );
            }
            (is_ready == ready).then_some(())
        })
        .await;
    };
    for gone in [300, 2_500] {
        tokio::time::sleep(Duration::from_millis(700)).await;
        postgres.stop().unwrap();
        ready(false).await;
        tokio::time::sleep(Duration::from_millis(gone)).await;
        postgres.start_again().unwrap();
        ready(true).await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    stop.store(true, Ordering::Relaxed);
    let mut all = 0;
    for (payer, load) in (0..PAYERS).zip(payers) {
        let acknowledged = load.await.unwrap();
        all += acknowledged.len();
        for (at, before) in (0_u64..).zip(&acknowledged) {
            let again = world.clear(&pay(domain, payer, at)).await;
            assert_eq!(again.body, *before, "payer {payer}: {at}");
        }
        // The settling, sending and following loops are back: what was promised is paid, once.
        let owed = Amount::from_u64(u64::try_from(acknowledged.len()).unwrap() * 10);
        let purse = purses[usize::from(payer)];
        let payee = AccountId::new([payer + 1; 20].into());
        eventually("the debt is settled", || async {
            server.finalize().await.unwrap();
            // The last one may have been recorded, and its answer lost.
            let paid = world.contract.paid_to(purse, payee).await.unwrap();
            (paid >= owed).then_some(())
        })
        .await;
    }
    assert!(all > 20, "the load was no load: {all}");
    eventually("the followed chain is at the head", || async {
        server.finalize().await.unwrap();
        let followed = server.app().chain.cursor()?.head.number;
        let head = server
            .contract()
            .node()
            .block(offpay_chain::BlockId::latest());
        (followed + 3 > head.await.unwrap().number).then_some(())
    })
    .await;
    eventually("nothing waits to be sent", || async {
        server.finalize().await.unwrap();
        let unmined = server.app().database.first_unmined().await.unwrap();
        unmined.is_none().then_some(())
    })
    .await;
    // Whoever comes now is served as ever.
    let body = json!({ "handle": "later", "password": "correct horse battery" });
    let later = server.post("/v1/users", None, &body).await.unwrap();
    assert_eq!(later.status, 201, "{}", later.text);
}
