//! One way of handing in, from an empty database to the look into it after the kill.

use std::{
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Result, anyhow, bail, ensure};
use offpay_operator::storage::clearing::ClearingStorage as _;
use offpay_store::operator::{Database, LogCounters};

use super::{
    Bench, Mode, check,
    http::Connection,
    load::{self, Done, Order},
    machine::Machine,
    process::{self, Counters},
    report::Figures,
    seed,
    serving::Serving,
    sign::{self, Payments},
    syncs::{self, Counted},
    tally::Window,
    world::World,
};

/// Before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long the server has been under load when it is killed.
const UNTIL_KILLED: Duration = Duration::from_millis(1_300);
/// How long the run takes whose calls are counted.
const COUNTING: Duration = Duration::from_secs(3);

/// The server at one moment.
struct Snapshot {
    server: Counters,
    load: Counters,
    log: Option<LogCounters>,
    commits: u64,
    at: SystemTime,
}

/// Measures it.
pub(super) async fn run(
    bench: &Bench,
    world: &World,
    mode: Mode,
    named: Option<&String>,
    machine: &Machine,
) -> Result<Figures> {
    let seconds = Duration::from_secs(bench.seconds);
    // Nothing can be faster than the check of signatures on all cores.
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let each = Duration::from_secs_f64(1.0 / (machine.recover_per_s * cores as f64));
    let busy = WARM_UP + seconds + seconds / 4 + WARM_UP + UNTIL_KILLED + COUNTING;
    let count = u64::try_from(busy.as_nanos() / each.as_nanos().max(1))?;
    let count = count.min(u64::try_from(bench.payments)?);
    let payments = sign::sign(world, bench.stored, count)?;
    let folder = world.folder().join(mode.name());
    std::fs::create_dir(&folder)?;
    let url = named.cloned().unwrap_or_else(|| file(&folder));
    let database = Database::open(&url).await?;
    let last = database.last_cleared().await?;
    ensure!(last == 0, "the database is not empty: name one that is");
    if world.is_seeded() {
        seed::seed(world, &database).await?;
    }
    seed::payments(world, &database, bench.stored).await?;
    let stored = database.last_cleared().await?;
    let mut serving = Serving::start(world, &folder, &url, None).await?;
    // Some are left for what comes after the time that is measured.
    let share = |part: usize| payments.len() / 10 * part;
    let order = |first: usize, behind: usize, warm_up: Duration, time: Duration| {
        let begin = Instant::now() + warm_up;
        let window = Window {
            begin,
            end: begin + time,
        };
        Order {
            address: serving.address,
            mode,
            connections: match mode {
                Mode::Single => bench.connections,
                Mode::Stream | Mode::Batch => bench.wide,
            },
            batch: bench.batch,
            first,
            behind,
            window,
            until: window.end,
            rate: None,
        }
    };

    let full = order(0, share(6), WARM_UP, seconds);
    let (mut done, before, after) = thread::scope(|scope| {
        let load = scope.spawn(|| load::load(full, &payments));
        let watched = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(watch(full.window, &serving, &database))
        });
        let done = load.join().map_err(|_| anyhow!("the load ended"))??;
        let (before, after) = watched?;
        Ok::<_, anyhow::Error>((done, before, after))
    })?;
    check_load(&done)?;
    let per_s = done.tally.per_s(done.ran_out);
    let at_full = done.tally.percentiles();

    let mut half = None;
    if mode == Mode::Single {
        let mut order = order(
            done.next,
            share(8),
            // What the full load left behind is done by then.
            WARM_UP * 2,
            (seconds / 2).max(Duration::from_secs(2)),
        );
        order.rate = Some(per_s / 2.0);
        let done = loaded(order, &payments)?;
        check_load(&done)?;
        half = Some(done);
    }
    let at_half = half.as_mut().map(|half| half.tally.percentiles());
    let peak_mb = process::peak_mb(serving.process);

    // Killed in the middle of it.
    let next = half.as_ref().map_or(done.next, |half| half.next);
    let mut last = order(next, payments.len(), Duration::ZERO, UNTIL_KILLED);
    last.until += Duration::from_secs(60);
    let killed = thread::scope(|scope| {
        let load = scope.spawn(|| load::load(last, &payments));
        thread::sleep(UNTIL_KILLED);
        serving.kill()?;
        load.join().map_err(|_| anyhow!("the load ended"))?
    })?;
    let tallies: Vec<_> = [Some(&done), half.as_ref(), Some(&killed)]
        .into_iter()
        .flatten()
        .map(|done| &done.tally)
        .collect();
    let lost = check::lost(&database, &payments, &tallies, stored).await?;
    let began = Instant::now();
    let mut again = Serving::start(world, &folder, &url, None).await?;
    let restart_s = began.elapsed().as_secs_f64();
    again.kill()?;
    let checked = check::samples(world, &payments, &tallies)?;
    let acknowledged = tallies.iter().map(|it| it.acknowledged.len() as u64).sum();
    let counted = done.tally.counted.max(1) as f64;
    let (syncs, how) =
        syncs_per_payment(bench, world, mode, &payments, &before, &after, counted).await?;
    let server = after.server.since(&before.server);
    let written = match (&before.log, &after.log) {
        (Some(before), Some(after)) => after.bytes.saturating_sub(before.bytes),
        _ => server.written,
    };
    database.close().await;
    Ok(Figures {
        mode: mode.name(),
        per_s,
        at_full,
        at_half,
        server,
        load: after.load.since(&before.load),
        time: after.at.duration_since(before.at)?,
        commits_per_s: (after.commits.saturating_sub(before.commits)) as f64
            / seconds.as_secs_f64(),
        fsyncs_per_payment: syncs,
        syncs_counted: how,
        bytes_per_payment: written as f64 / counted,
        peak_mb: peak_mb.unwrap_or_default(),
        acknowledged,
        checked,
        restart_s,
        lost,
    })
}

