//! How the outbox is sent: nonces, signings and what became of them.

use offpay_operator::{
    event::{Audience, NewEvent},
    outbox::{Inclusion, NewAttempt, NewTransaction, Purpose, TransactionState, fees::Fees},
    storage::{EventStorage as _, OutboxStorage as _, Outcome, StorageError},
};
use offpay_protocol::Timestamp;
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};

const SENDER: [u8; 20] = [7; 20];

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

fn work(name: &str, deadline: Option<u64>) -> NewTransaction {
    NewTransaction {
        work: name.into(),
        purpose: Purpose::Settle,
        to: [1; 20],
        calldata: vec![1, 2, 3],
        deadline: deadline.map(at),
    }
}

fn attempt(transaction: i64, nonce: u64, hash: u8) -> NewAttempt {
    NewAttempt {
        transaction,
        sender: SENDER,
        nonce,
        hash: [hash; 32],
        raw: vec![hash; 100],
        gas_limit: 100_000,
        fees: Fees {
            most: 1_000 + u64::from(hash),
            priority: Some(1),
        },
        cancels: false,
    }
}

fn block(number: u64, succeeded: bool) -> Inclusion {
    Inclusion {
        block: number,
        block_hash: [9; 32],
        succeeded,
        gas_used: 50_000,
        gas_price: u64::try_from(i64::MAX).unwrap(),
    }
}

fn included(hash: u8, inclusion: Inclusion) -> Outcome {
    let failure = (!inclusion.succeeded).then(|| "Because".to_owned());
    let hash = [hash; 32];
    Outcome::Included {
        hash,
        inclusion,
        failure,
    }
}

fn finalized(hash: u8, inclusion: Inclusion) -> Outcome {
    let failure = (!inclusion.succeeded).then(|| "Because".to_owned());
    let hash = [hash; 32];
    Outcome::Final {
        hash,
        inclusion,
        failure,
    }
}

async fn state(database: &Database, number: i64) -> TransactionState {
    database.transaction(number).await.unwrap().unwrap().0.state
}

#[tokio::test]
async fn work_is_queued_once_and_the_nearest_deadline_comes_first() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let works = [
            work("none", None),
            work("late", Some(200)),
            work("soon", Some(100)),
            work("none 2", None),
        ];
        let numbers = test
            .database
            .append_transactions(&works, at(0))
            .await
            .unwrap();
        let again = test
            .database
            .append_transactions(&works, at(5))
            .await
            .unwrap();
        assert_eq!(numbers, again, "{engine:?}");
        let queued = test.database.queued(10).await.unwrap();
        let names: Vec<_> = queued.iter().map(|queued| queued.work.as_str()).collect();
        assert_eq!(names, ["soon", "late", "none", "none 2"], "{engine:?}");
        assert_eq!(queued[0].deadline, Some(at(100)));
        assert_eq!(
            (queued[0].created_at, &queued[0].calldata[..]),
            (at(0), &[1, 2, 3][..])
        );
        assert_eq!(test.database.queued(1).await.unwrap().len(), 1);
        assert_eq!(
            test.database.first_unmined().await.unwrap(),
            Some(numbers[0])
        );
    }
}

#[tokio::test]
async fn a_transaction_has_one_nonce_and_a_nonce_one_transaction() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let numbers = database
            .append_transactions(&[work("a", None), work("b", None)], at(0))
            .await
            .unwrap();
        let (a, b) = (numbers[0], numbers[1]);
        assert_eq!(database.next_nonce(SENDER).await.unwrap(), None);
        let stored = database
            .record_attempt(&attempt(a, 5, 1), at(1))
            .await
            .unwrap();
        assert_eq!(
            (stored.signed_at, stored.sent_at, stored.inclusion),
            (at(1), None, None)
        );
        assert_eq!(database.next_nonce(SENDER).await.unwrap(), Some(6));
        assert_eq!(
            database.next_nonce([8; 20]).await.unwrap(),
            None,
            "another sender"
        );
        assert_eq!(state(database, a).await, TransactionState::Sent);

        let refused = |result: Result<_, StorageError>| {
            assert!(
                matches!(result.map(drop), Err(StorageError::Refused(_))),
                "{engine:?}"
            );
        };
        refused(database.record_attempt(&attempt(b, 5, 2), at(2)).await);
        refused(database.record_attempt(&attempt(a, 6, 2), at(2)).await);
        refused(database.record_attempt(&attempt(a, 5, 1), at(2)).await);
        assert_eq!(
            database.next_nonce(SENDER).await.unwrap(),
            Some(6),
            "nothing was half done"
        );
        assert_eq!(state(database, b).await, TransactionState::Queued);

        database
            .record_attempt(&attempt(a, 5, 3), at(3))
            .await
            .unwrap();
        database.record_sent([3; 32], at(4)).await.unwrap();
        let flights = database.in_flight(SENDER).await.unwrap();
        assert_eq!(flights.len(), 1);
        let hashes: Vec<_> = flights[0]
            .attempts
            .iter()
            .map(|attempt| attempt.signed.hash[0])
            .collect();
        assert_eq!(hashes, [1, 3], "{engine:?}: oldest first");
        assert_eq!(flights[0].newest().unwrap().sent_at, Some(at(4)));
        assert_eq!(flights[0].newest().unwrap().signed, attempt(a, 5, 3));
    }
}

