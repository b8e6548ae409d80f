//! Who waits for events learns here that there are new ones.

use std::time::Duration;

use offpay_operator::storage::EventStorage as _;
use tokio::sync::watch;

use crate::{App, loops};

/// How often the log is looked at. Another process may write to it, so that this one cannot know by itself.
const LOOK: Duration = Duration::from_millis(250);

/// The last event that was seen, for those who wait for the next.
#[derive(Debug)]
pub struct EventLog(watch::Sender<i64>);

impl Default for EventLog {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl EventLog {
    /// Changes whenever there are new events.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }
}

/// Looks at the log.
pub async fn run(app: App) {
    loop {
        match app.database.last_event().await {
            Ok(last) => {
                app.event_log
                    .0
                    .send_if_modified(|seen| std::mem::replace(seen, last) != last);
            }
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "the event log cannot be read");
            }
        }
        if loops::wait(&app, LOOK).await {
            return;
        }
    }
}
