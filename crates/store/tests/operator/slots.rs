//! Slots, and handing one over from one database to another.

use std::collections::BTreeSet;

use offpay_operator::{
    clearing::{DoubleSpend, KeptFor},
    follower::{BlockRef, Deployed},
    outbox::{NewTransaction, Purpose},
    slots::{Place, ShardNames, Slot},
    storage::{
        ExportStorage as _, FollowerStorage as _, PaymentPlace, SettlementStorage as _,
        SlotStorage as _, StorageError,
        clearing::{
            ClearingCommit, ClearingStorage as _, PaymentStanding, PurseHead, StoredPayment,
        },
    },
};
use offpay_protocol::{
    PurseKey, Timestamp, certificate::TrustedOperators, clearance::check_clearance,
};
use offpay_store::{
    Database,
    operator::{MoveError, Moving},
    testing::{Engine, TestDatabase},
};

use super::clearing::{commit, domain, key, now, pay, payee, purse, signed};

fn names(own: &str) -> ShardNames {
    ShardNames {
        own: own.to_owned(),
        home: "a".to_owned(),
    }
}

/// Two shards, of which the home shard has everything.
async fn shards(engine: Engine) -> (TestDatabase, TestDatabase) {
    let (a, b) = (
        TestDatabase::new(engine).await.unwrap(),
        TestDatabase::new(engine).await.unwrap(),
    );
    a.database.become_shard(&names("a")).await.unwrap();
    b.database.become_shard(&names("b")).await.unwrap();
    (a, b)
}

/// A signer whose purse may be moved.
fn movable() -> u8 {
    (1..100)
        .find(|signer| !Slot::of(purse(*signer)).stays_home())
        .unwrap()
}

async fn head(database: &Database, purse: PurseKey) -> PurseHead {
    let histories = database.purse_histories(&[purse]).await.unwrap();
    PurseHead {
        purse,
        version: histories[0].version,
        frontier: None,
    }
}

/// A commit as a server with this map makes it.
async fn with_map(database: &Database, commit: ClearingCommit, slots: i64) -> ClearingCommit {
    let kept = commit.kept.iter().map(|(stored, _)| stored);
    let purses: BTreeSet<_> = commit
        .cleared
        .iter()
        .chain(kept)
        .map(|stored| stored.purse)
        .collect();
    let mut heads = Vec::new();
    for purse in purses {
        heads.push(head(database, purse).await);
    }
    ClearingCommit {
        heads,
        slots,
        ..commit
    }
}

async fn record(database: &Database, change: ClearingCommit) -> Result<(), StorageError> {
    let version = database.slot_map_version().await.unwrap();
    let commit = with_map(database, change, version).await;
    database.commit_clearing(&commit).await
}

/// Of everything that clearing and settling know of a purse.
async fn known(database: &Database, of: PurseKey) -> String {
    let mut histories = database.purse_histories(&[of]).await.unwrap();
    let mut history = histories.remove(0);
    history.payments.sort_by_key(|(_, seen)| seen.id);
    for (_, seen) in &mut history.payments {
        seen.number = seen.number.map(|_| 0);
    }
    let owed = database.owed_pairs(100).await.unwrap();
    let mut owed: Vec<_> = owed.iter().filter(|pair| pair.purse == of).collect();
    owed.sort_by_key(|pair| pair.payee);
    let evidence = database.double_spend(of).await.unwrap();
    format!("{history:?} {owed:?} {evidence:?}")
}

#[tokio::test]
async fn a_database_becomes_one_shard_and_no_other() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let database = &test.database;
        assert_eq!(database.slot_map().await.unwrap().version, 0);
        let map = database.become_shard(&names("a")).await.unwrap();
        assert_eq!(map.shard, Some(names("a")));
        assert!(Slot::all().all(|slot| *map.place(slot) == Place::Here));
        assert_eq!(database.become_shard(&names("a")).await.unwrap(), map);
        for other in [
            names("b"),
            ShardNames {
                own: "a".to_owned(),
                home: "b".to_owned(),
            },
        ] {
            let refused = database.become_shard(&other).await.unwrap_err();
            assert!(matches!(refused, StorageError::Refused(_)), "{refused}");
        }
        let away = TestDatabase::new(engine).await.unwrap();
        let map = away.database.become_shard(&names("b")).await.unwrap();
        assert!(Slot::all().all(|slot| *map.place(slot) == Place::At("a".to_owned())));
        // One that has cleared payments would own purses that the home shard owns as well.
        let used = TestDatabase::new(engine).await.unwrap();
        record(&used.database, commit(1, &[pay(1, 7, 0, 10, 10)]))
            .await
            .unwrap();
        let refused = used.database.become_shard(&names("b")).await.unwrap_err();
        assert!(refused.to_string().contains("only the home shard"));
        used.database.become_shard(&names("a")).await.unwrap();
    }
}

