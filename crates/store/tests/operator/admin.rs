//! What the operator does by hand, and the rows that it leaves.

use offpay_operator::{
    admin::{Abandoned, NewAction, NotRetried, Retried, TransactionFilter},
    event::{Audience, NewEvent},
    outbox::{Inclusion, NewAttempt, NewTransaction, Purpose, TransactionState, fees::Fees},
    storage::{AdminStorage as _, EventStorage as _, OutboxStorage as _, Outcome, StorageError},
};
use offpay_protocol::Timestamp;
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};
use serde_json::json;

const SENDER: [u8; 20] = [7; 20];

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

fn action(name: &'static str) -> NewAction {
    NewAction {
        actor: "anna".to_owned(),
        action: name,
        subject: "1".to_owned(),
        reason: "it hangs".to_owned(),
        details: json!({ "a": 1 }),
        request: "r-1".to_owned(),
    }
}

async fn queue(database: &Database, name: &str, purpose: Purpose) -> i64 {
    let work = NewTransaction {
        work: name.to_owned(),
        purpose,
        to: [1; 20],
        calldata: vec![1, 2, 3],
        deadline: None,
    };
    database.append_transactions(&[work], at(0)).await.unwrap()[0]
}

fn attempt(transaction: i64, nonce: u64) -> NewAttempt {
    NewAttempt {
        transaction,
        sender: SENDER,
        nonce,
        hash: [u8::try_from(transaction).unwrap(); 32],
        raw: vec![1; 100],
        gas_limit: 100_000,
        fees: Fees {
            most: 1_000,
            priority: Some(1),
        },
        cancels: false,
    }
}

fn reverted(transaction: i64, last: bool) -> Outcome {
    let hash = [u8::try_from(transaction).unwrap(); 32];
    let inclusion = Inclusion {
        block: 5,
        block_hash: [9; 32],
        succeeded: false,
        gas_used: 50_000,
        gas_price: 2_000_000_000,
    };
    let failure = Some("Because".to_owned());
    if last {
        Outcome::Final {
            hash,
            inclusion,
            failure,
        }
    } else {
        Outcome::Included {
            hash,
            inclusion,
            failure,
        }
    }
}

async fn state(database: &Database, number: i64) -> TransactionState {
    database.transaction(number).await.unwrap().unwrap().0.state
}

async fn retry(database: &Database, number: i64) -> Retried {
    let action = action("transaction.retry");
    database
        .retry_transaction(number, &action, at(9))
        .await
        .unwrap()
}

async fn logged(database: &Database) -> usize {
    database.actions_before(i64::MAX, 200).await.unwrap().len()
}

#[tokio::test]
async fn o91_what_is_retried_is_never_done_twice() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert_eq!(retry(database, 99).await, Retried::No(NotRetried::Unknown));

        // Refused before it was signed: the same row again.
        let circle = queue(database, "circle:1", Purpose::Circle).await;
        assert_eq!(retry(database, circle).await, Retried::Queued, "{engine:?}");
        database
            .record_refused(circle, "NotYet", &[], at(1))
            .await
            .unwrap();
        assert_eq!(retry(database, circle).await, Retried::Requeued);
        assert_eq!(state(database, circle).await, TransactionState::Queued);

        // Signed: the same bytes, with the same nonce.
        let signed = attempt(circle, 4);
        database.record_attempt(&signed, at(2)).await.unwrap();
        database.record_sent(signed.hash, at(2)).await.unwrap();
        assert_eq!(retry(database, circle).await, Retried::SentAgain);
        let (_, attempts) = database.transaction(circle).await.unwrap().unwrap();
        assert_eq!(attempts.len(), 1);
        assert_eq!(attempts[0].sent_at, None, "{engine:?}: to be sent first");

        // Reverted: nothing before its block is final, then under another number.
        let now = at(3);
        let outcome = reverted(circle, false);
        database
            .record_outcome(circle, &outcome, &[], now)
            .await
            .unwrap();
        assert_eq!(
            retry(database, circle).await,
            Retried::No(NotRetried::NotFinal)
        );
        let outcome = reverted(circle, true);
        database
            .record_outcome(circle, &outcome, &[], now)
            .await
            .unwrap();
        let Retried::PutInAgain(new) = retry(database, circle).await else {
            panic!("{engine:?}: not put in again");
        };
        let (again, _) = database.transaction(new).await.unwrap().unwrap();
        assert_eq!(
            (again.work.as_str(), again.calldata.as_slice()),
            ("circle:1#1", [1, 2, 3].as_slice())
        );
        assert_eq!(
            retry(database, circle).await,
            Retried::No(NotRetried::PutInSince(new)),
            "{engine:?}: once"
        );

        // Settlement plans its work itself.
        let settle = queue(database, "settle:1", Purpose::Settle).await;
        database
            .record_refused(settle, "NotYet", &[], at(1))
            .await
            .unwrap();
        assert_eq!(
            retry(database, settle).await,
            Retried::No(NotRetried::PlannedBySettlement)
        );
        assert_eq!(logged(database).await, 4, "{engine:?}: what was done alone");
    }
}

