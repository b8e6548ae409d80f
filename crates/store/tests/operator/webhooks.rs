//! Webhooks and their queues.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    identity::Custody,
    storage::{
        EventStorage as _,
        identity::{NewUser, SealedDataKey, SealedSecret, SecretStorage as _, UserStorage as _},
        webhooks::{
            Added, Backlog, DeliveryStorage as _, SecretChange, WebhookChange, WebhookStorage as _,
        },
    },
    webhook::{
        Attempt, Claim, DeliveryId, DeliveryState, DisabledBecause, Failure, Kinds, Outcome, Retry,
        Webhook, WebhookId,
    },
};
use offpay_protocol::{AccountId, Timestamp};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};
use uuid::Uuid;

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

fn user(number: u8) -> UserId {
    UserId(Uuid::from_u128(u128::from(number)))
}

fn id(number: u8) -> WebhookId {
    WebhookId(Uuid::from_u128(u128::from(number)))
}

fn delivery(number: u128) -> DeliveryId {
    DeliveryId(Uuid::from_u128(number))
}

fn claim(number: u8, until: u64) -> Claim {
    Claim {
        token: Uuid::from_u128(u128::from(number)),
        until: at(until),
    }
}

fn webhook(number: u8, owner: u8) -> Webhook {
    Webhook {
        id: id(number),
        owner: user(owner),
        url: format!("https://{number}.example/"),
        kinds: Kinds::choose(vec!["payment.*".to_owned()]).unwrap(),
        cursor: 0,
        created_at: at(1),
        old_secrets_until: None,
        slow: false,
        retry: Retry::new(at(1)),
    }
}

fn secret(number: u8, byte: u8) -> SealedSecret {
    SealedSecret {
        purpose: format!("webhook/{}", id(number)),
        sealed: vec![byte; 40],
    }
}

fn event(owner: u8, kind: &'static str) -> NewEvent {
    NewEvent {
        audience: Audience::User(user(owner)),
        kind,
        body: serde_json::json!({ "of": owner }),
    }
}

async fn happen(database: &Database, owner: u8) -> i64 {
    let event = event(owner, "payment.received");
    database.append_events(&[event], at(2)).await.unwrap();
    database.last_event().await.unwrap()
}

async fn add(database: &Database, number: u8, owner: u8) -> Webhook {
    let told = [event(owner, "webhook.created")];
    let new = webhook(number, owner);
    let sealed = secret(number, 1);
    let added = database.add_webhook(&new, &sealed, 3, &told);
    match added.await.unwrap() {
        Added::Yes(webhook) => webhook,
        other => panic!("{other:?}"),
    }
}

/// A database with two users, and a webhook (1) of the first.
async fn with_one(engine: Engine) -> (TestDatabase, Webhook) {
    let test = TestDatabase::new(engine).await.unwrap();
    for number in [1, 2] {
        let new = NewUser {
            id: user(number),
            handle: None,
            account: AccountId::new([number; 20].into()),
            custody: Custody::Hosted,
            data_key: SealedDataKey {
                master: "one".to_owned(),
                sealed: vec![number; 40],
            },
            secrets: Vec::new(),
            recovery_codes: Vec::new(),
            session: None,
        };
        test.database.register(&new, &[], at(0)).await.unwrap();
    }
    happen(&test.database, 1).await;
    let webhook = add(&test.database, 1, 1).await;
    (test, webhook)
}

/// Claims it, and queues what is new under these names.
async fn queue(database: &Database, number: u8, token: u8, names: &[u128]) -> Vec<i64> {
    let claim = claim(token, 100);
    let webhook = database.claim_webhook(id(number), claim, at(10)).await;
    let webhook = webhook.unwrap().unwrap();
    let new = database
        .events_after(Some(webhook.owner), webhook.cursor, 100)
        .await
        .unwrap();
    assert_eq!(new.len(), names.len());
    let places: Vec<_> = new.iter().map(|event| event.sequence).collect();
    let queued: Vec<_> = names
        .iter()
        .zip(&places)
        .map(|(name, place)| (delivery(*name), *place))
        .collect();
    let to = places.last().copied().unwrap();
    let done = database.queue_deliveries(&webhook, claim, to, &queued, at(10));
    assert!(done.await.unwrap());
    places
}

fn attempt(name: u128, outcome: Outcome) -> Attempt {
    Attempt {
        delivery: delivery(name),
        at: at(20),
        outcome,
        slow: !outcome.is_delivered(),
    }
}

