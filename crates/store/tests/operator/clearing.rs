//! What clearing stores.

use offpay_operator::{
    clearing::{DoubleSpend, Frontier, KeptFor, Seen},
    event::{Audience, NewEvent},
    outbox::{NewTransaction, Purpose},
    storage::{
        EventStorage as _, StorageError,
        clearing::{
            ClearingCommit, ClearingStorage as _, OperatorKeyStorage as _, PaymentStanding,
            PurseFrontier, PurseHead, RevocationChanges, RevocationStorage as _, StoredClearance,
            StoredOperatorKey, StoredPayment, StoredRevocations,
        },
    },
};
use offpay_protocol::{
    AccountId, Amount, Domain, OperatorId, PurseKey, Signable as _, Signed, SigningKey, Timestamp,
    clearance::ClearanceTree,
    messages::{Clearance, OperatorKey, Payment, Revocations},
};
use offpay_store::testing::{Engine, TestDatabase};

pub(super) fn domain() -> Domain {
    Domain::new(31_337, [0xfe; 20].into())
}

pub(super) fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

pub(super) fn payee(byte: u8) -> AccountId {
    AccountId::new([byte; 20].into())
}

pub(super) fn now() -> Timestamp {
    Timestamp::new(1_700_000_000).unwrap()
}

pub(super) fn pay(signer: u8, to: u8, start: u64, amount: u64, cumulative: u64) -> StoredPayment {
    let payment = Payment {
        payee: payee(to),
        start: start.into(),
        amount: amount.into(),
        cumulative: cumulative.into(),
        reference: Default::default(),
    };
    StoredPayment {
        id: payment.id(&domain()),
        purse: key(signer).address().into(),
        payment,
        signature: payment.sign(&domain(), &key(signer)).unwrap(),
    }
}

pub(super) fn signed(stored: &StoredPayment) -> Signed<Payment> {
    Signed {
        domain: domain(),
        message: stored.payment,
        signature: stored.signature,
    }
}

pub(super) fn commit(first: i64, cleared: &[StoredPayment]) -> ClearingCommit {
    let ids: Vec<_> = cleared.iter().map(StoredPayment::recorded).collect();
    let clearance = ClearanceTree::new(&ids).map(|tree| {
        let clearance = Clearance {
            root: tree.root(),
            cleared_at: now(),
        };
        StoredClearance {
            first,
            payments: u32::try_from(ids.len()).unwrap(),
            clearance,
            operator: key(99).address().into(),
            signature: clearance.sign(&domain(), &key(99)).unwrap(),
        }
    });
    ClearingCommit {
        clearance,
        cleared: cleared.to_vec(),
        now: now(),
        ..Default::default()
    }
}

pub(super) fn purse(byte: u8) -> PurseKey {
    key(byte).address().into()
}

fn seen(stored: &StoredPayment, number: Option<i64>) -> (Payment, Seen) {
    let id = stored.id;
    (stored.payment, Seen { id, number })
}

#[tokio::test]
async fn what_was_cleared_is_read_again() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert_eq!(database.last_cleared().await.unwrap(), 0, "{engine:?}");
        assert!(database.clearance_of(1).await.unwrap().is_none());
        let largest = StoredPayment {
            payment: Payment {
                cumulative: Amount::MAX,
                ..pay(3, 7, 0, 1, 1).payment
            },
            ..pay(3, 7, 0, 1, 1)
        };
        // Two purses sign the same message.
        let first = [
            pay(1, 7, 0, 10, 10),
            pay(2, 7, 0, 10, 10),
            pay(1, 7, 10, 5, 15),
        ];
        let second = [largest];
        let (one, two) = (commit(1, &first), commit(4, &second));
        database.commit_clearing(&one).await.unwrap();
        database.commit_clearing(&two).await.unwrap();

        assert_eq!(database.last_cleared().await.unwrap(), 4);
        for (number, stored) in (1..).zip(first.iter().chain(&second)) {
            let read = database.payment(stored.purse, stored.id).await.unwrap();
            assert_eq!(read, Some((*stored, PaymentStanding::Cleared(number))));
        }
        let (clearance, ids) = database.clearance_of(3).await.unwrap().unwrap();
        assert_eq!(Some(clearance), one.clearance);
        assert_eq!(ids, first.map(|stored| stored.recorded()));
        let (clearance, ids) = database.clearance_of(4).await.unwrap().unwrap();
        assert_eq!(
            (Some(clearance), ids),
            (two.clearance, vec![largest.recorded()])
        );
        assert!(database.clearance_of(5).await.unwrap().is_none());

        let histories = database
            .purse_histories(&[purse(2), purse(50), purse(1)])
            .await
            .unwrap();
        assert_eq!(histories[0].payments, [seen(&first[1], Some(2))]);
        assert!(histories[1].payments.is_empty());
        let of_first = [seen(&first[0], Some(1)), seen(&first[2], Some(3))];
        let mut read = histories[2].payments.clone();
        read.sort_by_key(|(_, seen)| seen.number);
        assert_eq!(read, of_first);

        let after = database.cleared_after(2, 1).await.unwrap();
        assert_eq!(after, [(3, first[2])]);
        assert!(
            database
                .payment(purse(9), pay(9, 9, 0, 1, 1).id)
                .await
                .unwrap()
                .is_none()
        );
    }
}

