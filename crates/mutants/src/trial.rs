//! Runs tests with one mutant on.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::suite::{Suite, Test};

/// A test that takes so many times its time has noticed the mutant.
const TIMES: u64 = 10;

/// Seconds of processor time that every group of tests has besides.
const GRACE: u64 = 3;

/// Address space of a group of tests: who allocates without end has noticed as well.
const KIBIBYTES: u64 = 4 << 20;

/// Seconds that a group may wait for anything but the processor.
const WAIT: u64 = 900;

/// What the code of a failed test run is.
const FAILED: i32 = 101;

/// Runs the tests, in groups, until one fails: answers which, or that none did.
///
/// # Errors
///
/// The tests cannot be run.
pub fn try_mutant(suite: &Suite, tests: &[&Test], mutant: u32) -> Result<Option<String>> {
    let mut rest = tests;
    let mut budget = 200;
    while !rest.is_empty() {
        let (group, after) = rest.split_at(group(rest, budget));
        for binary in 0..suite.binaries.len() {
            let group = group.iter().filter(|test| test.binary == binary);
            let group = group.copied().collect::<Vec<_>>();
            if !group.is_empty()
                && let Some(by) = run(suite, binary, &group, mutant)?
            {
                return Ok(Some(by));
            }
        }
        rest = after;
        budget *= 4;
    }
    Ok(None)
}

/// How many of the tests take no longer than the budget together; at least one.
fn group(tests: &[&Test], budget: u64) -> usize {
    let mut sum = 0;
    let within = tests.iter().take_while(|test| {
        sum += test.millis;
        sum <= budget
    });
    within.count().max(1)
}

fn run(suite: &Suite, binary: usize, tests: &[&Test], mutant: u32) -> Result<Option<String>> {
    let usual = tests.iter().map(|test| test.millis).sum::<u64>();
    let seconds = GRACE + usual * TIMES / 1000;
    let limits =
        format!("ulimit -c 0; ulimit -v {KIBIBYTES} 2>/dev/null; ulimit -t {seconds}; exec \"$@\"");
    let binary = &suite.binaries[binary];
    let mut child = Command::new("sh")
        .args(["-c", &limits, "sh"])
        .arg(&binary.path)
        .args(["--exact", "--test-threads=1"])
        .args(tests.iter().map(|test| &test.name))
        .current_dir(&binary.folder)
        .env("OFFPAY_MUTANT", mutant.to_string())
        .env("RUST_BACKTRACE", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        // That it fails is enough: how small it could be made is not asked.
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = child.stdout.take().context("no output")?;
    let (sender, lines) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let end = Instant::now() + Duration::from_secs(WAIT + seconds * 10);
    let mut begun = String::new();
    let mut noticed = None;
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Some(test) = line.strip_prefix("test ") {
                    begun = test.to_owned();
                }
                // What a test prints may stand between its name and its end.
                if line.ends_with("FAILED") && !line.starts_with("test result") {
                    noticed = Some(begun.clone());
                    break;
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                noticed = Some("waits for ever".to_owned());
                break;
            }
        }
    }
    drop(lines);
    if noticed.is_some() {
        // It may have ended by itself.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let _ = reader.join();
    if noticed.is_some() || status.success() {
        return Ok(noticed);
    }
    match (status.code(), status.signal()) {
        (Some(FAILED), _) => Ok(Some(begun)),
        (_, Some(signal)) => Ok(Some(format!("signal {signal} after {begun}"))),
        (code, _) => bail!("{} ended with {code:?}", binary.path.display()),
    }
}
