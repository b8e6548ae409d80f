//! What the system counts of a process. Read from `/proc`: Linux.

use std::{fs, time::Duration};

/// The clock's ticks in a second, as `/proc` counts on every Linux.
const TICKS: f64 = 100.0;

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// Processor time in the program, and in the system for it.
    pub(super) user: Duration,
    pub(super) system: Duration,
    /// Bytes that it had written to the disk.
    pub(super) written: u64,
}

/// Its counters; none where the system does not tell.
pub(super) fn counters(process: u32) -> Option<Counters> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name is in parentheses and can hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || -> Option<Duration> {
        let ticks: u32 = fields.next()?.parse().ok()?;
        Some(Duration::from_secs_f64(f64::from(ticks) / TICKS))
    };
    let (user, system) = (ticks()?, ticks()?);
    let written = labelled(&format!("/proc/{process}/io"), "write_bytes:").unwrap_or_default();
    Some(Counters {
        user,
        system,
        written,
    })
}

/// The most memory that it held at once, in megabytes.
pub(super) fn peak_mb(process: u32) -> Option<f64> {
    let kilobytes = labelled(&format!("/proc/{process}/status"), "VmHWM:")?;
    Some(kilobytes as f64 / 1_024.0)
}

/// Its first child.
pub(super) fn child(process: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

fn labelled(path: &str, label: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(label))?;
    line.split_whitespace().next()?.parse().ok()
}

impl Counters {
    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            written: self.written.saturating_sub(before.written),
        }
    }

    pub(super) fn cpu(&self) -> Duration {
        self.user.saturating_add(self.system)
    }
}
