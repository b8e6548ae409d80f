//! `offpay bench scale`: what a payment costs the databases, with several servers and with several shards.
//!
//! On a machine that all of them share, their seconds measure the machine. What is counted is work, which is the same
//! elsewhere: statements, rows, pages, bytes of log, time within the database, and how much of it comes anew with each
//! server and shard.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::Args;
use offpay_operator::storage::SlotStorage as _;
use offpay_store::operator::Database;
use serde::Serialize;

use super::{
    Mode, check,
    http::Connection,
    load::{self, Order},
    process, shards,
    sign::{self, Payments},
    syncs,
    tally::{Tally, Window},
    work::Work,
    world::World,
};
use crate::{cli::Answer, output::Output};

/// Servers, and shards that they are spread over.
const SYSTEMS: [(usize, usize); 5] = [(1, 1), (2, 1), (3, 1), (2, 2), (4, 4)];
/// How many databases that takes.
const DATABASES: usize = 9;
/// How long nothing is handed in, to see what servers do by themselves.
const IDLE: Duration = Duration::from_secs(4);
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measure what a payment costs the databases, with several servers and several shards.
#[derive(Debug, Args)]
#[command(
    after_help = "Five systems are run, one after the other: 1, 2 and 3 servers over one database, and 2 and 4 \
    shards with a server each. PostgreSQL needs pg_stat_statements, in shared_preload_libraries and as an extension of each \
    database: scripts/bench-scale starts one that has it. The last line is JSON."
)]
pub(crate) struct Scale {
    /// How many payments are handed in to each system, for each way of choosing the server.
    #[arg(long, default_value_t = 3_000, value_name = "COUNT")]
    payments: u64,
    /// How many purses pay.
    #[arg(long, default_value_t = 64, value_name = "COUNT")]
    purses: usize,
    /// How many connections hand in, to all servers together.
    #[arg(long, default_value_t = 48, value_name = "COUNT")]
    connections: usize,
    /// An empty PostgreSQL database, `postgres://…`: nine of them.
    #[arg(long, value_name = "URL", required = true)]
    database: Vec<String>,
}

/// Which server a payment is handed in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Through {
    /// All payments of a purse to the same one, which is of its shard.
    Own,
    /// Each to another one than the one before.
    Any,
}

/// What a system did for a payment, on the average.
#[derive(Debug, Serialize)]
struct Row {
    servers: usize,
    shards: usize,
    through: Through,
    payments: u64,
    refused: u64,
    /// Payments in a commit.
    payments_per_commit: f64,
    /// Purses' versions were raised so often for each commit that was made: above 1, some were decided anew.
    tries_per_commit: f64,
    statements: f64,
    rows: f64,
    pages: f64,
    log_bytes: f64,
    database_us: f64,
    /// The part that is the purses' versions and frontiers.
    heads_log_bytes: f64,
    heads_us: f64,
    /// Statements of a payment, for each that it is with one server.
    statements_ratio: f64,
    /// Time in the databases of a payment, for that with one server.
    database_ratio: f64,
    server_us: f64,
    lost: u64,
}

#[derive(Debug, Serialize)]
struct Report {
    /// What servers ask by themselves, in a second, each.
    idle_statements_per_server_s: f64,
    measured: Vec<Row>,
    lost: u64,
}

impl Scale {
    fn check(&self) -> Result<()> {
        if self.database.len() != DATABASES {
            bail!(
                "--database is given {DATABASES} times, not {}",
                self.database.len()
            );
        }
        if self.database.iter().any(|url| !url.starts_with("postgres")) {
            bail!("--database is the URL of an empty PostgreSQL database");
        }
        if !(1..=100_000).contains(&self.payments) {
            bail!("--payments is between 1 and 100000, not {}", self.payments);
        }
        if !(4..=1_000).contains(&self.purses) {
            bail!("--purses is between 4 and 1000, not {}", self.purses);
        }
        if !(4..=1_000).contains(&self.connections) {
            bail!(
                "--connections is between 4 and 1000, not {}",
                self.connections
            );
        }
        Ok(())
    }