/// A SQLite database in a folder.
fn file(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("offpay.db").display())
}

/// Runs the load on a thread of its own, and waits for it.
fn loaded(order: Order, payments: &Payments) -> Result<Done> {
    thread::scope(|scope| {
        let load = scope.spawn(|| load::load(order, payments));
        load.join().map_err(|_| anyhow!("the load ended"))?
    })
}

/// What is refused was not measured.
fn check_load(done: &Done) -> Result<()> {
    let refused: u64 = done.tally.refused.values().sum();
    if refused > 0 {
        bail!("the server refused {refused}: {:?}", done.tally.refused);
    }
    ensure!(done.tally.counted > 0, "the server acknowledged nothing");
    Ok(())
}

/// Looks at the server when the time begins that counts, and when it ends.
async fn watch(
    window: Window,
    serving: &Serving,
    database: &Database,
) -> Result<(Snapshot, Snapshot)> {
    tokio::time::sleep_until(window.begin.into()).await;
    let before = look(serving, database).await?;
    tokio::time::sleep_until(window.end.into()).await;
    let after = look(serving, database).await?;
    Ok((before, after))
}

async fn look(serving: &Serving, database: &Database) -> Result<Snapshot> {
    // The server closes connections on which nothing comes for a while.
    let mut connection = Connection::open(serving.address).await?;
    Ok(Snapshot {
        at: SystemTime::now(),
        server: process::counters(serving.process).unwrap_or_default(),
        load: process::counters(std::process::id()).unwrap_or_default(),
        log: database.log_counters().await?,
        commits: syncs::commits(&mut connection).await?,
    })
}

/// Syncs for a payment, and how they were counted.
async fn syncs_per_payment(
    bench: &Bench,
    world: &World,
    mode: Mode,
    payments: &Payments,
    before: &Snapshot,
    after: &Snapshot,
    counted: f64,
) -> Result<(f64, Counted)> {
    if let (Some(before), Some(after)) = (&before.log, &after.log) {
        let syncs = after.syncs.saturating_sub(before.syncs);
        return Ok((syncs as f64 / counted, Counted::Statistics));
    }
    if !syncs::is_there() {
        let commits = after.commits.saturating_sub(before.commits);
        return Ok((commits as f64 / counted, Counted::Commits));
    }
    let folder = world.folder().join(format!("{}-counted", mode.name()));
    std::fs::create_dir(&folder)?;
    let (url, calls) = (file(&folder), folder.join("calls"));
    if world.is_seeded() {
        let database = Database::open(&url).await?;
        seed::seed(world, &database).await?;
        database.close().await;
    }
    let mut counter: Command = syncs::counter(&calls);
    let mut serving = Serving::start(world, &folder, &url, Some(&mut counter)).await?;
    serving.find_server()?;
    let (begin, from) = (Instant::now() + WARM_UP, SystemTime::now() + WARM_UP);
    let window = Window {
        begin,
        end: begin + COUNTING,
    };
    let order = Order {
        address: serving.address,
        mode,
        connections: match mode {
            Mode::Single => bench.connections,
            Mode::Stream | Mode::Batch => bench.wide,
        },
        batch: bench.batch,
        first: 0,
        behind: payments.len(),
        window,
        until: window.end,
        rate: None,
    };
    let done = loaded(order, payments)?;
    check_load(&done)?;
    serving.kill()?;
    let calls = syncs::calls(&calls, from, COUNTING)?;
    Ok((
        calls as f64 / done.tally.counted.max(1) as f64,
        Counted::Calls,
    ))
}
