//! How often the disk is told to make writes durable, for a payment.
//!
//! No counter of the system has it for one process. Where `strace` is there, a short run of its own is counted: it stops
//! the server at those calls alone, and its times are not reported. Elsewhere, the commits of clearing are counted, each of
//! which syncs the write-ahead log once; the few syncs of checkpoints are missing then.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};

use super::http::Connection;

/// How the calls were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// By strace.
    Calls,
    /// By the server's own count of commits.
    Commits,
    /// By PostgreSQL's statistics.
    Statistics,
}

impl Counted {
    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::Calls => "calls counted by strace in a run of its own",
            Self::Commits => "the server's commits; checkpoints are not counted",
            Self::Statistics => "PostgreSQL's statistics of its write-ahead log",
        }
    }
}

/// Whether calls can be counted here.
pub(super) fn is_there() -> bool {
    let asked = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    asked.is_ok_and(|asked| asked.status.success())
}

/// What counts the calls of the program that is run under it.
pub(super) fn counter(calls: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace
        .args([
            "-f",
            "--seccomp-bpf",
            "-ttt",
            "-e",
            "trace=fsync,fdatasync",
            "-o",
        ])
        .arg(calls);
    strace
}

/// The calls within this time.
pub(super) fn calls(path: &Path, from: SystemTime, time: Duration) -> Result<u64> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let from = from.duration_since(UNIX_EPOCH)?.as_secs_f64();
    let until = from + time.as_secs_f64();
    let calls = text.lines().filter(|line| {
        let mut words = line.split_whitespace().skip(1);
        let at = words.next().and_then(|at| at.parse::<f64>().ok());
        let begins = words.next().is_some_and(|call| call.contains("sync("));
        begins && at.is_some_and(|at| (from..until).contains(&at))
    });
    Ok(calls.count() as u64)
}

/// How many commits of clearing the server says that it made.
pub(super) async fn commits(connection: &mut Connection) -> Result<u64> {
    let (_, answer) = connection.get("/metrics").await?;
    let text = String::from_utf8_lossy(answer);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("offpay_clearing_commit_seconds_count "));
    Ok(line.map_or(Ok(0), |count| count.trim().parse())?)
}