/// O125.
#[tokio::test]
async fn a_frontier_counts_while_nothing_else_was_recorded() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let frontier = Frontier {
            spent: Amount::MAX,
            promised: 15u64.into(),
            payments: 2,
        };
        let head = |byte, version, frontier| PurseHead {
            purse: purse(byte),
            version,
            frontier,
        };
        let mut first = commit(1, &[pay(1, 7, 0, 10, 10), pay(2, 7, 0, 10, 10)]);
        first.heads = vec![head(2, 0, None), head(1, 0, Some(frontier))];
        database.commit_clearing(&first).await.unwrap();
        let asked = [purse(1), purse(2), purse(3)];
        let known = PurseFrontier {
            purse: purse(1),
            version: 1,
            frontier,
        };
        let read = database.purse_frontiers(&asked).await.unwrap();
        assert_eq!(read, [known], "{engine:?}");
        assert!(database.purse_frontiers(&[]).await.unwrap().is_empty());

        // The next commit takes it further, or away.
        let mut second = commit(3, &[pay(1, 7, 10, 5, 15), pay(2, 8, 10, 5, 5)]);
        let further = Frontier {
            spent: 15u64.into(),
            ..frontier
        };
        second.heads = vec![head(1, 1, Some(further)), head(2, 1, Some(frontier))];
        database.commit_clearing(&second).await.unwrap();
        let read = database.purse_frontiers(&asked).await.unwrap();
        let mut versions: Vec<_> = read
            .iter()
            .map(|it| (it.purse, it.version, it.frontier))
            .collect();
        versions.sort();
        let mut expected = [(purse(1), 2, further), (purse(2), 2, frontier)];
        expected.sort();
        assert_eq!(versions, expected, "{engine:?}");
        let mut third = commit(5, &[pay(1, 7, 15, 5, 20)]);
        third.heads = vec![head(1, 2, None)];
        database.commit_clearing(&third).await.unwrap();
        let read = database.purse_frontiers(&[purse(1)]).await.unwrap();
        assert!(read.is_empty(), "{engine:?}");

        // A program that knows no frontiers raises the version alone.
        let statement = "UPDATE purse_heads SET version = version + 1";
        test.run(statement).await.unwrap();
        assert!(database.purse_frontiers(&asked).await.unwrap().is_empty());
    }
}

/// O125: a purse that is stopped is decided by everything that is known of it.
#[tokio::test]
async fn a_stopped_purse_has_no_frontier() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let (one, other) = (pay(1, 7, 0, 10, 10), pay(1, 8, 5, 10, 10));
        let mut stop = commit(1, &[one]);
        stop.heads = vec![PurseHead {
            purse: purse(1),
            version: 0,
            frontier: Some(Frontier {
                spent: 10u64.into(),
                promised: 10u64.into(),
                payments: 1,
            }),
        }];
        stop.double_spends = vec![DoubleSpend::new(signed(&one), signed(&other), now()).unwrap()];
        database.commit_clearing(&stop).await.unwrap();
        let read = database.purse_frontiers(&[purse(1)]).await.unwrap();
        assert!(read.is_empty(), "{engine:?}");
    }
}

