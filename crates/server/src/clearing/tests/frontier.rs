//! Books that are opened where a purse's payments end.

use std::collections::BTreeMap;

use offpay_operator::clearing::{Decision, Seen};

use super::*;
use crate::clearing::books::Books;

/// O126: a server that starts, or that comes to a purse which another one cleared, decides as one that never stopped: whatever
/// is handed in, in whatever order, with lies among it.
#[tokio::test]
async fn o126_a_restart_between_any_two_payments_changes_no_answer() {
    for (engine, seeds) in [(Engine::Sqlite, 0..6), (Engine::Postgres, 6..8)] {
        for seed in seeds {
            let payments = disordered(seed);
            let (steady, restarted) = (
                TestDatabase::new(engine).await.unwrap(),
                TestDatabase::new(engine).await.unwrap(),
            );
            let never = Engined::start(&steady.database);
            for (place, asked) in payments.chunks(3).enumerate() {
                let again = Engined::start(&restarted.database);
                let expected = clear_all(&never.clearing, asked.to_vec()).await;
                let found = clear_all(&again.clearing, asked.to_vec()).await;
                // Numbers and paths differ: each start takes a block of numbers of its own.
                let told = |outcomes: Vec<Outcome>| -> Vec<_> {
                    let told = outcomes.into_iter();
                    told.map(|outcome| outcome.map(|cleared| (cleared.purse, cleared.payment)))
                        .collect()
                };
                assert_eq!(
                    told(found),
                    told(expected),
                    "{engine:?}, seed {seed}, part {place}"
                );
                again.stop().await;
            }
            never.stop().await;
        }
    }
}

/// Two purses' payments to three payees, handed in nearly in order, some of them again, and now and then a lie.
fn disordered(seed: u64) -> Vec<Signed<Payment>> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut cumulatives = BTreeMap::new();
    let mut starts = [0_u64; 2];
    let mut payments = Vec::new();
    for _ in 0..60 {
        let (signer, to, amount) = (random(2), random(3), 1 + random(9));
        let start = &mut starts[usize::try_from(signer).unwrap()];
        let cumulative: &mut u64 = cumulatives.entry((signer, to)).or_default();
        *cumulative += amount;
        let lie = if random(12) == 0 { random(3) } else { 0 };
        let [signer, to] = [signer, to].map(|it| u8::try_from(it + 1).unwrap());
        let lied = *start - lie.min(*start);
        payments.push(pay(signer, to, lied, amount, *cumulative));
        *start += amount;
    }
    for at in 0..payments.len() - 4 {
        match random(5) {
            0 => payments.swap(at, at + 3),
            1 => payments[at + 4] = payments[at],
            _ => {}
        }
    }
    payments
}

/// O126: what makes a start quick. A purse's payments are read once one is handed in that does not come after them.
#[tokio::test]
async fn a_book_is_read_when_it_is_asked_for() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let engined = Engined::start(&test.database);
        let all = many(1, 12);
        for cleared in clear_all(&engined.clearing, all[..10].to_vec()).await {
            cleared.unwrap();
        }
        engined.stop().await;
        let directory = Directory(Arc::new(Mutex::new(Amount::from_u64(1_000_000))));
        let stored = |payment: &Signed<Payment>| recovery::check(&domain(), payment).unwrap();
        let mut books = Books::default();
        let (newest, late, known) = (stored(&all[11]), stored(&all[10]), stored(&all[3]));
        let asked = [&newest];
        let loaded = books.load(&asked, &test.database, &directory);
        loaded.await.unwrap();
        let held = |books: &mut Books| books.get_mut(newest.purse).unwrap().book.len();
        assert_eq!(held(&mut books), 0, "{engine:?}");
        assert_eq!(books.decide(&newest), Decision::Clear { known: false });
        let (id, number) = (newest.id, Some(11));
        let held_book = books.get_mut(newest.purse).unwrap();
        held_book.book.insert(&newest.payment, Seen { id, number });
        // One that was signed after the frontier and comes late is none to read for.
        let asked = [&late];
        let loaded = books.load(&asked, &test.database, &directory);
        loaded.await.unwrap();
        assert_eq!(held(&mut books), 1, "{engine:?}");
        assert_eq!(books.decide(&late), Decision::Clear { known: false });
        let asked = [&known];
        let loaded = books.load(&asked, &test.database, &directory);
        loaded.await.unwrap();
        assert_eq!(held(&mut books), 10, "{engine:?}");
        assert!(matches!(books.decide(&known), Decision::Again(_)));
    }
}