/// O144
#[tokio::test]
async fn o144_what_was_decided_by_an_old_map_is_not_recorded() {
    for engine in Engine::ALL {
        let (a, b) = shards(engine).await;
        let signer = movable();
        let one = commit(1, &[pay(signer, 7, 0, 10, 10)]);
        // A server that knows of no shards.
        let unaware = with_map(&a.database, one.clone(), 0).await;
        let refused = a.database.commit_clearing(&unaware).await.unwrap_err();
        assert!(matches!(refused, StorageError::Refused(_)), "{engine:?}");
        let old = a.database.slot_map_version().await.unwrap();
        let late = with_map(&a.database, one.clone(), old).await;
        let moving = Moving::new(&a.database, &b.database, "b", Slot::of(purse(signer)));
        moving.leave().await.unwrap();
        let refused = a.database.commit_clearing(&late).await.unwrap_err();
        assert!(matches!(refused, StorageError::Refused(_)), "{engine:?}");
        let map = a.database.slot_map().await.unwrap();
        assert!(!map.holds(purse(signer)));
        moving.run(now()).await.unwrap();
        let refused = a.database.commit_clearing(&late).await.unwrap_err();
        assert!(matches!(refused, StorageError::Refused(_)), "{engine:?}");
        assert_eq!(a.database.cleared_count().await.unwrap(), 0);
        // The new owner records it.
        assert!(b.database.slot_map().await.unwrap().holds(purse(signer)));
        record(&b.database, one).await.unwrap();
    }
}

/// A purse with cleared and kept payments, debts and evidence; and another one, whose payments are in the same clearances.
async fn filled(database: &Database) -> (PurseKey, PurseKey, Vec<StoredPayment>) {
    let moved = movable();
    let stays = (moved + 1..200)
        .find(|signer| Slot::of(purse(*signer)) != Slot::of(purse(moved)))
        .unwrap();
    let mut cleared = Vec::new();
    for at in 0..5_u64 {
        cleared.push(pay(moved, 7, at * 10, 10, (at + 1) * 10));
        cleared.push(pay(stays, 8, at * 10, 10, (at + 1) * 10));
    }
    record(database, commit(1, &cleared[..6])).await.unwrap();
    record(database, commit(100, &cleared[6..])).await.unwrap();
    let kept = ClearingCommit {
        kept: vec![
            (pay(moved, 9, 900, 10, 10), KeptFor::Presenting),
            (pay(moved, 9, 950, 10, 20), KeptFor::Funds),
        ],
        now: now(),
        ..Default::default()
    };
    record(database, kept).await.unwrap();
    let other = pay(moved, 8, 0, 10, 10);
    let evidence = ClearingCommit {
        double_spends: vec![DoubleSpend::new(signed(&cleared[0]), signed(&other), now()).unwrap()],
        heads: vec![head(database, purse(moved)).await],
        slots: database.slot_map_version().await.unwrap(),
        now: now(),
        ..Default::default()
    };
    database.commit_clearing(&evidence).await.unwrap();
    database
        .note_settled(purse(moved), payee(7), 20_u64.into())
        .await
        .unwrap();
    (purse(moved), purse(stays), cleared)
}

