use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use offpay_operator::{
    clearing::ClearingRefusal,
    purse::KnownPurse,
    storage::{
        EventStorage as _,
        clearing::{ClearingStorage as _, PaymentStanding},
    },
};
use offpay_protocol::{
    AccountId, Amount, Circle, Domain, PurseKey, Signable as _, Signed, SigningKey, Timestamp,
    certificate::TrustedOperators, messages::Payment, payment_rules::MalformedPayment,
};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::clearing::writer::Writer;

mod export;
mod frontier;

fn domain() -> Domain {
    Domain::new(31_337, [0xfe; 20].into())
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn operator() -> SigningKey {
    key(200)
}

fn pay(signer: u8, to: u8, start: u64, amount: u64, cumulative: u64) -> Signed<Payment> {
    let message = Payment {
        payee: AccountId::new([to; 20].into()),
        start: start.into(),
        amount: amount.into(),
        cumulative: cumulative.into(),
        reference: Default::default(),
    };
    Signed {
        domain: domain(),
        message,
        signature: message.sign(&domain(), &key(signer)).unwrap(),
    }
}

/// All purses are open with the same funds, but one that is unknown.
#[derive(Clone)]
struct Directory(Arc<Mutex<Amount>>);

const UNKNOWN: u8 = 66;

impl PurseDirectory for Directory {
    fn purses<'a>(&'a self, keys: &'a [PurseKey]) -> Told<'a> {
        let funds = *self.0.lock().unwrap();
        let told = keys.iter().map(|purse| {
            (*purse != PurseKey::new(key(UNKNOWN).address())).then_some(KnownPurse {
                key: *purse,
                owner: AccountId::new([1; 20].into()),
                circle: Circle::new([2; 20].into()),
                finalized_funds: funds,
                funds,
                paid: Amount::ZERO,
                pledge: Amount::ZERO,
                cover_count: 1,
                closes_at: None,
                defaulted: false,
                condemned: false,
                closed: false,
            })
        });
        let told = told.collect();
        Box::pin(async move { Ok(told) })
    }
}

struct Engined {
    clearing: Clearing,
    directory: Directory,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Engined {
    fn start(database: &Database) -> Self {
        let directory = Directory(Arc::new(Mutex::new(Amount::from_u64(1_000_000))));
        let clearing = Clearing::new(domain());
        let writer = Writer::new(
            domain(),
            database.clone(),
            Box::new(directory.clone()),
            OperatorKeys::always(Arc::new(operator())),
            Box::new(|| Timestamp::new(1_700_000_000).unwrap()),
        );
        let stop = CancellationToken::new();
        let (served, stopped) = (clearing.clone(), stop.clone());
        let serving = tokio::spawn(async move { writer.serve(&served, &stopped).await });
        Self {
            clearing,
            directory,
            stop,
            serving,
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

fn trusted() -> TrustedOperators {
    TrustedOperators::new([operator().address().into()])
}

/// As a batch does it.
async fn clear_all(clearing: &Clearing, payments: Vec<Signed<Payment>>) -> Vec<Outcome> {
    let rows = payments.iter().map(|payment| {
        let row = serde_json::to_vec(payment).unwrap();
        Bytes::from(row)
    });
    let outcomes = clearing.clear_all(rows.collect(), WhenFull::Refuse).await;
    let outcomes = outcomes.into_iter().map(|outcome| {
        outcome.map_err(|refusal| match refusal {
            RowRefusal::Refused(refusal) => refusal,
            RowRefusal::Unreadable => panic!("a payment that was written is read"),
        })
    });
    outcomes.collect()
}

fn many(signer: u8, count: u64) -> Vec<Signed<Payment>> {
    (0..count)
        .map(|at| pay(signer, 7, at * 10, 10, (at + 1) * 10))
        .collect()
}

#[tokio::test]
async fn each_payment_has_a_path_to_a_clearance_that_anybody_can_check() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let engined = Engined::start(&test.database);
        let alone = engined.clearing.clear(pay(1, 7, 0, 10, 10)).await.unwrap();
        assert_eq!(alone.check(&trusted()), Ok(operator().address().into()));
        assert_eq!((alone.number, alone.path.len()), (1, 0));
        let together = clear_all(&engined.clearing, many(2, 100)).await;
        for (payment, cleared) in many(2, 100).iter().zip(&together) {
            let cleared = cleared.as_ref().unwrap();
            assert_eq!(cleared.payment, payment.message.id(&domain()), "{engine:?}");
            assert_eq!(cleared.check(&trusted()), Ok(operator().address().into()));
            assert!(cleared.path.len() <= 7);
        }
        let roots: BTreeSet<_> = together
            .iter()
            .map(|cleared| cleared.as_ref().unwrap().clearance.message.root)
            .collect();
        assert_eq!(roots.len(), 1, "one signature for a commit");
        engined.stop().await;
    }
}

#[tokio::test]
async fn the_same_payment_again_gives_the_same_clearance_also_after_a_restart() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let engined = Engined::start(&test.database);
        // Twice in one commit, and the same message by two purses.
        let mut asked = many(1, 3);
        asked.extend([many(1, 1), many(2, 1)].concat());
        let first = clear_all(&engined.clearing, asked.clone()).await;
        assert_eq!(first[0], first[3]);
        let (one, other) = (first[0].as_ref().unwrap(), first[4].as_ref().unwrap());
        assert_eq!(one.payment, other.payment);
        assert_ne!((one.purse, one.number), (other.purse, other.number));
        assert_eq!(clear_all(&engined.clearing, asked.clone()).await, first);
        engined.stop().await;

        let engined = Engined::start(&test.database);
        assert_eq!(
            clear_all(&engined.clearing, asked.clone()).await,
            first,
            "{engine:?}"
        );
        assert_eq!(engined.clearing.clear(asked[1]).await, first[1]);
        assert_eq!(test.database.last_cleared().await.unwrap(), 4);
        let next = engined.clearing.clear(pay(1, 7, 30, 10, 40)).await.unwrap();
        assert!(
            next.number > 4,
            "{engine:?}: a number is never given out again"
        );
        engined.stop().await;
    }
}

/// On many connections at once: one of each pair is cleared, both are kept as evidence, and a report is queued.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_conflicting_payments_one_is_cleared() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let engined = Engined::start(&test.database);
        for signer in 1..=8 {
            let spend = |to| {
                let clearing = engined.clearing.clone();
                tokio::spawn(async move { clearing.clear(pay(signer, to, 0, 10, 10)).await })
            };
            let (one, other) = (spend(7), spend(8));
            let (one, other) = (one.await.unwrap(), other.await.unwrap());
            let (winner, loser, lost) = match (&one, &other) {
                (Ok(winner), Err(refusal)) => (winner, refusal, 8),
                (Err(refusal), Ok(winner)) => (winner, refusal, 7),
                both => panic!("{engine:?}: not exactly one: {both:?}"),
            };
            let purse = PurseKey::new(key(signer).address());
            assert_eq!(*loser, ClearingRefusal::DoubleSpend { purse });
            assert!(!loser.is_retryable());
            let evidence = test.database.double_spend(purse).await.unwrap().unwrap();
            assert_eq!(evidence.first.message.id(&domain()), winner.payment);
            assert_eq!(evidence.second, pay(signer, lost, 0, 10, 10));
            assert!(evidence.conflict().is_some());
            // Again, and with something new: still refused. What was cleared stays cleared.
            let again = engined.clearing.clear(evidence.second).await;
            assert_eq!(again, Err(ClearingRefusal::DoubleSpend { purse }));
            let stopped = engined.clearing.clear(pay(signer, 9, 50, 5, 5)).await;
            assert_eq!(stopped, Err(ClearingRefusal::PurseStopped { purse }));
            assert_eq!(
                engined.clearing.clear(evidence.first).await.as_ref(),
                Ok(winner)
            );
        }
        let events = test.database.events_after(None, 0, 100).await.unwrap();
        assert_eq!(events.len(), 8);
        assert!(
            events
                .iter()
                .all(|event| event.kind == "purse.double_spend")
        );
        engined.stop().await;
    }
}

