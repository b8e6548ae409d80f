//! `make scale-test`: three servers over two PostgreSQLs under Patroni, each on a machine of its own (a network namespace),
//! under load, while machines, cables and disks fail. scripts/scale-test makes the machines and runs this; by itself it does
//! nothing.
#![allow(missing_docs)]

use std::{
    env,
    io::Write as _,
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};

use offpay_server::testing::eventually;
use offpay_store::Database;
use reqwest::Client;
use serde_json::json;
use serving::{ServerSettings, Serving, Shared, Stage, holder};
use tokio::net::{TcpListener, TcpStream};

mod serving;
mod support;

const LEASE: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(120);
/// Where the machines find this one, and the chain on it.
const CHAIN: &str = "10.78.0.1:8545";

/// What scripts/scale-cluster answers; `None` if it fails.
fn cluster(arguments: &[&str]) -> Option<String> {
    let script = env::var("OFFPAY_CLUSTER").expect("run scripts/scale-test");
    let output = Command::new(script).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    output.status.success().then(|| text.trim().to_owned())
}

/// The same off the runtime's threads: it takes a while.
async fn ask(arguments: &[&str]) -> Option<String> {
    let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    let asked = tokio::task::spawn_blocking(move || {
        cluster(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    });
    asked.await.unwrap()
}

async fn done(arguments: &[&str]) {
    assert!(ask(arguments).await.is_some(), "{arguments:?}");
}

async fn wait_for(what: &str, arguments: &[&str]) -> String {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask(arguments).await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{what} after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The database that is not this one.
fn other(machine: &str) -> &'static str {
    if machine == "db1" { "db2" } else { "db1" }
}

/// Waits until the other database is the primary.
async fn failed_over(from: &str) {
    let began = Instant::now();
    while ask(&["primary"]).await.as_deref() != Some(other(from)) {
        assert!(began.elapsed() < PATIENCE, "nobody took over from {from}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Leads whoever comes to [`CHAIN`] to the node, which listens on this machine's loopback alone.
async fn lead_to_the_chain(url: &str) {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let node: SocketAddr = address.parse().unwrap();
    let listener = TcpListener::bind(CHAIN).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut there = TcpStream::connect(node).await?;
                tokio::io::copy_bidirectional(&mut here, &mut there).await
            });
        }
    });
}

struct Story {
    client: Client,
    shared: std::sync::Arc<Shared>,
    servings: Vec<Serving>,
    gaps: Vec<(&'static str, Duration)>,
    failovers: u32,
}

impl Story {
    /// Which server holds the lease.
    async fn holder(&self) -> usize {
        let all: Vec<_> = self.servings.iter().collect();
        holder(&all, &self.client, PATIENCE).await.0
    }

    async fn holder_but(&self, place: usize) {
        let others: Vec<_> = self
            .servings
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .map(|(_, serving)| serving)
            .collect();
        holder(&others, &self.client, PATIENCE).await;
    }