#[tokio::test]
async fn it_begins_behind_what_was_and_is_its_owners() {
    for engine in Engine::ALL {
        let (test, webhook) = with_one(engine).await;
        let database = &test.database;
        let end = database.last_event().await.unwrap();
        assert_eq!(webhook.cursor, end, "{engine:?}: behind its own event");
        assert_eq!(
            database.webhook(user(1), id(1)).await.unwrap(),
            Some(webhook.clone())
        );
        assert_eq!(database.webhook(user(2), id(1)).await.unwrap(), None);
        let sealed = database
            .secret(user(1), &secret(1, 1).purpose)
            .await
            .unwrap();
        assert_eq!(sealed.unwrap().secret, Some(secret(1, 1)));

        let again = database
            .add_webhook(&self::webhook(1, 1), &secret(1, 9), 3, &[event(1, "x.x")])
            .await
            .unwrap();
        assert_eq!(again, Added::Before(webhook));
        assert_eq!(database.last_event().await.unwrap(), end, "told once");

        add(database, 3, 1).await;
        add(database, 2, 1).await;
        let full = database
            .add_webhook(&self::webhook(4, 1), &secret(4, 1), 3, &[event(1, "x.x")])
            .await
            .unwrap();
        assert_eq!(full, Added::TooMany);
        add(database, 5, 2).await;
        let page = database.webhooks(user(1), None, 2).await.unwrap();
        assert_eq!(
            page.iter().map(|one| one.id).collect::<Vec<_>>(),
            [id(1), id(2)]
        );
        let page = database.webhooks(user(1), Some(id(2)), 2).await.unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(page[0].id, id(3));
    }
}

#[tokio::test]
async fn what_happens_to_its_owner_makes_it_due() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        let database = &test.database;
        let due = async |now, slow| database.due_webhooks(at(now), slow, 10).await.unwrap();
        assert!(due(10, false).await.is_empty(), "{engine:?}: nothing new");
        happen(database, 2).await;
        assert!(due(10, false).await.is_empty(), "another's");
        happen(database, 1).await;
        assert_eq!(due(10, false).await, [id(1)]);
        assert!(due(0, false).await.is_empty(), "not before its time");
        assert!(due(10, true).await.is_empty(), "it is not slow");

        queue(database, 1, 7, &[1]).await;
        assert!(due(10, false).await.is_empty(), "it is claimed");
        assert_eq!(due(100, false).await, [id(1)], "the claim ran out");
        database.release_webhook(id(1), claim(8, 0)).await.unwrap();
        assert!(due(10, false).await.is_empty(), "by another claim");
        database.release_webhook(id(1), claim(7, 0)).await.unwrap();
        assert_eq!(due(10, false).await, [id(1)], "something is pending");

        let off = WebhookChange {
            retry: Some(Retry::new(at(11)).ended(at(11), DisabledBecause::Owner)),
            ..WebhookChange::default()
        };
        let changed = database.change_webhook(user(1), id(1), &off, &[], at(11));
        assert!(changed.await.unwrap().is_some());
        assert!(due(1_000, false).await.is_empty(), "it is disabled");
    }
}