#[tokio::test]
async fn refused_before_anything_is_recorded() {
    let test = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let engined = Engined::start(&test.database);
    let clear = |payment| engined.clearing.clear(payment);
    let foreign = Signed {
        domain: Domain::new(1, [0xfe; 20].into()),
        ..pay(1, 7, 0, 10, 10)
    };
    assert!(matches!(
        clear(foreign).await,
        Err(ClearingRefusal::ForeignDomain { .. })
    ));
    let nothing = clear(pay(1, 7, 0, 0, 0)).await;
    assert_eq!(
        nothing,
        Err(ClearingRefusal::Malformed(MalformedPayment::NothingPaid))
    );
    let unknown = clear(pay(UNKNOWN, 7, 0, 10, 10)).await;
    assert!(matches!(unknown, Err(ClearingRefusal::UnknownPurse { .. })));
    // A batch answers each for itself, in order.
    let batch = vec![pay(1, 7, 0, 10, 10), foreign, pay(2, 7, 0, 10, 10)];
    let batch = clear_all(&engined.clearing, batch).await;
    assert!(batch[0].is_ok() && batch[1].is_err() && batch[2].is_ok());
    assert_eq!(test.database.last_cleared().await.unwrap(), 2);
    engined.stop().await;
}

/// What the funds do not cover is kept, and cleared after a top-up.
#[tokio::test]
async fn a_top_up_clears_what_was_kept() {
    let test = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let engined = Engined::start(&test.database);
    *engined.directory.0.lock().unwrap() = Amount::from_u64(15);
    let payments = many(1, 2);
    let first = clear_all(&engined.clearing, payments.clone()).await;
    assert!(first[0].is_ok());
    let refusal = first[1].clone().unwrap_err();
    assert!(matches!(refusal, ClearingRefusal::BeyondFunds { .. }) && refusal.is_retryable());
    let standing = |payment: Signed<Payment>| {
        let id = payment.message.id(&domain());
        test.database.payment(payment.signer().unwrap(), id)
    };
    let (_, kept) = standing(payments[1]).await.unwrap().unwrap();
    assert!(matches!(kept, PaymentStanding::Kept(_)));
    *engined.directory.0.lock().unwrap() = Amount::from_u64(20);
    let cleared = loop {
        // What the chain says is asked again after a moment.
        match engined.clearing.clear(payments[1]).await {
            Err(ClearingRefusal::BeyondFunds { .. }) => tokio::task::yield_now().await,
            outcome => break outcome,
        }
    };
    assert_eq!(cleared.unwrap().number, 2);
    let (_, standing) = standing(payments[1]).await.unwrap().unwrap();
    assert_eq!(standing, PaymentStanding::Cleared(2));
    engined.stop().await;
}

