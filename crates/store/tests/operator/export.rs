//! What is exported while others write.

use std::time::Duration;

use offpay_operator::storage::{
    ExportStorage as _, PaymentPlace, clearing::ClearingStorage as _, clearing::StoredPayment,
};
use offpay_protocol::PaymentId;
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::clearing::{commit, pay};

/// What an export gives behind a place, in pages of two, and where it ended.
async fn export(database: &Database, mut after: PaymentPlace) -> (Vec<PaymentId>, PaymentPlace) {
    let upto = database.clearing_horizon().await.unwrap();
    let mut ids = Vec::new();
    loop {
        let page = database.export_payments(after, upto, 2).await.unwrap();
        let Some(last) = page.last() else {
            return (ids, after);
        };
        after = last.place;
        ids.extend(page.iter().map(|payment| payment.id));
    }
}

fn ids(payments: &[StoredPayment]) -> Vec<PaymentId> {
    payments.iter().map(|stored| stored.id).collect()
}

/// Servers take numbers in blocks: what is cleared later can have lower ones.
#[tokio::test]
async fn payments_are_exported_in_the_order_in_which_they_were_written() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let (one, other) = (&test.database, Database::open(&test.url).await.unwrap());
        let (low, high) = (
            one.reserve_numbers(10).await.unwrap(),
            other.reserve_numbers(10).await.unwrap(),
        );
        let first = [pay(1, 7, 0, 10, 10), pay(1, 7, 10, 5, 15)];
        let second = [
            pay(2, 7, 0, 10, 10),
            pay(2, 7, 10, 1, 11),
            pay(2, 7, 11, 1, 12),
        ];
        other.commit_clearing(&commit(high, &first)).await.unwrap();
        let (told, place) = export(one, PaymentPlace::default()).await;
        assert_eq!(told, ids(&first), "{engine:?}");
        one.commit_clearing(&commit(low, &second)).await.unwrap();
        let third = [pay(3, 7, 0, 10, 10)];
        let commit = commit(high + 2, &third);
        other.commit_clearing(&commit).await.unwrap();
        let (told, last) = export(&other, place).await;
        assert_eq!(
            told,
            [ids(&second), ids(&third)].concat(),
            "{engine:?}: behind a cursor"
        );
        assert_eq!(export(one, last).await, (Vec::new(), last));
        let all = [ids(&first), ids(&second), ids(&third)].concat();
        assert_eq!(export(one, PaymentPlace::default()).await.0, all);
    }
}

/// Tables that were filled before commits had positions.
#[tokio::test]
async fn payments_of_before_are_exported_first_by_their_numbers() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let second = [pay(1, 7, 0, 10, 10), pay(1, 7, 10, 5, 15)];
        let first = [pay(2, 7, 0, 10, 10)];
        for (number, payments) in [(20, &second[..]), (3, &first[..])] {
            let commit = commit(number, payments);
            database.commit_clearing(&commit).await.unwrap();
        }
        test.run("UPDATE clearances SET position = 0")
            .await
            .unwrap();
        let third = [pay(3, 7, 0, 10, 10)];
        database.commit_clearing(&commit(1, &third)).await.unwrap();
        let (told, _) = export(database, PaymentPlace::default()).await;
        assert_eq!(
            told,
            [ids(&first), ids(&second), ids(&third)].concat(),
            "{engine:?}"
        );
    }
}

/// **O135**: a commit with a smaller position becomes visible after one with a larger.
#[tokio::test(flavor = "multi_thread")]
async fn o135_an_export_waits_for_commits_that_are_being_written() {
    let test = TestDatabase::new(Engine::Postgres).await.unwrap();
    let (slow, fast) = (&test.database, Database::open(&test.url).await.unwrap());
    let numbers = fast.reserve_numbers(10).await.unwrap();
    let first = pay(1, 7, 0, 10, 10);
    slow.commit_clearing(&commit(numbers, &[first]))
        .await
        .unwrap();
    let (told, place) = export(&fast, PaymentPlace::default()).await;
    assert_eq!(told, [first.id]);

    // The next commit is held after it has written its payment, and before it raises what the purse owes.
    let mut holder = PgConnection::connect(&test.url).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    held.execute("SELECT cumulative FROM pairs FOR UPDATE")
        .await
        .unwrap();
    let late = pay(1, 7, 10, 10, 20);
    let waiting = tokio::spawn({
        let slow = slow.clone();
        async move { slow.commit_clearing(&commit(numbers + 1, &[late])).await }
    });
    let mut watcher = PgConnection::connect(&test.url).await.unwrap();
    while 0_i64
        == sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
             AND query LIKE 'INSERT INTO pairs%' AND datname = current_database()",
        )
        .fetch_one(&mut watcher)
        .await
        .unwrap()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let later = pay(2, 8, 0, 10, 10);
    fast.commit_clearing(&commit(numbers + 2, &[later]))
        .await
        .unwrap();
    let exporting = tokio::spawn({
        let fast = fast.clone();
        async move { export(&fast, place).await }
    });
    // Longer than it waits for a table at a time: those who write meanwhile are not held up until the last is done.
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(
        !exporting.is_finished(),
        "it does not wait for what is being written"
    );
    let between = pay(2, 8, 10, 10, 20);
    let commit = commit(numbers + 3, &[between]);
    tokio::time::timeout(Duration::from_secs(2), fast.commit_clearing(&commit))
        .await
        .expect("an export holds up clearing")
        .unwrap();
    held.rollback().await.unwrap();
    waiting.await.unwrap().unwrap();
    let (mut told, place) = exporting.await.unwrap();
    let (behind, _) = export(&fast, place).await;
    told.extend(behind);
    assert_eq!(told, ids(&[late, later, between]));
}
