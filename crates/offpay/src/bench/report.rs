//! What is told.

use std::time::Duration;

use serde::Serialize;

use super::{Mode, machine::Machine, process::Counters, syncs::Counted};

/// What one way of handing in came to.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) mode: &'static str,
    pub(super) per_s: f64,
    pub(super) at_full: [f64; 3],
    pub(super) at_half: Option<[f64; 3]>,
    pub(super) server: Counters,
    pub(super) load: Counters,
    pub(super) time: Duration,
    pub(super) commits_per_s: f64,
    pub(super) fsyncs_per_payment: f64,
    pub(super) syncs_counted: Counted,
    pub(super) bytes_per_payment: f64,
    pub(super) peak_mb: f64,
    pub(super) acknowledged: u64,
    pub(super) checked: usize,
    /// How long the killed server took until it served again.
    pub(super) restart_s: f64,
    pub(super) lost: u64,
}

impl Figures {
    pub(super) fn lines(&self) -> Vec<String> {
        let name = format!("{:<14}", self.mode);
        let empty = " ".repeat(14);
        let percentiles = |[p50, p99, p999]: [f64; 3]| {
            format!("p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms")
        };
        let cores = |time: Duration| time.as_secs_f64() / self.time.as_secs_f64();
        let mut lines = vec![format!(
            "{name}{:.0} a second; {} at that rate",
            self.per_s,
            percentiles(self.at_full)
        )];
        if let Some(at_half) = self.at_half {
            lines.push(format!("{empty}at half of it {}", percentiles(at_half)));
        }
        lines.push(format!(
            "{empty}server {:.2} cores user, {:.2} system ({:.0} µs a payment); load {:.2} cores user, {:.2} system",
            cores(self.server.user),
            cores(self.server.system),
            self.server.cpu().as_secs_f64() * 1e6 / (self.per_s * self.time.as_secs_f64()),
            cores(self.load.user),
            cores(self.load.system),
        ));
        lines.push(format!(
            "{empty}{:.4} fsyncs a payment ({}); {:.0} commits a second; {:.0} bytes written a payment; {:.0} MB at most",
            self.fsyncs_per_payment,
            self.syncs_counted.told(),
            self.commits_per_s,
            self.bytes_per_payment,
            self.peak_mb,
        ));
        lines.push(format!(
            "{empty}killed under load: {} acknowledged, {} lost; {} clearances checked; served again after {:.2} s",
            self.acknowledged, self.lost, self.checked, self.restart_s
        ));
        lines
    }
}

/// All ways of handing in together.
#[derive(Debug, Default)]
pub(super) struct Summary {
    single: Option<f64>,
    stream: Option<f64>,
    batch: Option<f64>,
    percentiles: Option<[f64; 3]>,
    /// Those of the first way that was measured: of single payments, if they were.
    first: Option<[f64; 2]>,
    peak_mb: f64,
    restart_s: f64,
    lost: u64,
}

impl Summary {
    pub(super) fn add(&mut self, mode: Mode, figures: &Figures) {
        let rate = match mode {
            Mode::Single => &mut self.single,
            Mode::Stream => &mut self.stream,
            Mode::Batch => &mut self.batch,
        };
        *rate = Some(figures.per_s);
        self.percentiles
            .get_or_insert(figures.at_half.unwrap_or(figures.at_full));
        self.first
            .get_or_insert([figures.fsyncs_per_payment, figures.bytes_per_payment]);
        self.peak_mb = self.peak_mb.max(figures.peak_mb);
        self.restart_s = self.restart_s.max(figures.restart_s);
        self.lost += figures.lost;
    }
}

/// The last line.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    single_per_s: Option<f64>,
    stream_per_s: Option<f64>,
    batch_per_s: Option<f64>,
    recover_per_s: f64,
    ratio: f64,
    p50_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    fsyncs_per_payment: f64,
    bytes_per_payment: f64,
    peak_mb: f64,
    restart_s: f64,
    pub(super) lost: u64,
}

impl Report {
    pub(super) fn new(summary: &Summary, machine: &Machine) -> Self {
        let rounded = |value: f64, digits: i32| {
            let scale = 10_f64.powi(digits);
            (value * scale).round() / scale
        };
        let whole = |rate: Option<f64>| rate.map(f64::round);
        let rates = [summary.single, summary.stream, summary.batch];
        let best = rates.into_iter().flatten().fold(0.0, f64::max);
        let [p50, p99, p999] = summary.percentiles.unwrap_or_default();
        let [fsyncs, bytes] = summary.first.unwrap_or_default();
        Self {
            single_per_s: whole(summary.single),
            stream_per_s: whole(summary.stream),
            batch_per_s: whole(summary.batch),
            recover_per_s: machine.recover_per_s.round(),
            ratio: rounded(best / (machine.recover_per_s * 2.0), 3),
            p50_ms: rounded(p50, 2),
            p99_ms: rounded(p99, 2),
            p999_ms: rounded(p999, 2),
            fsyncs_per_payment: rounded(fsyncs, 4),
            bytes_per_payment: bytes.round(),
            peak_mb: summary.peak_mb.round(),
            restart_s: rounded(summary.restart_s, 2),
            lost: summary.lost,
        }
    }
}