#[tokio::test]
async fn one_claim_at_a_time() {
    for engine in Engine::ALL {
        let (test, webhook) = with_one(engine).await;
        let database = &test.database;
        let place = happen(database, 1).await;
        let take = async |token, now, until| {
            database
                .claim_webhook(id(1), claim(token, until), at(now))
                .await
                .unwrap()
        };
        assert_eq!(take(1, 10, 70).await, Some(webhook.clone()), "{engine:?}");
        assert_eq!(take(2, 10, 70).await, None);
        assert_eq!(take(2, 69, 129).await, None);
        assert!(take(2, 70, 130).await.is_some(), "the first ran out");
        let late = database
            .queue_deliveries(
                &webhook,
                claim(1, 70),
                place,
                &[(delivery(1), place)],
                at(71),
            )
            .await
            .unwrap();
        assert!(!late, "under an old claim nothing is queued");
        let good = database
            .queue_deliveries(
                &webhook,
                claim(2, 130),
                place,
                &[(delivery(2), place)],
                at(71),
            )
            .await
            .unwrap();
        assert!(good);
        let twice = database
            .queue_deliveries(
                &webhook,
                claim(2, 130),
                place,
                &[(delivery(3), place)],
                at(71),
            )
            .await
            .unwrap();
        assert!(!twice, "nor from a cursor that moved");
        let pending = database.pending_deliveries(id(1), 10).await.unwrap();
        assert_eq!(pending.len(), 1);
        assert_eq!(pending[0].0.id, delivery(2));
        assert_eq!(pending[0].1.sequence, place);
        assert_eq!(pending[0].1.kind, "payment.received");
        assert_eq!(pending[0].1.body["of"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_servers_one_has_it() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        happen(&test.database, 1).await;
        let tries: Vec<_> = (0..8)
            .map(|token| {
                let database = test.database.clone();
                tokio::spawn(async move {
                    let taken = database.claim_webhook(id(1), claim(token, 70), at(10));
                    taken.await.unwrap().is_some()
                })
            })
            .collect();
        let mut taken = 0;
        for one in tries {
            taken += u32::from(one.await.unwrap());
        }
        assert_eq!(taken, 1, "{engine:?}");
    }
}

#[tokio::test]
async fn what_came_of_an_attempt() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        let database = &test.database;
        for _ in 0..3 {
            happen(database, 1).await;
        }
        let places = queue(database, 1, 7, &[30, 20, 10]).await;
        let pending = database.pending_deliveries(id(1), 2).await.unwrap();
        let events: Vec<_> = pending.iter().map(|(one, _)| one.event).collect();
        assert_eq!(events, places[..2], "{engine:?}: in the order of the log");

        let failed = attempt(30, Outcome::Failed(Failure::Timeout));
        let retry = Retry::new(at(20)).failed(at(20), 0, None);
        let told = [event(1, "webhook.disabled")];
        let ours = database
            .record_attempt(id(1), claim(7, 200), &failed, retry, &[])
            .await;
        assert!(ours.unwrap());
        let known = database.webhook(user(1), id(1)).await.unwrap().unwrap();
        assert_eq!((known.retry, known.slow), (retry, true));
        let first = database.deliveries(id(1), None, None, 10).await.unwrap()[2].clone();
        assert_eq!(first.state, DeliveryState::Pending);
        assert_eq!(first.outcome, Some(failed.outcome));
        assert_eq!((first.attempts, first.attempted_at), (1, Some(at(20))));

        // Under another's claim the delivery is noted, and nothing else.
        let end = database.last_event().await.unwrap();
        let good = attempt(30, Outcome::Answered(204));
        let ours = database
            .record_attempt(id(1), claim(8, 300), &good, Retry::new(at(99)), &told)
            .await;
        assert!(!ours.unwrap());
        assert_eq!(database.last_event().await.unwrap(), end);
        let known = database.webhook(user(1), id(1)).await.unwrap().unwrap();
        assert_eq!(known.retry, retry);
        let first = database.deliveries(id(1), None, None, 10).await.unwrap()[2].clone();
        assert_eq!(first.state, DeliveryState::Delivered);
        assert_eq!((first.attempts, first.outcome), (2, Some(good.outcome)));

        let gone = attempt(20, Outcome::Answered(410));
        let ended = retry.ended(at(20), DisabledBecause::Gone);
        let ours = database
            .record_attempt(id(1), claim(7, 200), &gone, ended, &told)
            .await;
        assert!(ours.unwrap());
        assert!(database.last_event().await.unwrap() > end, "they are told");
        let known = database.webhook(user(1), id(1)).await.unwrap().unwrap();
        assert_eq!(known.retry, ended);
        let backlog = database.webhook_backlog().await.unwrap();
        assert_eq!(
            backlog,
            Backlog {
                disabled: 1,
                ..Backlog::default()
            },
            "what is disabled does not wait"
        );
    }
}

#[tokio::test]
async fn a_change_ends_the_claim_and_skips_what_was_missed() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        let database = &test.database;
        happen(database, 1).await;
        queue(database, 1, 7, &[1]).await;
        let backlog = database.webhook_backlog().await.unwrap();
        assert_eq!((backlog.pending, backlog.oldest), (1, Some(at(10))));
        happen(database, 1).await;
        let change = WebhookChange {
            url: Some("https://new.example/".to_owned()),
            kinds: Some(Kinds::default()),
            retry: None,
            skip_missed: true,
        };
        let told = [event(1, "webhook.changed")];
        let other = database.change_webhook(user(2), id(1), &change, &told, at(30));
        assert_eq!(other.await.unwrap(), None);
        let changed = database.change_webhook(user(1), id(1), &change, &told, at(30));
        let changed = changed.await.unwrap().unwrap();
        assert_eq!(changed.url, "https://new.example/");
        assert_eq!(changed.kinds, Kinds::default());
        assert_eq!(changed.cursor, database.last_event().await.unwrap());
        assert_eq!(
            database.webhook(user(1), id(1)).await.unwrap(),
            Some(changed)
        );
        assert!(
            database
                .pending_deliveries(id(1), 9)
                .await
                .unwrap()
                .is_empty()
        );
        let skipped = database.deliveries(id(1), Some(DeliveryState::Skipped), None, 9);
        assert_eq!(skipped.await.unwrap().len(), 1);

        let late = attempt(1, Outcome::Answered(200));
        let ours = database
            .record_attempt(id(1), claim(7, 200), &late, Retry::new(at(40)), &[])
            .await;
        assert!(!ours.unwrap(), "{engine:?}");
        let skipped = database.deliveries(id(1), Some(DeliveryState::Skipped), None, 9);
        assert_eq!(skipped.await.unwrap().len(), 1, "it stays skipped");
    }
}

