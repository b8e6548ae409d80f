//! A program of before and this one, side by side over one PostgreSQL that this one brings up to date, under load, each taking
//! over from the other. `scripts/upgrade-test` builds the program of before and runs this.
#![allow(missing_docs)]

use std::{
    collections::BTreeSet,
    env,
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use offpay_operator::storage::{
    ExportStorage as _, PaymentPlace, SlotStorage as _, clearing::ClearingStorage as _,
};
use offpay_store::{Database, testing::PostgresServer};
use reqwest::Client;
use serde_json::json;
use serving::{ServerSettings, Serving, Shared, Stage, holder};

mod serving;
mod support;

const LEASE: Duration = Duration::from_millis(1_500);
/// How long each mixture of servers is paid through.
const STAGE: Duration = Duration::from_secs(3);

/// What exports have told so far, and where they go on.
#[derive(Default)]
struct Exported {
    payments: Vec<(i64, String)>,
    place: PaymentPlace,
}

impl Exported {
    /// Goes on behind the last cursor.
    async fn go_on(&mut self, database: &Database) {
        let upto = database.clearing_horizon().await.unwrap();
        loop {
            let page = database
                .export_payments(self.place, upto, 100)
                .await
                .unwrap();
            let Some(last) = page.last() else {
                return;
            };
            self.place = last.place;
            let told = page.iter();
            self.payments
                .extend(told.map(|one| (one.place.number, one.id.to_string())));
        }
    }
}

/// One of these holds the lease, whoever: until it is one of the wanted, holders are stopped in the ordinary way and started
/// again. So what one does alone goes from version to version.
async fn hand_over(
    servings: &mut [Serving],
    wanted: &[usize],
    start: impl Fn(usize) -> Serving,
    shared: &Shared,
    client: &Client,
) {
    for _ in 0..10 {
        let all: Vec<_> = servings.iter().collect();
        let (holds, _) = holder(&all, client, Duration::from_secs(30)).await;
        if wanted.contains(&holds) {
            return;
        }
        servings[holds].stop();
        servings[holds] = start(holds);
        shared.moved(servings);
    }
    panic!("none of {wanted:?} ever took over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "scripts/upgrade-test builds the program of before"]
async fn o136_two_versions_side_by_side_lose_nothing_and_do_nothing_twice() {
    let before = env::var("OFFPAY_OLD_PROGRAM").expect("run scripts/upgrade-test");
    let postgres = PostgresServer::shared().unwrap();
    let url = postgres.new_database().await.unwrap();
    let stage = Stage::set(6, 24).await;
    let config = stage.configure(
        "offpay",
        &ServerSettings {
            listen: "127.0.0.1:0",
            database: &url,
            node: stage.local.chain.url(),
            lease: LEASE,
        },
    );
    let old = |config: &Path| Serving::start(Command::new(&before), config);
    let new = |config: &Path| Serving::start(support::program(), config);
    let mining = stage.mine();
    let client = Client::builder()
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();

    // Two of before, on tables of before.
    let mut servings = vec![old(&config), old(&config)];
    let patience = Duration::from_secs(30);
    holder(&servings.iter().collect::<Vec<_>>(), &client, patience).await;
    stage.known(&client, &servings[0].url).await;
    let shared = Shared::new(&client, &servings);
    let load = stage.play(&shared, Duration::from_millis(700));
    tokio::time::sleep(STAGE).await;

    // A new one beside them brings the tables up to date while they clear.
    servings.push(new(&config));
    shared.moved(&servings);
    let database = Database::open(&url).await.unwrap();
    let mut exported = Exported::default();
    let until = Instant::now() + STAGE;
    while Instant::now() < until {
        exported.go_on(&database).await;
    }
    let of_before = exported.payments.len();
    assert!(of_before > 0, "nothing was cleared while both ran");

    // What one does alone goes to the new one, back to one of before, which starts on the newer tables, and to the new one again.
    let any = |place| {
        if place == 2 {
            new(&config)
        } else {
            old(&config)
        }
    };
    for wanted in [&[2][..], &[0, 1], &[2]] {
        hand_over(&mut servings, wanted, any, &shared, &client).await;
        tokio::time::sleep(STAGE).await;
        exported.go_on(&database).await;
    }

    // The others follow, one after the other.
    for place in 0..2 {
        servings[place].stop();
        servings[place] = new(&config);
        shared.moved(&servings);
        tokio::time::sleep(STAGE / 2).await;
    }
    let seen = load.finish(&shared).await;
    assert_eq!(seen.double_cleared, 0, "a conflict was cleared twice");
    assert!(seen.payments() > 100, "the load was no load");
    let gap = shared.longest_gap();
    stage.check(&shared, &database, &seen).await;
    exported.go_on(&database).await;
    let all = database.cleared_after(0, u32::MAX).await.unwrap();
    let all: BTreeSet<_> = all
        .into_iter()
        .map(|(number, stored)| (number, stored.id.to_string()))
        .collect();
    let told: BTreeSet<_> = exported.payments.iter().cloned().collect();
    assert_eq!(told.len(), exported.payments.len(), "exported twice");
    assert_eq!(told, all, "left out of the exports");
    assert!(all.len() >= seen.payments() + seen.cheats_cleared);
    assert_eq!(database.slot_map().await.unwrap().version, 0);
    mining.abort();
    let line = json!({
        "payments": seen.payments(), "cheats_cleared": seen.cheats_cleared, "double_cleared": seen.double_cleared,
        "exported": told.len(), "lost": 0, "longest_gap_s": gap.as_secs_f64(),
    });
    writeln!(std::io::stdout(), "{line}").unwrap();
}