#[tokio::test]
async fn o92_what_was_signed_is_not_given_up_and_what_was_given_up_is_not_signed() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let (one, two) = (
            queue(database, "one", Purpose::Close).await,
            queue(database, "two", Purpose::Close).await,
        );
        let event = NewEvent {
            audience: Audience::Operator,
            kind: "transaction.failed",
            body: json!({}),
        };
        let abandon = async |number| {
            let action = action("transaction.abandon");
            database
                .abandon_transaction(number, std::slice::from_ref(&event), &action, at(3))
                .await
                .unwrap()
        };
        database
            .record_attempt(&attempt(one, 8), at(1))
            .await
            .unwrap();
        assert_eq!(abandon(one).await, Abandoned::Signed(8), "{engine:?}");
        assert_eq!(abandon(99).await, Abandoned::Unknown);
        assert_eq!(abandon(two).await, Abandoned::Yes);
        assert_eq!(abandon(two).await, Abandoned::Over);
        // The sender had read it before: what it signs is not stored, so it cannot leave.
        let late = database.record_attempt(&attempt(two, 9), at(4)).await;
        assert!(matches!(late, Err(StorageError::Refused(_))), "{engine:?}");
        assert_eq!(database.next_nonce(SENDER).await.unwrap(), Some(9));
        let (given_up, _) = database.transaction(two).await.unwrap().unwrap();
        assert_eq!(given_up.failure.as_deref(), Some("abandoned"));
        assert_eq!(logged(database).await, 1);
        let events = database.events_after(None, 0, 10).await.unwrap();
        assert_eq!(events.len(), 1, "{engine:?}");

        let listed = database
            .list_transactions(TransactionFilter::Failed, i64::MAX, 10)
            .await
            .unwrap();
        assert_eq!(listed.len(), 1);
        let waiting = database
            .list_transactions(TransactionFilter::Stuck(at(0)), i64::MAX, 10)
            .await
            .unwrap();
        assert_eq!(waiting.len(), 1, "{engine:?}");
        assert_eq!(
            (waiting[0].transaction.number, waiting[0].nonce),
            (one, Some(8))
        );
        let all = TransactionFilter::All;
        let page = database.list_transactions(all, two, 10).await.unwrap();
        assert_eq!(page.len(), 1, "{engine:?}: before the cursor");
    }
}

#[tokio::test]
async fn o90_what_the_operator_did_stays() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        for turn in 0..3 {
            database
                .append_action(&action("keys.rotate"), at(turn))
                .await
                .unwrap();
        }
        let newest = database.actions_before(i64::MAX, 2).await.unwrap();
        assert_eq!(newest.len(), 2);
        assert_eq!(newest[0].at, at(2), "{engine:?}: newest first");
        assert_eq!(
            (newest[0].actor.as_str(), newest[0].details["a"].as_u64()),
            ("anna", Some(1))
        );
        let older = database.actions_before(newest[1].number, 2).await.unwrap();
        assert_eq!(older.len(), 1, "{engine:?}");
        for statement in [
            "UPDATE admin_actions SET actor = 'nobody'",
            "DELETE FROM admin_actions",
        ] {
            let changed = test.run(statement).await;
            assert!(changed.is_err(), "{engine:?}: {statement}");
        }
        assert_eq!(logged(database).await, 3);
    }
}

#[tokio::test]
async fn gas_is_added_up_by_day_and_purpose() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let day = 24 * 60 * 60;
        for (place, (purpose, signed)) in [
            (Purpose::Close, 0),
            (Purpose::Close, 60),
            (Purpose::Relay, 60),
            (Purpose::Close, 2 * day),
        ]
        .into_iter()
        .enumerate()
        {
            let number = queue(database, &place.to_string(), purpose).await;
            let nonce = u64::try_from(place).unwrap();
            database
                .record_attempt(&attempt(number, nonce), at(signed))
                .await
                .unwrap();
            // One is in no final block, and is not counted.
            let outcome = reverted(number, place != 1);
            database
                .record_outcome(number, &outcome, &[], at(signed))
                .await
                .unwrap();
        }
        let days = database.gas_by_day(at(0)).await.unwrap();
        let told: Vec<_> = days
            .iter()
            .map(|day| (day.purpose, day.transactions, day.wei))
            .collect();
        let one = 50_000 * 2_000_000_000_u128;
        assert_eq!(
            told,
            [
                (Purpose::Close, 1, one),
                (Purpose::Relay, 1, one),
                (Purpose::Close, 1, one)
            ],
            "{engine:?}"
        );
        assert_eq!(days[0].day.get() % day, 0);
        assert_eq!(days[2].day.get() - days[0].day.get(), 2 * day);
        assert_eq!(database.gas_by_day(at(day)).await.unwrap().len(), 1);
    }
}
