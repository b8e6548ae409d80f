//! Channels of hosted users.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    hosted::{
        ChannelChange, ChannelOffer, EndBefore, HostedChannel, NewChannel, NewOperation,
        NewVoucher, OperationId, OperationKind, SignedClose,
    },
    ledger::LedgerAccount,
    outbox::{NewTransaction, Purpose},
    storage::{
        EventStorage as _, HostedChannelStorage as _, LedgerStorage as _, OperationStorage as _,
        WatchStorage as _,
    },
};
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, Domain, Nonce, PaymentId, Reference, Seconds,
    Signable as _, Signed, SigningKey, Timestamp, TypedData as _,
    channel::Side,
    messages::{ChannelClose, ChannelTerms, Voucher},
};
use offpay_store::{
    operator::Database,
    testing::{Engine, TestDatabase},
};
use uuid::Uuid;

fn now() -> Timestamp {
    Timestamp::new(1_700_000_000).unwrap()
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn domain() -> Domain {
    Domain::new(31337, [9; 20].into())
}

fn terms(salt: u8) -> ChannelTerms {
    ChannelTerms {
        a: AccountId::new([1; 20].into()),
        b: AccountId::new([2; 20].into()),
        key_a: ChannelKey::new(key(3).address()),
        key_b: ChannelKey::new(key(4).address()),
        close_delay: Seconds::DAY,
        salt: Nonce::short([salt; 8]),
    }
}

fn id(terms: &ChannelTerms) -> ChannelId {
    terms.id(&domain())
}

fn told() -> NewEvent {
    NewEvent {
        audience: Audience::User(user(1)),
        kind: "test.told",
        body: serde_json::json!({}),
    }
}

fn offer() -> ChannelOffer {
    ChannelOffer {
        key: ChannelKey::new(key(4).address()),
        user: user(2),
        account: terms(1).b,
        used_by: None,
    }
}

fn end(side: Side, salt: u8, operation: Option<OperationId>) -> NewChannel {
    NewChannel {
        channel: id(&terms(salt)),
        side,
        user: user(if side == Side::A { 1 } else { 2 }),
        terms: terms(salt),
        operation,
    }
}

fn operation(n: u128, kind: OperationKind) -> NewOperation {
    NewOperation {
        id: OperationId(Uuid::from_u128(n)),
        user: user(1),
        kind,
        account: terms(1).a,
        amount: 100.into(),
        fee: Amount::ZERO,
        spends_balance: 100.into(),
        spends_collateral: Amount::ZERO,
        details: serde_json::json!({}),
        void_after: now(),
        once: None,
    }
}

fn transaction(n: u128) -> NewTransaction {
    NewTransaction {
        work: format!("work:{n}"),
        purpose: Purpose::Relay,
        to: [9; 20],
        calldata: vec![1],
        deadline: None,
    }
}

async fn open(database: &Database, n: u128, salt: u8) -> bool {
    let operation = operation(n, OperationKind::OpenChannel);
    let ends = [Side::A, Side::B].map(|side| end(side, salt, Some(operation.id)));
    let change = ChannelChange::Open(ends.to_vec());
    database
        .start_channel_operation(&operation, &transaction(n), &change, now())
        .await
        .unwrap()
        .is_some()
}

async fn ends(database: &Database) -> Vec<HostedChannel> {
    database.channel_ends(id(&terms(1))).await.unwrap()
}

fn voucher(payer: Side, cumulative: u64, amount: u64, reference: u8) -> NewVoucher {
    let message = Voucher {
        channel: id(&terms(1)),
        cumulative: cumulative.into(),
        reference: Reference::new([reference; 32].into()),
    };
    let signer = key(if payer == Side::A { 3 } else { 4 });
    NewVoucher {
        id: PaymentId::new(message.digest(&domain())),
        voucher: Signed {
            domain: domain(),
            message,
            signature: message.sign(&domain(), &signer).unwrap(),
        },
        terms: terms(1),
        payer,
        amount: amount.into(),
        ends: Vec::new(),
        memo: "soup".to_owned(),
        once: None,
        events: vec![told()],
    }
}

/// **O100**: a key that was offered serves one channel, and a channel is stored with what opens it or not at all.
#[tokio::test]
async fn an_offer_is_taken_once_and_all_is_stored_or_nothing() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert!(!open(database, 1, 1).await, "{engine:?}: without an offer");
        assert_eq!(ends(database).await, []);
        assert_eq!(database.operations(user(1), None, 9).await.unwrap(), []);
        database
            .record_channel_offer(&offer(), &[told()], now())
            .await
            .unwrap();
        assert_eq!(database.open_channel_offers(user(2)).await.unwrap(), 1);
        assert!(open(database, 2, 1).await, "{engine:?}");
        let stored = ends(database).await;
        assert_eq!(stored.len(), 2);
        assert_eq!(
            stored[1].made,
            end(Side::B, 1, Some(OperationId(Uuid::from_u128(2))))
        );
        assert_eq!(database.open_channel_offers(user(2)).await.unwrap(), 0);
        let taken = database.channel_offer(offer().key).await.unwrap().unwrap();
        assert_eq!(taken.used_by, Some(id(&terms(1))));
        assert!(!open(database, 3, 2).await, "the offer was taken");
        assert!(!open(database, 4, 1).await, "the channel is there");
        assert_eq!(
            database.operations(user(1), None, 9).await.unwrap().len(),
            1
        );
        let again = end(Side::B, 1, None);
        assert!(!database.join_channel(&again, &[], now()).await.unwrap());
        let watched = database.watched_channel(id(&terms(1))).await.unwrap();
        assert_eq!(watched.unwrap().terms, terms(1));
        let page = database.hosted_channels(user(2), None, 1).await.unwrap();
        assert_eq!(page.len(), 1);
        let rest = database.hosted_channels(user(2), Some(page[0].number), 9);
        assert_eq!(rest.await.unwrap(), []);
    }
}