#[tokio::test]
async fn again_and_to_one_alone() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        let database = &test.database;
        happen(database, 1).await;
        queue(database, 1, 7, &[1]).await;
        let done = attempt(1, Outcome::Answered(200));
        let noted = database.record_attempt(id(1), claim(7, 200), &done, Retry::new(at(20)), &[]);
        assert!(noted.await.unwrap());
        assert_eq!(
            database
                .deliver_again(id(2), delivery(1), at(50))
                .await
                .unwrap(),
            None
        );
        let again = database.deliver_again(id(1), delivery(1), at(50)).await;
        let again = again.unwrap().unwrap();
        assert_eq!(again.state, DeliveryState::Pending, "{engine:?}");
        assert_eq!((again.queued_at, again.attempts), (at(50), 1));

        let test_event = event(1, "webhook.test");
        let end = database.last_event().await.unwrap();
        let mut queued = Vec::new();
        for _ in 0..2 {
            let one = database.deliver_to_one(id(1), delivery(5), &test_event, at(60));
            queued.push(one.await.unwrap().unwrap());
        }
        assert_eq!(queued[0], queued[1], "once for each name");
        assert_eq!(queued[0].kind, "webhook.test");
        assert!(queued[0].event > end);
        assert_eq!(queued[0].event, database.last_event().await.unwrap());
        let nobody = database.deliver_to_one(id(9), delivery(6), &test_event, at(60));
        assert_eq!(nobody.await.unwrap(), None);
        let order: Vec<_> = database
            .pending_deliveries(id(1), 9)
            .await
            .unwrap()
            .iter()
            .map(|(one, _)| one.id)
            .collect();
        assert_eq!(order, [delivery(1), delivery(5)]);
        let page = database.deliveries(id(1), None, Some(queued[0].event), 9);
        assert_eq!(page.await.unwrap().len(), 1, "before that event");

        assert_eq!(database.forget_deliveries(at(1_000)).await.unwrap(), 0);
        let noted = database.record_attempt(id(1), claim(7, 200), &done, Retry::new(at(20)), &[]);
        assert!(noted.await.unwrap());
        assert_eq!(database.forget_deliveries(at(50)).await.unwrap(), 0);
        assert_eq!(database.forget_deliveries(at(51)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_secret_is_changed_once_and_goes_with_its_webhook() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        let database = &test.database;
        let change = SecretChange {
            old: secret(1, 1),
            new: secret(1, 2),
            old_secrets_until: Some(at(500)),
        };
        let told = [event(1, "webhook.secret_rotated")];
        for expected in [true, false] {
            let done = database.change_webhook_secret(user(1), id(1), &change, &told, at(30));
            assert_eq!(done.await.unwrap(), expected, "{engine:?}");
        }
        let known = database.webhook(user(1), id(1)).await.unwrap().unwrap();
        assert_eq!(known.old_secrets_until, Some(at(500)));
        let purpose = secret(1, 1).purpose;
        let sealed = async || {
            let vaulted = database.secret(user(1), &purpose).await.unwrap();
            vaulted.unwrap().secret
        };
        assert_eq!(sealed().await, Some(secret(1, 2)));

        happen(database, 1).await;
        queue(database, 1, 7, &[1, 2]).await;
        for (owner, expected) in [(2, false), (1, true), (1, false)] {
            let removed = database.remove_webhook(user(owner), id(1), &purpose, &[], at(40));
            assert_eq!(removed.await.unwrap(), expected);
            assert_eq!(sealed().await.is_none(), owner == 1);
        }
        assert!(
            database
                .deliveries(id(1), None, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn they_go_with_their_user() {
    for engine in Engine::ALL {
        let (test, _) = with_one(engine).await;
        let database = &test.database;
        happen(database, 1).await;
        queue(database, 1, 7, &[1]).await;
        add(database, 2, 2).await;
        database.delete_personal(user(1), at(50)).await.unwrap();
        assert_eq!(database.webhook(user(1), id(1)).await.unwrap(), None);
        assert!(
            database
                .deliveries(id(1), None, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            database.webhook(user(2), id(2)).await.unwrap().is_some(),
            "{engine:?}"
        );
    }
}
