//! The event log.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    storage::EventStorage as _,
};
use offpay_protocol::Timestamp;
use offpay_store::testing::{Engine, TestDatabase};
use uuid::Uuid;

fn event(audience: Audience, number: u32) -> NewEvent {
    NewEvent {
        audience,
        kind: "test.happened",
        body: serde_json::json!({ "number": number }),
    }
}

#[tokio::test]
async fn each_reads_what_is_for_them_in_order() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let (alice, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let now = Timestamp::new(1_700_000_000).unwrap();
        for number in 0..6 {
            let audience = match number % 3 {
                0 => Audience::User(alice),
                1 => Audience::User(bob),
                _ => Audience::Operator,
            };
            test.database
                .append_events(&[event(audience, number)], now)
                .await
                .unwrap();
        }
        let all = test.database.events_after(None, 0, 100).await.unwrap();
        assert_eq!(all.len(), 6, "{engine:?}: the operator reads all");
        assert!(all.is_sorted_by_key(|event| event.sequence));
        assert!(all.iter().all(|event| event.at == now));

        let first = test.database.events_after(Some(alice), 0, 1).await.unwrap();
        assert_eq!(first.len(), 1);
        let rest = test
            .database
            .events_after(Some(alice), first[0].sequence, 100)
            .await
            .unwrap();
        assert_eq!(rest.len(), 1, "{engine:?}: a cursor gives what follows");
        assert_eq!(rest[0].body["number"], 3);
    }
}

/// A reader that has seen a sequence number must not miss a lower one that commits later.
#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_numbers_is_the_order_of_commits() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let now = Timestamp::new(1_700_000_000).unwrap();
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let database = test.database.clone();
                tokio::spawn(async move {
                    for number in 0..10 {
                        let event = event(Audience::Operator, writer * 10 + number);
                        database.append_events(&[event], now).await.unwrap();
                    }
                })
            })
            .collect();
        let (mut cursor, mut seen) = (0, 0);
        while seen < 80 {
            let events = test.database.events_after(None, cursor, 7).await.unwrap();
            seen += events.len();
            cursor = events.last().map_or(cursor, |event| event.sequence);
            if events.is_empty() && writers.iter().all(tokio::task::JoinHandle::is_finished) {
                let left = test.database.events_after(None, cursor, 100).await.unwrap();
                seen += left.len();
                break;
            }
        }
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(seen, 80, "{engine:?}");
    }
}

#[tokio::test]
async fn what_is_stored_is_there_when_it_is_opened_again() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let now = Timestamp::new(1_700_000_000).unwrap();
        let event = event(Audience::Operator, 1);
        test.database.append_events(&[event], now).await.unwrap();
        test.database.close().await;
        let again = offpay_store::Database::open(&test.url).await.unwrap();
        assert_eq!(again.events_after(None, 0, 10).await.unwrap().len(), 1);
    }
}
