//! What databases did, added up.

use std::time::Duration;

use offpay_store::operator::StatementCounters;

/// Of all statements together, and of those that raise the versions of purses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    pub(super) calls: u64,
    pub(super) rows: u64,
    pub(super) pages: u64,
    pub(super) log_bytes: u64,
    pub(super) took: Duration,
    pub(super) heads_calls: u64,
    pub(super) heads_log_bytes: u64,
    pub(super) heads_took: Duration,
}

impl Work {
    /// Adds what one database counted.
    pub(super) fn add(&mut self, counters: &[StatementCounters]) {
        for counted in counters {
            self.calls += counted.calls;
            self.rows += counted.rows;
            self.pages += counted.pages;
            self.log_bytes += counted.log_bytes;
            self.took += counted.took;
            if counted.statement.contains("INTO purse_heads") {
                self.heads_calls += counted.calls;
                self.heads_log_bytes += counted.log_bytes;
                self.heads_took += counted.took;
            }
        }
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(before.calls),
            rows: self.rows.saturating_sub(before.rows),
            pages: self.pages.saturating_sub(before.pages),
            log_bytes: self.log_bytes.saturating_sub(before.log_bytes),
            took: self.took.saturating_sub(before.took),
            heads_calls: self.heads_calls.saturating_sub(before.heads_calls),
            heads_log_bytes: self.heads_log_bytes.saturating_sub(before.heads_log_bytes),
            heads_took: self.heads_took.saturating_sub(before.heads_took),
        }
    }
}
