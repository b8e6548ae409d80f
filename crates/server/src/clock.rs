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
    /// By how much a test has set the system's clock, in seconds.
    #[cfg(feature = "testing")]
    set_by: std::sync::atomic::AtomicI64,
}

impl Clock {
    /// The highest time that was ever seen.
    pub fn now(&self) -> Timestamp {
        let system = self.system().get();
        let highest = self
            .highest
            .fetch_max(system, Ordering::Relaxed)
            .max(system);
        Timestamp::new(highest).unwrap_or(Timestamp::MAX)
    }

    /// What the system's clock says, which can go back: for what is compared with other people's clocks.
    pub fn system(&self) -> Timestamp {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        #[cfg(feature = "testing")]
        let system = system.saturating_add_signed(self.set_by.load(Ordering::Relaxed));
        Timestamp::new(system).unwrap_or(Timestamp::MAX)
    }

    /// Sets the system's clock forward, or back, as this server sees it.
    #[cfg(feature = "testing")]
    pub fn set_by(&self, seconds: i64) {
        self.set_by.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Takes note of a time that has certainly come: it is not earlier than this from now on.
    pub fn see(&self, time: Timestamp) {
        self.highest.fetch_max(time.get(), Ordering::Relaxed);
    }
}