/// O145
#[tokio::test]
async fn o145_a_moved_slot_is_whole_and_its_clearances_still_prove() {
    for engine in Engine::ALL {
        let (a, b) = shards(engine).await;
        let (moved, stays, cleared) = filled(&a.database).await;
        let (before, beside) = (
            known(&a.database, moved).await,
            known(&a.database, stays).await,
        );
        let rows = Moving::new(&a.database, &b.database, "b", Slot::of(moved))
            .run(now())
            .await
            .unwrap();
        assert_eq!((rows.purses, rows.payments, rows.kept), (1, 5, 2));
        assert_eq!((rows.pairs, rows.stopped), (2, 1));
        assert_eq!(known(&b.database, moved).await, before, "{engine:?}");
        assert_eq!(known(&a.database, stays).await, beside, "{engine:?}");
        // The source neither settles nor reports what it gave away.
        let left = a.database.owed_pairs(100).await.unwrap();
        assert!(left.iter().all(|pair| pair.purse == stays));
        assert!(a.database.stopped_purses().await.unwrap().is_empty());
        assert!(a.database.endangered_purses().await.unwrap().is_empty());
        let trusted = TrustedOperators::new([key(99).address().into()]);
        for stored in cleared.iter().filter(|stored| stored.purse == moved) {
            let found = b.database.payment(moved, stored.id).await.unwrap();
            let Some((_, PaymentStanding::Cleared(number))) = found else {
                panic!("{engine:?}: a cleared payment is lost: {found:?}");
            };
            assert_eq!(b.database.clearance_of(number).await.unwrap(), None);
            let proof = b.database.moved_clearance(number).await.unwrap().unwrap();
            let path: Vec<_> = proof.path.iter().map(|hash| (*hash).into()).collect();
            check_clearance(
                stored.recorded(),
                &path,
                &proof.clearance.clearance,
                &proof.clearance.signature,
                &domain(),
                &trusted,
            )
            .unwrap();
        }
        let exported = {
            let upto = b.database.clearing_horizon().await.unwrap();
            let from = PaymentPlace::default();
            b.database.export_payments(from, upto, 100).await.unwrap()
        };
        assert_eq!(exported.len(), 5, "{engine:?}");
        assert!(exported.iter().all(|payment| payment.cleared_at == now()));
        // And those that stayed still have their whole trees.
        let (_, tree) = a.database.clearance_of(2).await.unwrap().unwrap();
        assert_eq!(tree.len(), 6, "{engine:?}");
    }
}

/// O146
#[tokio::test]
async fn o146_a_move_that_was_cut_off_between_any_two_steps_goes_on() {
    for engine in Engine::ALL {
        for steps in 0..4 {
            let (a, b) = shards(engine).await;
            let (moved, _, _) = filled(&a.database).await;
            let before = known(&a.database, moved).await;
            let moving = Moving::new(&a.database, &b.database, "b", Slot::of(moved));
            moving.copy_ahead().await.unwrap();
            if steps > 0 {
                moving.leave().await.unwrap();
            }
            if steps > 1 {
                moving.take_over(now()).await.unwrap();
                // Recorded at the target meanwhile: it must not be lost by doing it again.
                let map = b.database.slot_map().await.unwrap();
                assert!(map.holds(moved));
                let later = ClearingCommit {
                    kept: vec![(pay(movable(), 9, 970, 10, 30), KeptFor::Funds)],
                    now: now(),
                    ..Default::default()
                };
                record(&b.database, later).await.unwrap();
            }
            if steps > 2 {
                moving.let_go().await.unwrap();
            }
            let there = known(&b.database, moved).await;
            // Whoever goes on knows nothing of what was done.
            let again = Moving::new(&a.database, &b.database, "b", Slot::of(moved));
            again.run(now()).await.unwrap();
            again.run(now()).await.unwrap();
            let wanted = if steps > 1 { there } else { before };
            assert_eq!(
                known(&b.database, moved).await,
                wanted,
                "{engine:?} after {steps}"
            );
            let (at_a, at_b) = (
                a.database.slot_map().await.unwrap(),
                b.database.slot_map().await.unwrap(),
            );
            assert_eq!(at_a.place(Slot::of(moved)), &Place::At("b".to_owned()));
            assert_eq!(at_b.place(Slot::of(moved)), &Place::Here);
        }
    }
}

/// O147
#[tokio::test]
async fn o147_no_slot_is_owned_twice_and_old_runs_take_nothing() {
    for engine in Engine::ALL {
        let (a, b) = shards(engine).await;
        let c = TestDatabase::new(engine).await.unwrap();
        c.database.become_shard(&names("c")).await.unwrap();
        let (moved, _, _) = filled(&a.database).await;
        let slot = Slot::of(moved);
        let (to_b, to_c) = (
            Moving::new(&a.database, &b.database, "b", slot),
            Moving::new(&a.database, &c.database, "c", slot),
        );
        to_b.leave().await.unwrap();
        let refused = to_c.run(now()).await.unwrap_err();
        assert!(matches!(refused, MoveError::OnItsWay { .. }), "{refused}");
        // Nothing is let go of that the target has not taken.
        to_b.let_go().await.unwrap_err();
        let at_a = a.database.slot_map().await.unwrap();
        assert_eq!(at_a.place(slot), &Place::Leaving("b".to_owned()));
        to_b.run(now()).await.unwrap();
        let refused = to_c.run(now()).await.unwrap_err();
        assert!(matches!(refused, MoveError::NotThere { .. }), "{refused}");
        // There and back, with what came meanwhile.
        let later = ClearingCommit {
            kept: vec![(pay(movable(), 9, 970, 10, 30), KeptFor::Funds)],
            now: now(),
            ..Default::default()
        };
        record(&b.database, later).await.unwrap();
        let wanted = known(&b.database, moved).await;
        Moving::new(&b.database, &a.database, "a", slot)
            .run(now())
            .await
            .unwrap();
        assert_eq!(known(&a.database, moved).await, wanted, "{engine:?}");
        let mut owners = 0;
        for database in [&a.database, &b.database, &c.database] {
            owners += usize::from(database.slot_map().await.unwrap().holds(moved));
        }
        assert_eq!(owners, 1, "{engine:?}");
    }
}