/// Two programs that clear at once: the second is refused, and has written nothing.
#[tokio::test]
async fn a_number_is_given_once() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        database
            .commit_clearing(&commit(1, &[pay(1, 7, 0, 10, 10)]))
            .await
            .unwrap();
        let late = commit(1, &[pay(2, 7, 0, 10, 10)]);
        let refused = database.commit_clearing(&late).await.unwrap_err();
        assert!(
            matches!(refused, StorageError::Refused(_)),
            "{engine:?}: {refused}"
        );
        assert!(
            database
                .payment(purse(2), late.cleared[0].id)
                .await
                .unwrap()
                .is_none()
        );
        let twice = commit(2, &[pay(1, 7, 0, 10, 10)]);
        let refused = database.commit_clearing(&twice).await.unwrap_err();
        assert!(
            matches!(refused, StorageError::Refused(_)),
            "{engine:?}: {refused}"
        );
        assert_eq!(database.last_cleared().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn promises_are_read_of_the_pairs_that_there_are() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let cleared = [
            pay(1, 7, 0, 10, 10),
            pay(1, 8, 10, 5, 5),
            pay(2, 7, 0, 3, 3),
            pay(1, 7, 15, 5, 15),
        ];
        database
            .commit_clearing(&commit(1, &cleared))
            .await
            .unwrap();
        let pair = |byte, to| (purse(byte), pay(1, to, 0, 1, 1).payment.payee);
        let asked = [pair(1, 7), pair(1, 9), pair(2, 7), pair(2, 8), pair(3, 7)];
        let mut read = database.highest_promises(&asked).await.unwrap();
        read.sort();
        let mut expected = [(pair(1, 7), 15u64), (pair(2, 7), 3)]
            .map(|((purse, payee), highest)| (purse, payee, Amount::from(highest)));
        expected.sort();
        assert_eq!(read, expected, "{engine:?}");
        assert!(database.highest_promises(&[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_pair_owes_its_highest_cumulative_since_its_oldest_payment() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let higher = pay(1, 7, 10, 5, 15);
        database
            .commit_clearing(&commit(1, &[higher, pay(1, 7, 0, 10, 10)]))
            .await
            .unwrap();
        let later = ClearingCommit {
            now: Timestamp::new(1_700_000_100).unwrap(),
            ..commit(3, &[pay(1, 7, 15, 5, 20)])
        };
        database.commit_clearing(&later).await.unwrap();
        let owed = database.owed_pairs(10).await.unwrap();
        assert_eq!(owed.len(), 1, "{engine:?}");
        assert_eq!((owed[0].purse, owed[0].payee), (purse(1), payee(7)));
        assert_eq!(owed[0].cumulative, Amount::from_u64(20));
        assert_eq!(owed[0].payment, later.cleared[0].id);
        assert_eq!(owed[0].settled, Amount::ZERO);
        assert_eq!(owed[0].owed_since, now());
    }
}

#[tokio::test]
async fn what_is_kept_counts_and_can_be_cleared() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let (for_funds, presenting) = (pay(1, 7, 90, 20, 20), pay(2, 7, 0, 5, 5));
        let kept = ClearingCommit {
            kept: vec![
                (for_funds, KeptFor::Funds),
                (presenting, KeptFor::Presenting),
            ],
            ..commit(1, &[])
        };
        database.commit_clearing(&kept).await.unwrap();
        database.commit_clearing(&kept).await.unwrap();
        let standing = database
            .payment(for_funds.purse, for_funds.id)
            .await
            .unwrap()
            .unwrap()
            .1;
        assert_eq!(
            standing,
            PaymentStanding::Kept(KeptFor::Funds),
            "{engine:?}"
        );
        let histories = database.purse_histories(&[purse(1)]).await.unwrap();
        assert_eq!(histories[0].payments, [seen(&for_funds, None)]);
        let owed = database.owed_pairs(10).await.unwrap();
        assert_eq!(owed.len(), 1, "only what can be presented is owed");
        assert_eq!(owed[0].purse, purse(2));

        let cleared = ClearingCommit {
            no_longer_kept: vec![(for_funds.purse, for_funds.id)],
            ..commit(1, &[for_funds])
        };
        database.commit_clearing(&cleared).await.unwrap();
        let standing = database
            .payment(for_funds.purse, for_funds.id)
            .await
            .unwrap()
            .unwrap()
            .1;
        assert_eq!(standing, PaymentStanding::Cleared(1));
        let histories = database.purse_histories(&[purse(1)]).await.unwrap();
        assert_eq!(histories[0].payments, [seen(&for_funds, Some(1))]);
        assert_eq!(database.owed_pairs(10).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn evidence_stops_a_purse_with_its_report_and_event() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let (first, second) = (pay(1, 7, 0, 10, 10), pay(1, 8, 5, 10, 10));
        let evidence = DoubleSpend::new(signed(&first), signed(&second), now()).unwrap();
        let with_evidence = ClearingCommit {
            double_spends: vec![evidence],
            transactions: vec![NewTransaction {
                work: "report:1".to_owned(),
                purpose: Purpose::ReportDoubleSpend,
                to: [1; 20],
                calldata: vec![1, 2, 3],
                deadline: None,
            }],
            events: vec![NewEvent {
                audience: Audience::Operator,
                kind: "purse.double_spend",
                body: serde_json::json!({}),
            }],
            ..commit(1, &[first])
        };
        database.commit_clearing(&with_evidence).await.unwrap();
        assert_eq!(
            database.double_spend(purse(1)).await.unwrap(),
            Some(evidence)
        );
        assert_eq!(
            database.stopped_purses().await.unwrap(),
            [purse(1)],
            "{engine:?}"
        );
        let histories = database.purse_histories(&[purse(1)]).await.unwrap();
        assert!(histories[0].stopped);
        assert_eq!(database.events_after(None, 0, 10).await.unwrap().len(), 1);

        // The first evidence of a purse stays.
        let other = DoubleSpend::new(signed(&first), signed(&pay(1, 9, 1, 1, 1)), now()).unwrap();
        let again = ClearingCommit {
            double_spends: vec![other],
            ..commit(2, &[])
        };
        database.commit_clearing(&again).await.unwrap();
        assert_eq!(
            database.double_spend(purse(1)).await.unwrap(),
            Some(evidence)
        );
    }
}

#[tokio::test]
async fn keys_are_kept_with_how_they_came() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        let first = StoredOperatorKey {
            operator: key(1).address().into(),
            valid_from: Timestamp::ZERO,
            rotation: None,
        };
        let next = OperatorKey {
            next: OperatorId::new(key(2).address()),
            valid_from: now(),
        };
        let second = StoredOperatorKey {
            operator: next.next,
            valid_from: now(),
            rotation: Some((next, next.sign(&domain(), &key(1)).unwrap())),
        };
        database.add_operator_key(&first).await.unwrap();
        database.add_operator_key(&second).await.unwrap();
        assert_eq!(
            database.operator_keys().await.unwrap(),
            [first, second],
            "{engine:?}"
        );
        assert!(database.add_operator_key(&first).await.is_err());
    }
}