/// A full disk: nothing is told as cleared that is not stored, and everything goes on when there is room.
#[tokio::test]
async fn a_failed_commit_loses_nothing() {
    let test = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let engined = Engined::start(&test.database);
    engined.clearing.clear(pay(1, 7, 0, 10, 10)).await.unwrap();
    test.database.limit_pages(1).await.unwrap();
    let payments = many(2, 500);
    let failed = clear_all(&engined.clearing, payments.clone()).await;
    for outcome in &failed {
        let refusal = outcome.as_ref().unwrap_err();
        assert_eq!(*refusal, ClearingRefusal::NotRecorded);
        assert!(refusal.is_retryable());
    }
    assert_eq!(test.database.last_cleared().await.unwrap(), 1);
    test.database.limit_pages(1_000_000).await.unwrap();
    let cleared = clear_all(&engined.clearing, payments).await;
    assert!(
        cleared
            .iter()
            .all(|outcome| outcome.as_ref().unwrap().check(&trusted()).is_ok())
    );
    assert_eq!(test.database.last_cleared().await.unwrap(), 501);
    engined.stop().await;
}

/// A database that is gone for a while: retryable, and nothing is lost.
#[tokio::test]
async fn a_database_that_is_gone_is_said_so() {
    let test = TestDatabase::new(Engine::Sqlite).await.unwrap();
    let engined = Engined::start(&test.database);
    let before = engined.clearing.clear(pay(1, 7, 0, 10, 10)).await.unwrap();
    test.database.close().await;
    let gone = engined.clearing.clear(pay(1, 7, 10, 10, 20)).await;
    assert_eq!(gone, Err(ClearingRefusal::NotRecorded));
    engined.stop().await;
    let database = offpay_store::Database::open(&test.url).await.unwrap();
    let engined = Engined::start(&database);
    assert_eq!(
        engined.clearing.clear(pay(1, 7, 0, 10, 10)).await,
        Ok(before)
    );
    let next = engined.clearing.clear(pay(1, 7, 10, 10, 20)).await;
    assert!(next.unwrap().number > 1);
    engined.stop().await;
}

/// Two programs on one database: whoever comes second loads what the first did, and decides anew.
#[tokio::test(flavor = "multi_thread")]
async fn two_writers_do_not_clear_a_conflict() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let (one, other) = (
            Engined::start(&test.database),
            Engined::start(&test.database),
        );
        for at in 0..10 {
            let cumulative = (at + 1) * 10;
            let honest = pay(1, 7, at * 10, 10, cumulative);
            let first = one.clearing.clear(honest).await.unwrap();
            let again = other.clearing.clear(honest).await.unwrap();
            assert_eq!(again, first, "{engine:?}");
        }
        // Of one purse the second has read nothing yet; of the other it holds what was there before the first went on.
        other.clearing.clear(pay(3, 7, 0, 10, 10)).await.unwrap();
        for (signer, start) in [(2, 0), (3, 10)] {
            let honest = pay(signer, 7, start, 10, start + 10);
            one.clearing.clear(honest).await.unwrap();
            let conflicting = other.clearing.clear(pay(signer, 8, start, 10, 10)).await;
            assert!(
                matches!(conflicting, Err(ClearingRefusal::DoubleSpend { .. })),
                "{engine:?}: {conflicting:?}"
            );
        }
        one.stop().await;
        other.stop().await;
    }
}