/// **O101**: of two vouchers that were decided by the same state one is stored, at both ends, in the books and at the
/// watchtower; the other nowhere.
#[tokio::test]
async fn one_voucher_of_a_number_is_stored() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        database
            .record_channel_offer(&offer(), &[], now())
            .await
            .unwrap();
        assert!(open(database, 1, 1).await);
        let before: Vec<EndBefore> = ends(database)
            .await
            .iter()
            .map(HostedChannel::before)
            .collect();
        let of = |reference, amount| NewVoucher {
            ends: before.clone(),
            once: Some([reference; 32]),
            ..voucher(Side::A, amount, amount, reference)
        };
        let (first, second) = (of(1, 30), of(2, 30));
        let (one, other) = tokio::join!(
            database.record_voucher(&first, now()),
            database.record_voucher(&second, now())
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert!(one != other, "{engine:?}: {one} {other}");
        let (stored, lost) = if one {
            (first, second)
        } else {
            (second, first)
        };
        let late = of(3, 40);
        assert!(!database.record_voucher(&late, now()).await.unwrap());
        let now_there = ends(database).await;
        assert_eq!(now_there[0].sent, Some(stored.voucher));
        assert_eq!(now_there[1].received, Some(stored.voucher));
        assert_eq!(now_there[1].sent, None);
        let kept = database
            .channel_payment_once(stored.once.unwrap())
            .await
            .unwrap();
        assert_eq!(kept.unwrap().voucher, stored.voucher);
        assert_eq!(
            database
                .channel_payment_once(lost.once.unwrap())
                .await
                .unwrap(),
            None
        );
        let watched = database.watched_channel(id(&terms(1))).await.unwrap();
        assert_eq!(watched.unwrap().by_a, Some(stored.voucher));
        let told = database.events_after(Some(user(1)), 0, 9).await.unwrap();
        assert_eq!(told.len(), 1, "{engine:?}");
        let due = LedgerAccount::Due(id(&terms(1)), Side::B);
        let totals = database.ledger_totals(&[due]).await.unwrap();
        assert_eq!(totals[0].balance(), Some(30.into()));
        let (kept, counted, _) = database.ledger_books().await.unwrap();
        assert_eq!(kept, counted);
        assert_eq!(kept.audit(), []);
        let noted = database
            .channels_noted(&[id(&terms(1)), id(&terms(7))])
            .await
            .unwrap();
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].1.from_a, 30.into());
        let history = database
            .channel_payments(id(&terms(1)), None, 9)
            .await
            .unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].amount, 30.into());
    }
}

/// **O102**: a close is stored only for what both ends had sent when it was signed, and no voucher is stored that was
/// decided before it.
#[tokio::test]
async fn a_close_and_a_voucher_do_not_pass_each_other() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        database
            .record_channel_offer(&offer(), &[], now())
            .await
            .unwrap();
        assert!(open(database, 1, 1).await);
        let before: Vec<EndBefore> = ends(database)
            .await
            .iter()
            .map(HostedChannel::before)
            .collect();
        let close = ChannelClose {
            channel: id(&terms(1)),
            from_a: Amount::ZERO,
            from_b: Amount::ZERO,
            deadline: Timestamp::new(1_700_003_000).unwrap(),
        };
        let signed = |by| close.sign(&domain(), &key(by)).unwrap();
        let proposed = SignedClose::by(close, Side::A, signed(3));
        let record = database.record_close(&proposed, Side::A, &before[0], &[], now());
        assert!(record.await.unwrap(), "{engine:?}");
        let payment = NewVoucher {
            ends: before.clone(),
            ..voucher(Side::B, 5, 5, 1)
        };
        assert!(!database.record_voucher(&payment, now()).await.unwrap());
        let kept = ends(database).await;
        assert_eq!(kept[0].close, Some(proposed));
        assert_eq!(kept[0].close_until, Some(close.deadline));
        assert_eq!(kept[1].received, None);
        assert_eq!(kept[1].sent, None, "nothing of what was refused is stored");

        let both = proposed.signed(Side::B, signed(4));
        let stale = ChannelChange::Close {
            close: Box::new(both),
            ends: before,
        };
        let order = operation(2, OperationKind::CloseTogether);
        let sent = transaction(2);
        let refused = database.start_channel_operation(&order, &sent, &stale, now());
        assert_eq!(refused.await.unwrap(), None, "{engine:?}");
        let change = ChannelChange::Close {
            close: Box::new(both),
            ends: kept.iter().map(HostedChannel::before).collect(),
        };
        let started = database.start_channel_operation(&order, &sent, &change, now());
        assert_eq!(started.await.unwrap().unwrap().asked, order);
        for end in ends(database).await {
            assert_eq!(end.close, Some(both));
            assert_eq!(end.close_until, Some(close.deadline));
        }
    }
}