#[tokio::test]
async fn revocations_in_full_and_as_changes() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert_eq!(database.newest_revocations().await.unwrap(), None);
        let list = |version| {
            let revocations = Revocations {
                version,
                digest: [7; 32].into(),
                as_of: now(),
            };
            let signature = revocations.sign(&domain(), &key(9)).unwrap();
            StoredRevocations {
                revocations,
                signature,
            }
        };
        let changes = |added: &[u8], removed: &[u8]| RevocationChanges {
            added: added
                .iter()
                .map(|byte| PurseKey::new([*byte; 20].into()))
                .collect(),
            removed: removed
                .iter()
                .map(|byte| PurseKey::new([*byte; 20].into()))
                .collect(),
        };
        database
            .add_revocations(&list(1), &changes(&[1, 2], &[]))
            .await
            .unwrap();
        database
            .add_revocations(&list(2), &changes(&[3], &[1]))
            .await
            .unwrap();
        database
            .add_revocations(&list(3), &changes(&[4], &[3]))
            .await
            .unwrap();
        assert!(
            database
                .add_revocations(&list(3), &changes(&[], &[]))
                .await
                .is_err()
        );
        assert_eq!(
            database.newest_revocations().await.unwrap(),
            Some(list(3)),
            "{engine:?}"
        );
        for (since, added, removed) in [
            (0, &[2, 4][..], &[][..]),
            (1, &[4], &[1]),
            (2, &[4], &[3]),
            (3, &[], &[]),
        ] {
            let read = database.revocation_changes(since).await.unwrap();
            assert_eq!(read, changes(added, removed), "{engine:?} since {since}");
        }
    }
}

/// A full disk: nothing is written, it is said so, and it goes on when there is room.
#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let test = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let database = &test.database;
    database
        .commit_clearing(&commit(1, &[pay(1, 7, 0, 10, 10)]))
        .await
        .unwrap();
    database.limit_pages(1).await.unwrap();
    let many: Vec<_> = (0..500)
        .map(|at| pay(2, 7, at * 10, 10, (at + 1) * 10))
        .collect();
    let failed = database
        .commit_clearing(&commit(2, &many))
        .await
        .unwrap_err();
    assert!(matches!(failed, StorageError::Full(_)), "{failed}");
    assert!(failed.is_retryable());
    assert_eq!(database.last_cleared().await.unwrap(), 1);
    database.limit_pages(1_000_000).await.unwrap();
    database.commit_clearing(&commit(2, &many)).await.unwrap();
    assert_eq!(database.last_cleared().await.unwrap(), 501);
}
