//! The books, and what hosted users do with their money.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    hosted::{
        Keeper, NewOperation, NewPayment, NewPurse, OperationId, OperationKind, OperationState,
        PaymentState, Reached, RequestId, StoredRequest,
    },
    ledger::{Fact, LedgerAccount},
    outbox::{NewTransaction, Purpose, TransactionState},
    storage::{
        AddressStorage as _, EventStorage as _, HostedPurseStorage as _, LedgerStorage as _,
        OperationStorage as _, Posting, PostingChange, RequestStorage as _, WithdrawalAddress,
    },
};
use offpay_protocol::{
    AccountId, Amount, Nonce, PaymentId, PurseKey, Reference, Signature, SigningKey, Timestamp,
    messages::{Payment, Request},
};
use offpay_store::testing::{Engine, TestDatabase};
use uuid::Uuid;

fn now() -> Timestamp {
    Timestamp::new(1_700_000_000).unwrap()
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn account(n: u8) -> AccountId {
    AccountId::new([n; 20].into())
}

fn purse(n: u8) -> PurseKey {
    PurseKey::new([n; 20].into())
}

fn signature() -> Signature {
    let key = SigningKey::from_bytes(&[7; 32]).unwrap();
    key.sign([1; 32].into()).unwrap()
}

fn told(user: UserId) -> NewEvent {
    NewEvent {
        audience: Audience::User(user),
        kind: "test.told",
        body: serde_json::json!({}),
    }
}

fn operation(n: u128, kind: OperationKind) -> NewOperation {
    NewOperation {
        id: OperationId(Uuid::from_u128(n)),
        user: user(1),
        kind,
        account: account(1),
        amount: 100.into(),
        fee: 1.into(),
        spends_balance: 101.into(),
        spends_collateral: 5.into(),
        details: serde_json::json!({ "to": "somewhere" }),
        void_after: Timestamp::new(1_700_003_600).unwrap(),
        once: None,
    }
}

fn transaction(work: &str) -> NewTransaction {
    NewTransaction {
        work: work.to_owned(),
        purpose: Purpose::Relay,
        to: [9; 20],
        calldata: vec![1, 2, 3],
        deadline: None,
    }
}

fn payment(purse: PurseKey, n: u8, start: u64, amount: u64, cumulative: u64) -> NewPayment {
    NewPayment {
        id: PaymentId::new([n; 32].into()),
        user: user(1),
        payee_user: Some(user(2)),
        purse,
        payment: Payment {
            payee: account(2),
            start: start.into(),
            amount: amount.into(),
            cumulative: cumulative.into(),
            reference: Reference::new([n; 32].into()),
        },
        signature: signature(),
        memo: "lunch".to_owned(),
        refund_of: None,
        once: None,
    }
}

async fn open_purse(test: &TestDatabase, n: u8, keeper: Keeper) {
    let new = NewPurse {
        purse: purse(n),
        user: user(1),
        account: account(1),
        keeper,
    };
    let id = 1000 + u128::from(n);
    let work = format!("open {n}");
    test.database
        .start_operation(
            &operation(id, OperationKind::OpenPurse),
            &transaction(&work),
            Some(&new),
            now(),
        )
        .await
        .unwrap();
}

fn enter(sequence: i64, fact: Fact) -> Posting {
    Posting {
        sequence,
        change: PostingChange::Enter(fact.movements()),
        events: vec![told(user(1))],
    }
}

#[tokio::test]
async fn the_chain_is_worked_in_once_and_taken_back() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert_eq!(database.ledger_cursor().await.unwrap(), 0);
        let deposit = Fact::Deposited {
            owner: account(1),
            amount: Amount::MAX,
        };
        let opened = Fact::PurseOpened {
            purse: purse(7),
            owner: account(1),
            funds: 60.into(),
            pledge: Amount::ZERO,
        };
        let postings = [enter(3, deposit), enter(5, opened)];
        for _ in 0..2 {
            database.enter_postings(&postings, 5, now()).await.unwrap();
        }
        assert_eq!(database.ledger_cursor().await.unwrap(), 5);
        let told = database.events_after(Some(user(1)), 0, 10).await.unwrap();
        assert_eq!(told.len(), 2, "told once, with the entry: {engine:?}");
        let names = [
            LedgerAccount::Balance(account(1)),
            LedgerAccount::Purse(purse(7)),
            LedgerAccount::Balance(account(9)),
        ];
        let totals = database.ledger_totals(&names).await.unwrap();
        let held: Vec<_> = totals
            .iter()
            .map(|totals| totals.balance().unwrap().get())
            .collect();
        assert_eq!(held, [Amount::MAX.get() - 60, 60, 0], "{engine:?}");

        let back = Posting {
            sequence: 6,
            change: PostingChange::TakeBack(5),
            events: Vec::new(),
        };
        database.enter_postings(&[back], 8, now()).await.unwrap();
        let totals = database.ledger_totals(&names).await.unwrap();
        assert_eq!(totals[0].balance(), Some(Amount::MAX));
        assert_eq!(totals[1].balance(), Some(Amount::ZERO));
        let (kept, counted, cursor) = database.ledger_books().await.unwrap();
        assert_eq!(cursor, 8, "the cursor moves past entries that move nothing");
        assert_eq!(kept, counted, "{engine:?}");
        assert_eq!(kept.audit(), []);

        let statement = database.ledger_statement(names[1], 0, 10).await.unwrap();
        assert_eq!(statement.len(), 2);
        assert_eq!(statement[0].source, "chain/5/0");
        assert_eq!(statement[1].movement, statement[0].movement.reversed());
        let rest = database
            .ledger_statement(names[1], statement[0].number, 10)
            .await
            .unwrap();
        assert_eq!(rest, statement[1..]);
    }
}

