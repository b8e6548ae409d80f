//! The server's clock.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use offpay_protocol::Timestamp;

/// The system's clock, which never goes back: after a step backwards it stands still until it is caught up with.
#[derive(Debug, Default)]
pub struct Clock {
    highest: AtomicU64,
}

impl Clock {
    /// The highest time that was ever seen.
    pub fn now(&self) -> Timestamp {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let highest = self
            .highest
            .fetch_max(system, Ordering::Relaxed)
            .max(system);
        Timestamp::new(highest).unwrap_or(Timestamp::MAX)
    }

    /// Takes note of a time that has certainly come: it is not earlier than this from now on.
    pub fn see(&self, time: Timestamp) {
        self.highest.fetch_max(time.get(), Ordering::Relaxed);
    }
}