    pub(super) async fn run(&self, output: &Output) -> Result<Answer> {
        self.check()?;
        let folder = tempfile::tempdir()?;
        output.progress("opening purses");
        let world = World::open(folder.path(), self.purses, 100).await?;
        let mut databases = self.database.iter();
        let (mut measured, mut idle): (Vec<Row>, Vec<f64>) = (Vec::new(), Vec::new());
        output.line(&heading())?;
        for (servers, shards) in SYSTEMS {
            output.progress(&format!("{servers} servers, {shards} shards"));
            let urls: Vec<_> = databases.by_ref().take(shards).cloned().collect();
            let system = System::start(&world, &urls, servers).await?;
            let by_itself = system.idle().await?;
            idle.push(by_itself / servers as f64);
            for through in [Through::Own, Through::Any] {
                if servers == 1 && through == Through::Any {
                    continue;
                }
                let row = self
                    .measure(&world, &system, through, by_itself, measured.first())
                    .await?;
                output.line(&row.line())?;
                measured.push(row);
            }
            system.stop().await?;
        }
        let lost = measured.iter().map(|row| row.lost).sum();
        let report = Report {
            idle_statements_per_server_s: idle.iter().sum::<f64>() / idle.len().max(1) as f64,
            measured,
            lost,
        };
        output.line(&serde_json::to_string(&report)?)?;
        Ok(if lost == 0 { Answer::Yes } else { Answer::No })
    }

    async fn measure(
        &self,
        world: &World,
        system: &System,
        through: Through,
        idle: f64,
        one: Option<&Row>,
    ) -> Result<Row> {
        let servers = system.servings.len();
        let first = match through {
            Through::Own => 0,
            Through::Any => self.payments,
        };
        let handed: Vec<Payments> = (0..servers)
            .map(|server| {
                let numbers = (first..first + self.payments).filter(|number| {
                    let purses = self.purses as u64;
                    let place = match through {
                        Through::Own => number % purses,
                        Through::Any => number % purses + number / purses,
                    };
                    place % servers as u64 == server as u64
                });
                sign::chosen(world, numbers)
            })
            .collect::<Result<_>>()?;
        let (work, commits, cpu) = (system.work().await?, system.commits().await?, system.cpu());
        let began = Instant::now();
        let window = Window {
            begin: began,
            end: began + PATIENCE,
        };
        let tallies: Vec<Tally> = thread::scope(|scope| {
            let loads: Vec<_> = handed
                .iter()
                .zip(&system.servings)
                .map(|(payments, serving)| {
                    let order = Order {
                        address: serving.address,
                        mode: Mode::Single,
                        connections: (self.connections / servers).max(1),
                        batch: 1,
                        first: 0,
                        behind: payments.len(),
                        window,
                        until: window.end,
                        rate: None,
                    };
                    scope.spawn(move || load::load(order, payments))
                })
                .collect();
            loads
                .into_iter()
                .map(|load| Ok(load.join().map_err(|_| anyhow!("the load ended"))??.tally))
                .collect::<Result<_>>()
        })?;
        let time = began.elapsed();
        let work = system.work().await?.since(&work);
        let idle = idle * time.as_secs_f64();
        let commits = system.commits().await? - commits;
        let cpu = system.cpu().saturating_sub(cpu);
        let payments: u64 = tallies.iter().map(|it| it.acknowledged.len() as u64).sum();
        ensure!(
            payments > 0,
            "nothing was acknowledged: {:?}",
            tallies.first().map(|it| &it.refused)
        );
        let refused = tallies.iter().flat_map(|it| it.refused.values()).sum();
        let mut lost = 0;
        for (payments, tally) in handed.iter().zip(&tallies) {
            lost += check::lost_anywhere(&system.databases, payments, tally).await?;
        }
        let each = |number: f64| number / payments as f64;
        let statements = each((work.calls as f64 - idle).max(0.0));
        let database_us = each(work.took.as_secs_f64() * 1e6);
        Ok(Row {
            servers,
            shards: system.databases.len(),
            through,
            payments,
            refused,
            payments_per_commit: payments as f64 / commits.max(1) as f64,
            tries_per_commit: work.heads_calls as f64 / commits.max(1) as f64,
            statements,
            rows: each(work.rows as f64),
            pages: each(work.pages as f64),
            log_bytes: each(work.log_bytes as f64),
            database_us,
            heads_log_bytes: each(work.heads_log_bytes as f64),
            heads_us: each(work.heads_took.as_secs_f64() * 1e6),
            statements_ratio: one.map_or(1.0, |one| statements / one.statements),
            database_ratio: one.map_or(1.0, |one| database_us / one.database_us),
            server_us: each(cpu.as_secs_f64() * 1e6),
            lost,
        })
    }
}