/// A transaction is on its way when the slot leaves: neither database plans another one for the same debt.
#[tokio::test]
async fn a_debt_of_a_moved_slot_is_settled_by_one_shard() {
    for engine in Engine::ALL {
        let (a, b) = shards(engine).await;
        let (moved, stays, _) = filled(&a.database).await;
        let settle = |work: &str| NewTransaction {
            work: work.to_owned(),
            purpose: Purpose::Settle,
            to: [1; 20],
            calldata: vec![1],
            deadline: None,
        };
        let row = (moved, payee(7), 50_u64.into());
        a.database
            .record_settling(&[row], &settle("before"), now())
            .await
            .unwrap();
        let moving = Moving::new(&a.database, &b.database, "b", Slot::of(moved));
        moving.leave().await.unwrap();
        // A settler that read its debts before they left.
        let late = (moved, payee(9), 10_u64.into());
        let refused = a
            .database
            .record_settling(&[late], &settle("late"), now())
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("another shard"), "{refused}");
        let beside = (stays, payee(8), 50_u64.into());
        a.database
            .record_settling(&[beside], &settle("beside"), now())
            .await
            .unwrap();
        moving.run(now()).await.unwrap();
        let open = async |seconds| {
            let at = Timestamp::new(now().get() + seconds).unwrap();
            let debts = b.database.open_debts(at, 10).await.unwrap();
            let mut payees: Vec<_> = debts.iter().map(|debt| debt.payee).collect();
            payees.sort();
            payees
        };
        assert_eq!(open(599).await, [payee(9)], "{engine:?}");
        assert_eq!(open(601).await, [payee(7), payee(9)], "{engine:?}");
    }
}

#[tokio::test]
async fn slots_of_hosted_purses_and_wrong_targets_are_refused() {
    let (a, b) = shards(Engine::Sqlite).await;
    let home = Moving::new(&a.database, &b.database, "b", Slot::new(0).unwrap());
    let refused = home.run(now()).await.unwrap_err();
    assert!(matches!(refused, MoveError::StaysHome(_)), "{refused}");
    let slot = Slot::new(4_000).unwrap();
    let wrong = Moving::new(&a.database, &b.database, "c", slot);
    let refused = wrong.run(now()).await.unwrap_err();
    assert!(matches!(refused, MoveError::WrongShard { .. }), "{refused}");
    let no_shard = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let refused = Moving::new(&a.database, &no_shard.database, "b", slot)
        .run(now())
        .await
        .unwrap_err();
    assert!(matches!(refused, MoveError::WrongShard { .. }), "{refused}");
    let block = BlockRef {
        number: 1,
        hash: [1; 32].into(),
        time: now(),
    };
    for (shard, contract) in [(&a, 1), (&b, 2)] {
        let deployed = Deployed {
            chain_id: 1,
            contract: [contract; 20].into(),
            treasury: payee(1),
        };
        shard.database.start_chain(&deployed, block).await.unwrap();
    }
    let refused = Moving::new(&a.database, &b.database, "b", slot)
        .run(now())
        .await
        .unwrap_err();
    assert!(
        matches!(refused, MoveError::OtherContract { .. }),
        "{refused}"
    );
    for shard in [&a, &b] {
        shard.run("DELETE FROM chain_blocks").await.unwrap();
        shard.run("DELETE FROM chain_cursor").await.unwrap();
    }
    // A purse of before there were shards.
    a.run(
        "INSERT INTO hosted_purses (purse, user_id, account, keeper, next_serial, created_at) \
         VALUES (X'FA00000000000000000000000000000000000000', 'u', X'0000000000000000000000000000000000000001', \
         'server', '00000000000000000000000000000', 0)",
    )
    .await
    .unwrap();
    let refused = Moving::new(&a.database, &b.database, "b", slot)
        .run(now())
        .await
        .unwrap_err();
    assert!(matches!(refused, MoveError::StaysHome(_)), "{refused}");
}