/// Two payments that conflict by the first, the second or the third rule, in turn, of a purse of their own.
fn conflicting(number: u32) -> [Signed<Payment>; 2] {
    let mut bytes = [77; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    let key = SigningKey::from_bytes(&bytes).unwrap();
    let signed = |to: u8, start: u64, cumulative: u64| {
        let mut signed = pay(1, to, start, 10, cumulative);
        signed.signature = signed.message.sign(&domain(), &key).unwrap();
        signed
    };
    let other = match number % 3 {
        0 => signed(8, 0, 10),
        1 => signed(7, 10, 10),
        _ => signed(8, 10, 15),
    };
    [signed(7, 0, 10), other]
}

/// **O110**: three servers on one database, and conflicting payments that reach two of them at the same instant.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o110_of_conflicting_payments_through_different_servers_one_is_cleared() {
    for (engine, tries) in [(Engine::Sqlite, 60), (Engine::Postgres, 3_000)] {
        let test = TestDatabase::new(engine).await.unwrap();
        let mut engines = Vec::new();
        for _ in 0..3 {
            let database = Database::open(&test.url).await.unwrap();
            engines.push(Engined::start(&database));
        }
        let clear = async |place: usize, payment: Signed<Payment>| {
            loop {
                let outcome = engines[place % 3].clearing.clear(payment).await;
                // Nobody knows, or it was too often in the way of others: asked again, as clients do.
                if outcome != Err(ClearingRefusal::NotRecorded) {
                    return outcome;
                }
            }
        };
        let try_one = async |number: u32| {
            let [one, other] = conflicting(number);
            let place = usize::try_from(number).unwrap();
            let outcomes = tokio::join!(clear(place, one), clear(place + 1, other));
            let cleared = [&outcomes.0, &outcomes.1]
                .into_iter()
                .filter(|one| one.is_ok());
            assert_eq!(cleared.count(), 1, "{engine:?} {number}: {outcomes:?}");
            let is_told = |outcome: &Outcome| {
                matches!(outcome, Ok(_) | Err(ClearingRefusal::DoubleSpend { .. }))
            };
            assert!(
                is_told(&outcomes.0) && is_told(&outcomes.1),
                "{number}: {outcomes:?}"
            );
            // Whoever of the three is asked: the purse is stopped.
            let purse = one.signer().unwrap();
            let mut later = pay(1, 9, 50, 1, 1);
            later.signature = {
                let mut bytes = [77; 32];
                bytes[..4].copy_from_slice(&number.to_be_bytes());
                let key = SigningKey::from_bytes(&bytes).unwrap();
                later.message.sign(&domain(), &key).unwrap()
            };
            let later = clear(place + 2, later).await;
            assert_eq!(
                later,
                Err(ClearingRefusal::PurseStopped { purse }),
                "{engine:?}"
            );
        };
        let numbers: Vec<u32> = (0..tries).collect();
        for some in numbers.chunks(64) {
            futures_util::future::join_all(some.iter().map(|number| try_one(*number))).await;
        }
        let last = test.database.last_cleared().await.unwrap();
        let all = test.database.cleared_after(0, u32::MAX).await.unwrap();
        assert_eq!(
            all.len(),
            usize::try_from(tries).unwrap(),
            "{engine:?} {last}"
        );
        for engined in engines {
            engined.stop().await;
        }
    }
}

#[tokio::test]
async fn a_full_queue_is_said_so() {
    // No writer runs: what is asked waits.
    let clearing = Clearing::with_places(domain(), 3);
    let waiting = tokio::spawn({
        let clearing = clearing.clone();
        async move { clear_all(&clearing, many(1, 3)).await }
    });
    while clearing.0.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let refused = clearing.clear(pay(2, 7, 0, 10, 10)).await.unwrap_err();
    assert_eq!(refused, ClearingRefusal::Overloaded);
    assert!(refused.is_retryable());
    waiting.abort();
    let too_many = clear_all(&Clearing::new(domain()), many(1, 1_001)).await;
    assert!(
        too_many
            .iter()
            .all(|outcome| *outcome == Err(ClearingRefusal::Overloaded))
    );
}
