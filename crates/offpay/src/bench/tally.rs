//! What the server answered.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Every so many answers, one is kept, and its clearance checked.
const SAMPLE: usize = 1_000;

/// The time that is measured. What comes before it warms up; what comes after it still counts as acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) begin: Instant,
    pub(super) end: Instant,
}

/// What became of payments.
#[derive(Debug)]
pub(super) struct Tally {
    window: Window,
    /// The numbers of the payments that were acknowledged.
    pub(super) acknowledged: Vec<usize>,
    /// How many of them within the time that is measured, and when the last.
    pub(super) counted: u64,
    last: Option<Instant>,
    /// How long each answer took that came within that time, in microseconds.
    pub(super) took: Vec<u32>,
    /// Codes of refusals.
    pub(super) refused: BTreeMap<String, u64>,
    /// Some answers, whole.
    pub(super) samples: Vec<(usize, Vec<u8>)>,
}

impl Tally {
    pub(super) fn new(window: Window) -> Self {
        Self {
            window,
            acknowledged: Vec::new(),
            counted: 0,
            last: None,
            took: Vec::new(),
            refused: BTreeMap::new(),
            samples: Vec::new(),
        }
    }

    /// A payment was acknowledged.
    pub(super) fn acknowledged(&mut self, payment: usize, answer: &[u8], at: Instant) {
        if self.acknowledged.len().is_multiple_of(SAMPLE) {
            self.samples.push((payment, answer.to_vec()));
        }
        self.acknowledged.push(payment);
        if (self.window.begin..self.window.end).contains(&at) {
            self.counted += 1;
            self.last = self.last.max(Some(at));
        }
    }

    /// A request was answered that was due at `since`.
    pub(super) fn answered(&mut self, since: Instant, at: Instant) {
        if (self.window.begin..self.window.end).contains(&at) {
            let took = at.saturating_duration_since(since).as_micros();
            self.took.push(u32::try_from(took).unwrap_or(u32::MAX));
        }
    }

    pub(super) fn refused(&mut self, code: &str) {
        *self.refused.entry(code.to_owned()).or_default() += 1;
    }

    /// Acknowledged payments a second. If they ran out, only the time counts until then.
    pub(super) fn per_s(&self, ran_out: bool) -> f64 {
        let end = self.last.filter(|_| ran_out).unwrap_or(self.window.end);
        let time = end.saturating_duration_since(self.window.begin);
        self.counted as f64 / time.max(Duration::from_millis(1)).as_secs_f64()
    }

    /// The times that one in two, one in a hundred and one in a thousand answers exceeded, in milliseconds.
    pub(super) fn percentiles(&mut self) -> [f64; 3] {
        self.took.sort_unstable();
        [500, 990, 999].map(|per_mille| {
            let place = (self.took.len() * per_mille).div_ceil(1_000);
            let took = self.took.get(place.saturating_sub(1)).copied();
            f64::from(took.unwrap_or_default()) / 1_000.0
        })
    }
}