#[tokio::test]
async fn it_is_mined_taken_back_mined_elsewhere_and_final() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let a = database
            .append_transactions(&[work("a", None)], at(0))
            .await
            .unwrap()[0];
        database
            .record_attempt(&attempt(a, 0, 1), at(1))
            .await
            .unwrap();
        database
            .record_attempt(&attempt(a, 0, 2), at(2))
            .await
            .unwrap();
        database
            .record_outcome(a, &included(1, block(10, true)), &[], at(3))
            .await
            .unwrap();
        assert_eq!(state(database, a).await, TransactionState::Mined);
        assert_eq!(database.first_unmined().await.unwrap(), None);
        database
            .record_outcome(a, &Outcome::TakenBack, &[], at(4))
            .await
            .unwrap();
        assert_eq!(state(database, a).await, TransactionState::Sent);
        assert!(
            database.in_flight(SENDER).await.unwrap()[0]
                .included()
                .is_none()
        );
        // Another signing of it, in another block; then straight to another one again.
        database
            .record_outcome(a, &included(2, block(11, false)), &[], at(5))
            .await
            .unwrap();
        assert_eq!(state(database, a).await, TransactionState::Failed);
        database
            .record_outcome(a, &included(1, block(12, true)), &[], at(5))
            .await
            .unwrap();
        let flight = database.in_flight(SENDER).await.unwrap().remove(0);
        assert_eq!(flight.included().unwrap().1, block(12, true), "{engine:?}");
        assert_eq!(flight.transaction.failure, None);
        database
            .record_outcome(a, &finalized(1, block(12, true)), &[], at(6))
            .await
            .unwrap();
        assert_eq!(state(database, a).await, TransactionState::Final);
        assert!(database.in_flight(SENDER).await.unwrap().is_empty());
        let (_, attempts) = database.transaction(a).await.unwrap().unwrap();
        assert_eq!(attempts.len(), 2, "{engine:?}: what was signed is kept");
        assert_eq!(database.next_nonce(SENDER).await.unwrap(), Some(1));
        // Nothing happens to it any more.
        let late = database
            .record_outcome(a, &finalized(1, block(12, true)), &[], at(7))
            .await;
        assert!(late.is_err(), "{engine:?}");
        let spent = database.gas_spent().await.unwrap();
        assert_eq!(
            (spent.len(), spent[0].transactions, spent[0].gas),
            (1, 1, 50_000)
        );
        assert_eq!(
            spent[0].wei,
            50_000 * u128::try_from(i64::MAX).unwrap(),
            "beyond 64 bits"
        );
    }
}

#[tokio::test]
async fn a_lost_nonce_gives_the_work_back() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let a = database
            .append_transactions(&[work("a", None)], at(0))
            .await
            .unwrap()[0];
        database
            .record_attempt(&attempt(a, 0, 1), at(1))
            .await
            .unwrap();
        database
            .record_outcome(a, &Outcome::Lost, &[], at(2))
            .await
            .unwrap();
        assert_eq!(state(database, a).await, TransactionState::Queued);
        assert!(database.in_flight(SENDER).await.unwrap().is_empty());
        assert!(
            database
                .record_attempt(&attempt(a, 0, 2), at(3))
                .await
                .is_err(),
            "that nonce is over"
        );
        database
            .record_attempt(&attempt(a, 1, 3), at(3))
            .await
            .unwrap();
        assert_eq!(
            database.in_flight(SENDER).await.unwrap()[0].nonce(),
            Some(1)
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_told_once() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let numbers = database
            .append_transactions(&[work("a", None), work("b", None)], at(0))
            .await
            .unwrap();
        let event = NewEvent {
            audience: Audience::Operator,
            kind: "transaction.failed",
            body: serde_json::json!({}),
        };
        for _ in 0..2 {
            database
                .record_refused(
                    numbers[0],
                    "NoConflict",
                    std::slice::from_ref(&event),
                    at(1),
                )
                .await
                .unwrap();
        }
        let (refused, _) = database.transaction(numbers[0]).await.unwrap().unwrap();
        assert_eq!(refused.failure.as_deref(), Some("NoConflict"));
        assert_eq!(refused.state, TransactionState::Failed);
        assert_eq!(
            database.events_after(None, 0, 10).await.unwrap().len(),
            1,
            "{engine:?}"
        );
        let unmined = database.unmined(at(0), 10).await.unwrap();
        assert_eq!(unmined.len(), 1);
        assert_eq!(unmined[0].number, numbers[1]);
        assert_eq!(database.queued(10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn work_that_failed_is_put_in_again_after_a_while_and_once() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        // One whose name begins alike is another.
        let other = database
            .append_transactions(&[work("answer:10", None)], at(0))
            .await
            .unwrap();
        database
            .record_refused(other[0], "x", &[], at(1))
            .await
            .unwrap();
        let answer = [work("answer:1", Some(900))];
        let again = async |before: u64, now: u64| {
            let numbers = database.append_again(&answer, at(before), at(now)).await;
            numbers.unwrap()
        };
        let first = again(0, 10).await;
        assert_eq!(first.len(), 1, "{engine:?}: it was never put in");
        assert!(again(20, 21).await.is_empty(), "{engine:?}: under way");
        database
            .record_refused(first[0], "x", &[], at(22))
            .await
            .unwrap();
        assert!(again(9, 23).await.is_empty(), "{engine:?}: not long ago");
        let second = again(10, 70).await;
        assert_eq!(second.len(), 1, "{engine:?}");
        assert!(
            again(70, 71).await.is_empty(),
            "{engine:?}: under way again"
        );
        let (stored, _) = database.transaction(second[0]).await.unwrap().unwrap();
        assert_eq!(
            (stored.work.as_str(), stored.state, stored.deadline),
            ("answer:1#1", TransactionState::Queued, Some(at(900)))
        );
        database
            .record_attempt(&attempt(second[0], 0, 1), at(72))
            .await
            .unwrap();
        let done = finalized(1, block(5, true));
        database
            .record_outcome(second[0], &done, &[], at(80))
            .await
            .unwrap();
        assert!(
            again(1_000, 1_001).await.is_empty(),
            "{engine:?}: it went through"
        );
    }
}
