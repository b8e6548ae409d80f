//! What is done about debts.

use offpay_operator::{
    clearing::KeptFor,
    event::{Audience, NewEvent},
    outbox::{NewTransaction, Purpose, TransactionState},
    storage::{
        EventStorage as _, OutboxStorage as _, SettlementStorage as _,
        clearing::{ClearingCommit, ClearingStorage as _, StoredPayment},
    },
};
use offpay_protocol::{
    AccountId, Amount, Domain, PurseKey, Reference, Signable as _, SigningKey, Timestamp,
    messages::Payment,
};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

fn purse_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32]).unwrap()
}

fn purse() -> PurseKey {
    purse_key().address().into()
}

fn shop() -> AccountId {
    AccountId::new([9; 20].into())
}

/// A payment that clearing saw then.
async fn seen(database: &Database, cumulative: u64, now: Timestamp) -> StoredPayment {
    let payment = Payment {
        payee: shop(),
        start: 0u64.into(),
        amount: cumulative.into(),
        cumulative: cumulative.into(),
        reference: Reference::ZERO,
    };
    let domain = Domain::new(1, [7; 20].into());
    let stored = StoredPayment {
        id: payment.id(&domain),
        purse: purse(),
        payment,
        signature: payment.sign(&domain, &purse_key()).unwrap(),
    };
    let commit = ClearingCommit {
        kept: vec![(stored, KeptFor::Presenting)],
        now,
        ..ClearingCommit::default()
    };
    database.commit_clearing(&commit).await.unwrap();
    stored
}

fn work(name: &str) -> NewTransaction {
    NewTransaction {
        work: name.into(),
        purpose: Purpose::Settle,
        to: [1; 20],
        calldata: vec![1],
        deadline: None,
    }
}

fn amount(units: u64) -> Amount {
    units.into()
}

#[tokio::test]
async fn a_debt_is_open_until_it_is_in_hand_and_again_when_that_failed() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert!(database.open_debts(at(0), 10).await.unwrap().is_empty());
        let stored = seen(database, 10, at(0)).await;
        let open = database.open_debts(at(1), 10).await.unwrap();
        assert_eq!(open.len(), 1, "{engine:?}");
        assert_eq!(
            (open[0].since, open[0].cumulative, open[0].is_hosted),
            (at(0), amount(10), false)
        );
        let found = database
            .presentable(purse(), open[0].payment)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found, (stored.payment, stored.signature));
        let other = PurseKey::new([5; 20].into());
        assert!(
            database
                .presentable(other, stored.id)
                .await
                .unwrap()
                .is_none()
        );

        let row = (purse(), shop(), amount(10));
        let number = database
            .record_settling(&[row], &work("settle:a"), at(2))
            .await
            .unwrap();
        assert!(
            database
                .open_debts(at(1_000_000), 10)
                .await
                .unwrap()
                .is_empty(),
            "in hand"
        );
        assert!(database.done_debts(10).await.unwrap().is_empty());
        database
            .record_refused(number, "Because", &[], at(3))
            .await
            .unwrap();
        let done = database.done_debts(10).await.unwrap();
        assert_eq!(done.len(), 1);
        assert_eq!(
            (done[0].state, done[0].cumulative),
            (TransactionState::Failed, amount(10))
        );
        database
            .record_settled(purse(), shop(), Amount::ZERO)
            .await
            .unwrap();
        assert!(database.done_debts(10).await.unwrap().is_empty());
        assert_eq!(
            database.open_debts(at(4), 10).await.unwrap().len(),
            1,
            "{engine:?}: open again"
        );

        // The same work again is new work, once.
        let again = database
            .record_settling(&[row], &work("settle:a"), at(5))
            .await
            .unwrap();
        assert_ne!(again, number);
        assert_eq!(
            database
                .record_settling(&[row], &work("settle:a"), at(6))
                .await
                .unwrap(),
            again
        );
        let (second, _) = database.transaction(again).await.unwrap().unwrap();
        assert_eq!(
            (second.work.as_str(), second.state),
            ("settle:a#1", TransactionState::Queued)
        );
    }
}

#[tokio::test]
async fn what_is_settled_is_no_longer_owed_and_what_came_since_is() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        seen(database, 10, at(0)).await;
        let row = (purse(), shop(), amount(10));
        database
            .record_settling(&[row], &work("settle:a"), at(100))
            .await
            .unwrap();
        seen(database, 25, at(150)).await;
        let sums = database.debt_sums().await.unwrap();
        assert_eq!(
            (sums.pairs, sums.owed, sums.unsent),
            (1, 25, 0),
            "{engine:?}"
        );
        database
            .record_settled(purse(), shop(), amount(10))
            .await
            .unwrap();
        let open = database.open_debts(at(200), 10).await.unwrap();
        assert_eq!(
            (open[0].settled, open[0].cumulative),
            (amount(10), amount(25))
        );
        assert_eq!(
            open[0].since,
            at(100),
            "{engine:?}: not since before the plan"
        );
        let sums = database.debt_sums().await.unwrap();
        assert_eq!((sums.owed, sums.unsent, sums.unprotected), (15, 15, 0));
        // Less than was planned: still owed since then.
        database
            .note_settled(purse(), shop(), amount(12))
            .await
            .unwrap();
        assert_eq!(
            database.open_debts(at(200), 10).await.unwrap()[0].since,
            at(100)
        );
        database
            .note_settled(purse(), shop(), amount(11))
            .await
            .unwrap();
        assert_eq!(
            database.open_debts(at(200), 10).await.unwrap()[0].settled,
            amount(12),
            "it never falls"
        );
        database
            .record_settled(purse(), shop(), amount(25))
            .await
            .unwrap();
        assert!(database.open_debts(at(1_000), 10).await.unwrap().is_empty());
        assert_eq!(database.debt_sums().await.unwrap(), Default::default());
    }
}

#[tokio::test]
async fn what_is_put_aside_waits_unless_more_is_owed() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        seen(database, 10, at(0)).await;
        let row = (purse(), shop(), amount(10));
        let event = NewEvent {
            audience: Audience::Operator,
            kind: "debt.at_risk",
            body: serde_json::json!({}),
        };
        let events = std::slice::from_ref(&event);
        assert!(
            database
                .put_aside(row, "beyond_funds", at(100), events, at(1))
                .await
                .unwrap()
        );
        assert!(database.open_debts(at(99), 10).await.unwrap().is_empty());
        assert_eq!(database.open_debts(at(100), 10).await.unwrap().len(), 1);
        assert_eq!(database.debt_sums().await.unwrap().unprotected, 10);
        assert!(
            !database
                .put_aside(row, "beyond_funds", at(200), events, at(101))
                .await
                .unwrap()
        );
        assert!(
            database
                .put_aside(row, "in_default", at(200), events, at(102))
                .await
                .unwrap()
        );
        assert_eq!(
            database.events_after(None, 0, 10).await.unwrap().len(),
            2,
            "{engine:?}: told when it is news"
        );
        seen(database, 11, at(150)).await;
        assert_eq!(
            database.open_debts(at(151), 10).await.unwrap().len(),
            1,
            "{engine:?}: more is owed"
        );
        assert_eq!(
            database.endangered_purses().await.unwrap(),
            [purse()],
            "{engine:?}: it signed what is not cleared"
        );
        assert!(!database.is_hosted_purse(purse()).await.unwrap());
    }
}