#[tokio::test]
async fn an_operation_and_its_transaction_are_stored_together() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let faucet = operation(1, OperationKind::Faucet);
        let stored = database
            .start_operation(&faucet, &transaction("a"), None, now())
            .await
            .unwrap();
        assert_eq!(
            database.operation(user(1), faucet.id).await.unwrap(),
            Some(stored.clone()),
            "{engine:?}"
        );
        assert_eq!(database.operation(user(2), faucet.id).await.unwrap(), None);
        let follow = database.operations_to_follow(None, 10).await.unwrap();
        let queued = Reached {
            state: TransactionState::Queued,
            block: None,
        };
        assert_eq!(follow, [(stored, queued)]);

        for _ in 0..2 {
            database
                .record_operation_state(faucet.id, OperationState::Mined, &[told(user(1))], now())
                .await
                .unwrap();
        }
        let events = database.events_after(Some(user(1)), 0, 10).await.unwrap();
        assert_eq!(events.len(), 1, "{engine:?}: told once");

        let deposit = operation(2, OperationKind::Deposit);
        database
            .start_operation(&deposit, &transaction("b"), None, now())
            .await
            .unwrap();
        let open = database.operations_to_follow(None, 10).await.unwrap();
        assert_eq!(open.len(), 2, "{engine:?}");

        let page = database.operations(user(1), None, 1).await.unwrap();
        assert_eq!(page[0].asked, deposit);
        let older = database
            .operations(user(1), Some(deposit.id), 10)
            .await
            .unwrap();
        assert_eq!(older.len(), 1);
        assert_eq!(older[0].state, OperationState::Mined);

        database
            .record_operation_state(faucet.id, OperationState::Final, &[], now())
            .await
            .unwrap();
        database
            .record_operation_state(faucet.id, OperationState::Pending, &[], now())
            .await
            .unwrap();
        let over = database
            .operation(user(1), faucet.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(over.state, OperationState::Final, "what is over stays so");
        let open = database.open_operations(user(1)).await.unwrap();
        assert_eq!(open.len(), 1);
    }
}