fn heading() -> String {
    "servers shards through  payments refused  a commit  tries  statements  pages  log bytes  µs in the database  (versions: µs, bytes)  lost"
        .to_owned()
}

impl Row {
    fn line(&self) -> String {
        format!(
            "{:>7} {:>6} {:<7} {:>9} {:>7} {:>9.1} {:>6.2} {:>11.2} {:>6.1} {:>10.0} {:>19.0}  ({:.0}, {:.0}) {:>5}",
            self.servers,
            self.shards,
            match self.through {
                Through::Own => "own",
                Through::Any => "any",
            },
            self.payments,
            self.refused,
            self.payments_per_commit,
            self.tries_per_commit,
            self.statements,
            self.pages,
            self.log_bytes,
            self.database_us,
            self.heads_us,
            self.heads_log_bytes,
            self.lost,
        )
    }
}

/// Running servers over their databases.
struct System {
    servings: Vec<super::serving::Serving>,
    databases: Vec<Database>,
}

impl System {
    /// Starts them. Where there are several databases, each is a shard with one server.
    async fn start(world: &World, urls: &[String], servers: usize) -> Result<Self> {
        let mut databases = Vec::new();
        for url in urls {
            databases.push(Database::open(url).await?);
        }
        let servings = shards::start(world, urls, servers).await?;
        if databases.len() > 1 {
            shards::spread(world, &databases).await?;
            // Every server looks within a second.
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        let map = databases
            .first()
            .context("there is no database")?
            .slot_map()
            .await?;
        ensure!(
            map.shard.is_some() == (databases.len() > 1),
            "the databases are used already"
        );
        Ok(Self {
            servings,
            databases,
        })
    }

    async fn work(&self) -> Result<Work> {
        let mut all = Work::default();
        for database in &self.databases {
            let counters = database.statement_counters().await?;
            all.add(&counters.context(
                "PostgreSQL has no pg_stat_statements: see `offpay bench scale --help`",
            )?);
        }
        Ok(all)
    }

    /// Statements a second while nothing is handed in.
    async fn idle(&self) -> Result<f64> {
        let (before, began) = (self.work().await?, Instant::now());
        tokio::time::sleep(IDLE).await;
        let work = self.work().await?.since(&before);
        Ok(work.calls as f64 / began.elapsed().as_secs_f64())
    }

    async fn commits(&self) -> Result<u64> {
        let mut commits = 0;
        for serving in &self.servings {
            let mut connection = Connection::open(serving.address).await?;
            commits += syncs::commits(&mut connection).await?;
        }
        Ok(commits)
    }

    fn cpu(&self) -> Duration {
        let counters = self
            .servings
            .iter()
            .filter_map(|it| process::counters(it.process));
        counters.map(|counters| counters.cpu()).sum()
    }

    async fn stop(mut self) -> Result<()> {
        for serving in &mut self.servings {
            serving.kill()?;
        }
        for database in &self.databases {
            database.close().await;
        }
        Ok(())
    }
}
