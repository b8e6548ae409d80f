//! Requests with idempotency keys.

use offpay_operator::storage::idempotency::{
    Begun, IdempotencyStorage as _, KeptAnswer, KeyedRequest,
};
use offpay_protocol::Timestamp;
use offpay_store::testing::{Engine, TestDatabase};

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

fn request(key: u8, what: u8) -> KeyedRequest {
    KeyedRequest {
        key: [key; 32],
        request: [what; 32],
    }
}

fn answer(text: &str) -> KeptAnswer {
    KeptAnswer {
        sealed: text.as_bytes().to_vec(),
    }
}

#[tokio::test]
async fn it_is_begun_once_and_its_answer_kept() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let begin =
            async |request, now| database.begin_request(request, at(now), at(now + 60)).await;
        let one = request(1, 1);
        assert_eq!(begin(one, 0).await.unwrap(), Begun::Fresh, "{engine:?}");
        assert_eq!(begin(one, 1).await.unwrap(), Begun::InProgress);
        assert_eq!(begin(request(1, 2), 1).await.unwrap(), Begun::Mismatch);
        assert_eq!(begin(request(2, 1), 1).await.unwrap(), Begun::Fresh);

        database
            .keep_answer(one, &answer("done"), at(1_000))
            .await
            .unwrap();
        let done = Begun::Done(answer("done"));
        assert_eq!(begin(one, 2).await.unwrap(), done);
        assert_eq!(begin(one, 999).await.unwrap(), done, "beyond the lease");
        assert_eq!(begin(request(1, 2), 2).await.unwrap(), Begun::Mismatch);
        assert_eq!(begin(one, 1_000).await.unwrap(), Begun::Fresh, "expired");
        let other = begin(request(1, 2), 2_000).await.unwrap();
        assert_eq!(other, Begun::Fresh, "an expired key is free");
    }
}

#[tokio::test]
async fn one_that_was_cut_off_is_begun_anew_after_its_lease() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let one = request(1, 1);
        for now in [0, 60, 120] {
            let begun = database.begin_request(one, at(now), at(now + 60)).await;
            assert_eq!(begun.unwrap(), Begun::Fresh, "{engine:?} {now}");
            let again = database
                .begin_request(one, at(now + 59), at(now + 119))
                .await;
            assert_eq!(again.unwrap(), Begun::InProgress);
        }
    }
}

#[tokio::test]
async fn what_failed_is_forgotten_and_what_was_answered_is_not() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let begin = async |request| {
            database
                .begin_request(request, at(0), at(60))
                .await
                .unwrap()
        };
        let (one, two) = (request(1, 1), request(2, 2));
        assert_eq!(begin(one).await, Begun::Fresh);
        database.forget_request(request(1, 2)).await.unwrap();
        assert_eq!(begin(one).await, Begun::InProgress, "{engine:?}: another's");
        database.forget_request(one).await.unwrap();
        assert_eq!(begin(one).await, Begun::Fresh);

        assert_eq!(begin(two).await, Begun::Fresh);
        database
            .keep_answer(two, &answer("done"), at(100))
            .await
            .unwrap();
        database.forget_request(two).await.unwrap();
        assert_eq!(begin(two).await, Begun::Done(answer("done")));
        // An answer to something else is not put in its place.
        database
            .keep_answer(request(2, 9), &answer("other"), at(100))
            .await
            .unwrap();
        assert_eq!(begin(two).await, Begun::Done(answer("done")));
    }
}

#[tokio::test]
async fn what_expired_is_forgotten() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        for key in 0..4 {
            let lease = at(10 + u64::from(key));
            let begun = database.begin_request(request(key, 0), at(0), lease).await;
            assert_eq!(begun.unwrap(), Begun::Fresh);
        }
        database
            .keep_answer(request(3, 0), &answer("done"), at(100))
            .await
            .unwrap();
        assert_eq!(database.forget_old_requests(at(11)).await.unwrap(), 2);
        assert_eq!(database.forget_old_requests(at(50)).await.unwrap(), 1);
        let kept = database.begin_request(request(3, 0), at(50), at(60)).await;
        assert_eq!(kept.unwrap(), Begun::Done(answer("done")), "{engine:?}");
        assert_eq!(database.forget_old_requests(at(100)).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_begins() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let database = test.database.clone();
                tokio::spawn(async move {
                    database
                        .begin_request(request(1, 1), at(0), at(60))
                        .await
                        .unwrap()
                })
            })
            .collect();
        let mut fresh = 0;
        for one in tries {
            match one.await.unwrap() {
                Begun::Fresh => fresh += 1,
                begun => assert_eq!(begun, Begun::InProgress),
            }
        }
        assert_eq!(fresh, 1, "{engine:?}");
    }
}