#[tokio::test]
async fn serials_are_handed_out_once() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        open_purse(&test, 7, Keeper::Server).await;
        open_purse(&test, 8, Keeper::Phone).await;
        let signed_for = database.signed_for(&[purse(7), purse(8), purse(9)]).await;
        assert_eq!(signed_for.unwrap(), [purse(7)], "not the one on a phone");
        assert_eq!(database.hosted_purses(user(1)).await.unwrap().len(), 2);

        let first = payment(purse(7), 1, 0, 10, 10);
        assert!(database.record_signed(&first, now()).await.unwrap());
        let racing = payment(purse(7), 2, 0, 3, 3);
        assert!(
            !database.record_signed(&racing, now()).await.unwrap(),
            "{engine:?}: the serial was handed out"
        );
        assert_eq!(database.hosted_payment(racing.id).await.unwrap(), None);
        let second = payment(purse(7), 3, 10, 5, 15);
        assert!(database.record_signed(&second, now()).await.unwrap());

        let kept = database.hosted_purse(purse(7)).await.unwrap().unwrap();
        assert_eq!(kept.next_serial, 15.into());
        assert_eq!(kept.made.keeper, Keeper::Server);
        let promised = database.promised(purse(7), account(2)).await.unwrap();
        assert_eq!(promised, 15.into());
        let books = [
            LedgerAccount::Promised(purse(7)),
            LedgerAccount::Claimed(account(2)),
        ];
        let totals = database.ledger_totals(&books).await.unwrap();
        assert_eq!(totals[0].owed(), Some(15.into()));
        assert_eq!(totals[1].balance(), Some(15.into()), "{engine:?}");

        let waiting = database.payments_to_clear(10).await.unwrap();
        assert_eq!(waiting.len(), 2);
        assert_eq!(waiting[0].signed, first);
        for (id, state) in [
            (first.id, PaymentState::Cleared),
            (second.id, PaymentState::Refused),
        ] {
            for _ in 0..2 {
                database
                    .record_payment_state(id, state, Some("why"), &[told(user(2))], now())
                    .await
                    .unwrap();
            }
        }
        assert!(database.payments_to_clear(10).await.unwrap().is_empty());
        let events = database.events_after(Some(user(2)), 0, 10).await.unwrap();
        assert_eq!(events.len(), 2, "{engine:?}: each told once");

        let mine = database.hosted_history(user(1), None, 10).await.unwrap();
        assert_eq!(mine.len(), 2);
        assert_eq!(mine[0].signed, second, "newest first");
        let older = database
            .hosted_history(user(1), Some(mine[0].number), 10)
            .await
            .unwrap();
        assert_eq!(older[0].signed, first);
        let theirs = database.hosted_history(user(2), None, 10).await.unwrap();
        assert_eq!(theirs.len(), 1, "a refused payment is nothing to its payee");

        let by_reference = database
            .payments_of_reference(account(2), first.payment.reference)
            .await
            .unwrap();
        assert_eq!(by_reference.len(), 1);
        let refund = NewPayment {
            refund_of: Some(first.id),
            ..payment(purse(7), 4, 15, 4, 19)
        };
        assert_eq!(database.refunded(first.id).await.unwrap(), Amount::ZERO);
        assert!(database.record_signed(&refund, now()).await.unwrap());
        assert_eq!(database.refunded(first.id).await.unwrap(), 4.into());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_of_one_purse_leave_no_gap_and_no_overlap() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        open_purse(&test, 7, Keeper::Server).await;
        let writers = (1_u8..=6).map(|n| {
            let database = test.database.clone();
            tokio::spawn(async move {
                loop {
                    let kept = database.hosted_purse(purse(7)).await.unwrap().unwrap();
                    let promised = database.promised(purse(7), account(2)).await.unwrap();
                    let mut next = payment(purse(7), n, 0, 10, 10);
                    next.payment.start = kept.next_serial;
                    next.payment.cumulative = promised.checked_add(10.into()).unwrap();
                    if database.record_signed(&next, now()).await.unwrap() {
                        break;
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let mut starts: Vec<_> = test
            .database
            .hosted_history(user(1), None, 100)
            .await
            .unwrap()
            .iter()
            .map(|payment| payment.signed.payment.start.get())
            .collect();
        starts.sort_unstable();
        assert_eq!(starts, [0, 10, 20, 30, 40, 50], "{engine:?}");
        let (kept, counted, _) = test.database.ledger_books().await.unwrap();
        assert_eq!(kept, counted);
        assert_eq!(kept.audit(), []);
    }
}

#[tokio::test]
async fn requests_and_addresses() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let request = StoredRequest {
            id: RequestId(Uuid::from_u128(1)),
            user: user(1),
            request: Request {
                payee: account(1),
                amount: 5.into(),
                nonce: Nonce::new([3; 32].into()),
                expires_at: now(),
                name: "Ana".to_owned(),
                memo: "✓ 'quoted'".to_owned(),
            },
            reference: Reference::new([4; 32].into()),
            signature: signature(),
            created_at: now(),
        };
        database.record_request(&request).await.unwrap();
        assert!(database.record_request(&request).await.is_err());
        let by_id = database.request(request.id).await.unwrap();
        assert_eq!(by_id.as_ref(), Some(&request), "{engine:?}");
        let by_reference = database
            .request_of_reference(request.reference)
            .await
            .unwrap();
        assert_eq!(by_reference, by_id);
        assert_eq!(database.requests(user(1), None, 10).await.unwrap().len(), 1);
        let older = database
            .requests(user(1), Some(request.id), 10)
            .await
            .unwrap();
        assert!(older.is_empty());

        let address = WithdrawalAddress {
            address: account(5),
            label: "cold".to_owned(),
            added_at: now(),
            usable_at: now(),
            confirmed_at: None,
        };
        let relabelled = WithdrawalAddress {
            label: "hot".to_owned(),
            ..address.clone()
        };
        for new in [&address, &relabelled] {
            let stored = database.add_address(user(1), new, &[told(user(1))]).await;
            assert_eq!(stored.unwrap(), address, "{engine:?}: the first stays");
        }
        let events = database.events_after(Some(user(1)), 0, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        database
            .confirm_address(user(1), account(5), &[], now())
            .await
            .unwrap();
        let kept = database.addresses(user(1)).await.unwrap();
        assert_eq!(kept[0].confirmed_at, Some(now()));
        assert!(database.addresses(user(2)).await.unwrap().is_empty());
        assert!(database.remove_address(user(1), account(5)).await.unwrap());
        assert!(!database.remove_address(user(1), account(5)).await.unwrap());
    }
}