    /// Everything is as it was: payments go on, and another fault can come.
    async fn over(&mut self, what: &'static str) {
        wait_for("the standby is synchronous", &["whole"]).await;
        self.holder().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let gap = self.shared.longest_gap();
        let seconds = gap.as_secs_f64();
        let mut told = std::io::stdout();
        writeln!(told, "{what}: {seconds:.1} s without an answer").unwrap();
        self.gaps.push((what, gap));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "scripts/scale-test runs it, on machines that it makes"]
async fn o141_machines_cables_and_disks_fail_and_nothing_is_lost_or_done_twice() {
    let stage = Stage::set(8, 50).await;
    lead_to_the_chain(stage.local.chain.url()).await;
    let mining = stage.mine();
    let start = |number: usize| {
        let listen = format!("10.78.0.{}:8080", 11 + number);
        let name = format!("app{}", 1 + number);
        let settings = ServerSettings {
            listen: &listen,
            database: "postgres://offpay:offpay@127.0.0.1:5432/offpay",
            node: &format!("http://{CHAIN}"),
            lease: LEASE,
        };
        let config = stage.configure(&name, &settings);
        let mut command = Command::new(env::var("OFFPAY_CLUSTER").unwrap());
        let program = support::program().get_program().to_owned();
        command.arg("run").arg(&name).arg(program);
        Serving::start(command, &config)
    };
    let client = Client::builder()
        .timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let servings: Vec<_> = (0..3).map(start).collect();
    let shared = Shared::new(&client, &servings);
    let mut story = Story {
        client: client.clone(),
        shared: std::sync::Arc::clone(&shared),
        servings,
        gaps: Vec::new(),
        failovers: 0,
    };
    story.holder().await;
    stage.known(&client, &story.servings[0].url).await;
    shared.longest_gap();
    let load = stage.play(&shared, Duration::from_secs(3));
    story.over("nothing fails").await;

    // The server that holds the lease is killed.
    let place = story.holder().await;
    story.servings[place].signal("-KILL");
    story.holder_but(place).await;
    story.servings[place] = start(place);
    story.over("a server is killed").await;

    // Every process of the primary's machine ends at once. It comes back as a standby.
    let primary = wait_for("a primary", &["primary"]).await;
    done(&["kill", &primary]).await;
    failed_over(&primary).await;
    story.failovers += 1;
    done(&["boot", &primary]).await;
    story.over("the primary is killed").await;

    // The server that holds the lease cannot reach the database. Clients reach it as before.
    let place = story.holder().await;
    let machine = format!("app{}", place + 1);
    done(&["cut", &machine]).await;
    story.holder_but(place).await;
    eventually("a server without a database holds nothing", || async {
        (story.servings[place].holds(&client).await == Some(false)).then_some(())
    })
    .await;
    tokio::time::sleep(LEASE).await;
    done(&["heal", &machine]).await;
    story.over("a server is cut off the database").await;

    // The server that holds the lease stands still, and goes on when another one holds it.
    let place = story.holder().await;
    story.servings[place].signal("-STOP");
    story.holder_but(place).await;
    tokio::time::sleep(LEASE * 2).await;
    story.servings[place].signal("-CONT");
    eventually("the old holder knows that it is none", || async {
        (story.servings[place].holds(&client).await == Some(false)).then_some(())
    })
    .await;
    story.over("a server is paused past its lease").await;

    // The primary is cut off the network, and does not know: it may not acknowledge anything.
    let primary = wait_for("a primary", &["primary"]).await;
    done(&["cut", &primary]).await;
    failed_over(&primary).await;
    story.failovers += 1;
    done(&["heal", &primary]).await;
    story.over("the primary is cut off").await;

    // The primary's disk is full, to the last byte of its log.
    let primary = wait_for("a primary", &["primary"]).await;
    done(&["fill", &primary]).await;
    for number in 0..12 {
        let statement = format!("CREATE TABLE full_{number} (); SELECT pg_switch_wal()");
        let _ = ask(&["sql", &primary, &statement]).await;
    }
    failed_over(&primary).await;
    story.failovers += 1;
    done(&["free", &primary]).await;
    story.over("the primary's disk is full").await;

    let seen = load.finish(&shared).await;
    assert_eq!(seen.double_cleared, 0, "a conflict was cleared twice");
    assert!(seen.payments() > 100, "the load was no load");
    let primary = wait_for("a primary", &["primary"]).await;
    let host = if primary == "db1" {
        "10.77.0.21"
    } else {
        "10.77.0.22"
    };
    let url = format!("postgres://offpay:offpay@{host}:5432/offpay");
    let database = Database::open(&url).await.unwrap();
    stage.check(&shared, &database, &seen).await;

    // Both databases have every acknowledged payment, once, and nothing else.
    let cleared = (seen.payments() + seen.cheats_cleared).to_string();
    for machine in ["db1", "db2"] {
        let count = "SELECT count(*) FROM payments";
        let serials = "SELECT count(DISTINCT (purse, start)) FROM payments";
        for statement in [count, serials] {
            let counted = ask(&["sql", machine, statement, "offpay"]).await;
            assert_eq!(
                counted.as_deref(),
                Some(&*cleared),
                "{machine}: {statement}"
            );
        }
    }
    mining.abort();
    let longest = story.gaps.iter().map(|(_, gap)| *gap).max().unwrap();
    let gaps: serde_json::Map<_, _> = story
        .gaps
        .iter()
        .map(|(what, gap)| ((*what).to_owned(), json!(tenths(*gap))))
        .collect();
    let line = json!({
        "servers": 3, "failovers": story.failovers, "payments": seen.payments(), "lost": 0,
        "double_cleared": seen.double_cleared, "longest_gap_s": tenths(longest), "conflicts": 50, "gaps_s": gaps,
    });
    writeln!(std::io::stdout(), "{line}").unwrap();
}

/// Seconds, to a tenth.
fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}
