//! The loops that run beside HTTP. Each area adds its own in [`start`].

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::{App, event_log, http};

/// How often SQLite's log is brought into the database: what commits wait for meanwhile is the disk, and so it is never much.
const CHECKPOINT: Duration = Duration::from_millis(250);

/// The longest wait before a loop that ended is started anew.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Starts them all.
pub fn start(app: &App) {
    keep(app, "accounts", crate::accounts::sweep);
    keep(app, "clearing", crate::clearing::run);
    keep(app, "metrics", tidy_metrics);
    keep(app, "database", checkpoint);
    keep(app, "events", event_log::run);
    keep(app, "idempotency", http::forget_answers);
    keep(app, "webhooks", crate::webhooks::run);
    keep(app, "lease", crate::lease::run);
    if app.shards.are_several() {
        keep(app, "slots", crate::shards::run);
    }
}

/// The loops that only the holder of the lease runs.
pub const DONE_ONCE: &[&str] = &[
    "money",
    "outbox",
    "settlement",
    "follower",
    "revocations",
    "watchtower",
    "transactions",
];

/// Starts the loops of which there is one among all servers. They end with `loops`, or when `app.stop` says so.
pub(crate) fn done_once(app: &App, loops: &mut JoinSet<()>) {
    loops.spawn(supervise(app.clone(), "money", crate::money::run));
    loops.spawn(supervise(app.clone(), "outbox", crate::outbox::run));
    loops.spawn(supervise(app.clone(), "settlement", crate::settlement::run));
    loops.spawn(supervise(app.clone(), "follower", crate::follower::run));
    let revocations = crate::clearing::keep_revocations;
    loops.spawn(supervise(app.clone(), "revocations", revocations));
    loops.spawn(supervise(app.clone(), "watchtower", crate::watch::run));
}

async fn tidy_metrics(app: App) {
    while !wait(&app, Duration::from_secs(5)).await {
        app.metrics.tidy();
    }
}

async fn checkpoint(app: App) {
    while !wait(&app, CHECKPOINT).await {
        if let Err(error) = app.database.checkpoint().await {
            tracing::warn!(code = error.code(), %error, "the database's log was not brought in");
        }
    }
}

/// Waits, and tells whether the server is to stop.
pub async fn wait(app: &App, time: Duration) -> bool {
    tokio::select! {
        () = app.stop.cancelled() => true,
        () = tokio::time::sleep(time) => false,
    }
}

/// Runs a loop until the server stops. One that panics or returns before is started anew, later and later, and `readyz`
/// and the metric `offpay_loop_restarts_total` tell of it.
pub fn keep<F>(app: &App, name: &'static str, run: impl Fn(App) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    app.tasks.spawn(supervise(app.clone(), name, run));
}

async fn supervise<F>(app: App, name: &'static str, run: impl Fn(App) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    app.health.set(name, true);
    // An alert sees a rise, and not a counter that begins with one.
    metrics::counter!("offpay_loop_restarts_total", "loop" => name).increment(0);
    let mut pause = Duration::from_millis(100);
    loop {
        // It ends with this one, where that is dropped.
        let ended = AbortOnDropHandle::new(tokio::spawn(run(app.clone()))).await;
        if app.stop.is_cancelled() {
            return;
        }
        let panicked = ended.is_err();
        tracing::error!(name, panicked, "a loop ended and is started anew");
        metrics::counter!("offpay_loop_restarts_total", "loop" => name).increment(1);
        app.health.set(name, false);
        if wait(&app, pause).await {
            return;
        }
        pause = pause.saturating_mul(2).min(LONGEST_WAIT);
        app.health.set(name, true);
    }
}

/// Which loops run. A part that knows better than "it runs" can say so itself, for example that the chain's head is old.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<BTreeMap<&'static str, bool>>>);

impl Health {
    /// Says of a part whether it is well.
    pub fn set(&self, part: &'static str, well: bool) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(part, well);
    }

    /// Says nothing more of these.
    pub fn forget(&self, parts: &[&'static str]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|part, _| !parts.contains(part));
    }

    /// All parts, and whether each is well.
    pub fn parts(&self) -> BTreeMap<&'static str, bool> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
