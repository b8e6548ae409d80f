//! Exports of what several servers clear.

use std::sync::atomic::{AtomicBool, Ordering};

use offpay_operator::storage::{ExportStorage as _, PaymentPlace};
use offpay_protocol::PaymentId;

use super::*;

/// What an export gives behind a place, and where it ended.
async fn export(database: &Database, mut after: PaymentPlace) -> (Vec<PaymentId>, PaymentPlace) {
    let upto = database.clearing_horizon().await.unwrap();
    let mut ids = Vec::new();
    loop {
        let page = database.export_payments(after, upto, 3).await.unwrap();
        let Some(last) = page.last() else {
            return (ids, after);
        };
        after = last.place;
        ids.extend(page.iter().map(|payment| payment.id));
    }
}

/// **O135**, under load: three servers, each with numbers of its own, and an export that goes on from cursor to cursor.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o135_exports_that_go_on_leave_nothing_out_and_tell_nothing_twice() {
    for (engine, servers) in [(Engine::Sqlite, 1), (Engine::Postgres, 3)] {
        let test = TestDatabase::new(engine).await.unwrap();
        let mut engines = Vec::new();
        for _ in 0..servers {
            let database = Database::open(&test.url).await.unwrap();
            engines.push(Engined::start(&database));
        }
        let done = AtomicBool::new(false);
        let clear = async {
            let mut cleared = Vec::new();
            for at in 0..40 {
                let one = async |payer: u8| {
                    let place = usize::from(payer) % engines.len();
                    let payment = pay(payer, 7, at * 10, 10, (at + 1) * 10);
                    engines[place].clearing.clear(payment).await.unwrap()
                };
                let all = futures_util::future::join_all((1..=9).map(one)).await;
                cleared.extend(all.into_iter().map(|cleared| cleared.payment));
            }
            done.store(true, Ordering::Release);
            cleared
        };
        let follow = async {
            let (mut told, mut place) = (Vec::new(), PaymentPlace::default());
            let mut last = false;
            while !last {
                // One more after the end.
                last = done.load(Ordering::Acquire);
                let (ids, after) = export(&test.database, place).await;
                told.extend(ids);
                place = after;
            }
            told
        };
        let (mut cleared, mut told) = tokio::join!(clear, follow);
        cleared.sort();
        told.sort();
        assert_eq!(told, cleared, "{engine:?}");
        for engined in engines {
            engined.stop().await;
        }
    }
}
