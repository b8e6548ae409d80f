//! What one of several servers does alone: following the chain, settling, sending, watching, hosted money's books.
//!
//! Whoever holds the lease in the database runs those loops, with a handle of the database whose every write checks, in
//! its own transaction, that nobody took over. A holder that cannot renew in time stops its loops by itself before its
//! lease ends; one that was stopped longer than that finds its writes refused. See `docs/scaling.md`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use offpay_operator::storage::{FollowerStorage as _, LeaseStorage as _};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{App, loops};

/// The lease of everything that is done once.
const LEASE: &str = "once";
/// How often a lease is renewed while it lasts.
const RENEWALS: u32 = 5;
/// How often a server that does not follow the chain itself looks how far it was followed.
const LOOK: Duration = Duration::from_millis(250);

/// Until when a lease is certainly held. The system's steady clock counts on while the process is stopped.
#[derive(Clone, Debug)]
pub(crate) struct Until(Arc<Mutex<Instant>>);

impl Until {
    fn new(end: Instant) -> Self {
        Self(Arc::new(Mutex::new(end)))
    }

    fn end(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, end: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }

    /// Whether somebody else may hold it.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end()
    }
}

/// The time as the holder. Dropped, its loops end at once.
struct Tenure {
    token: i64,
    until: Until,
    stop: CancellationToken,
    loops: JoinSet<()>,
}

impl Tenure {
    fn begin(app: &App, token: i64, end: Instant) -> Self {
        let until = Until::new(end);
        let stop = app.stop.child_token();
        let database = app.database.fenced(LEASE, token);
        let held = app.held(database, &until, stop.clone());
        let mut loops = JoinSet::new();
        loops::done_once(&held, &mut loops);
        tracing::info!(token, "this server does from now on what is done once");
        metrics::gauge!("offpay_lease_held").set(1.0);
        Self {
            token,
            until,
            stop,
            loops,
        }
    }

    /// Its loops finish what they took.
    async fn finish(mut self) {
        self.stop.cancel();
        while self.loops.join_next().await.is_some() {}
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        metrics::gauge!("offpay_lease_held").set(0.0);
    }
}

/// Holds the lease whenever it can be had, until the server stops.
pub(crate) async fn run(app: App) {
    let holder = uuid::Uuid::new_v4().to_string();
    let lasts = Duration::from_millis(app.config.database.lease_ms);
    // A second server over one file is no way to run it: the newest one is the one that is wanted.
    let mut at_once = app.database.engine() == "sqlite";
    let mut tenure: Option<Tenure> = None;
    let mut mirror: Option<AbortOnDropHandle<()>> = None;
    loop {
        let asked = Instant::now();
        let limit = match &tenure {
            Some(tenure) => tenure.until.end().saturating_duration_since(asked),
            None => lasts,
        };
        let ask = app.database.hold_lease(LEASE, &holder, lasts, at_once);
        let answer = tokio::select! {
            () = app.stop.cancelled() => break,
            answer = timeout(limit, ask) => answer,
        };
        app.health.set("lease", matches!(answer, Ok(Ok(_))));
        let end = asked.checked_add(lasts).unwrap_or(asked);
        match answer {
            Ok(Ok(Some(token))) => {
                at_once = false;
                match &tenure {
                    Some(tenure) if tenure.token == token && !tenure.until.is_over() => {
                        tenure.until.extend(end);
                    }
                    _ => {
                        drop((tenure.take(), mirror.take()));
                        tenure = Some(Tenure::begin(&app, token, end));
                    }
                }
            }
            Ok(Ok(None)) => lose(&app, &mut tenure, "another server took over"),
            Ok(Err(error)) => {
                tracing::warn!(code = error.code(), %error, "the lease cannot be asked for");
            }
            Err(_) => tracing::warn!("the database takes too long to renew the lease"),
        }
        if tenure.as_ref().is_some_and(|tenure| tenure.until.is_over()) {
            lose(&app, &mut tenure, "the lease could not be renewed in time");
        }
        if tenure.is_none() && mirror.is_none() {
            mirror = Some(AbortOnDropHandle::new(tokio::spawn(follow_along(
                app.clone(),
            ))));
        }
        let pause = match &tenure {
            Some(tenure) => {
                let left = tenure.until.end().saturating_duration_since(Instant::now());
                left.min(lasts / RENEWALS)
            }
            None => lasts / RENEWALS,
        };
        if loops::wait(&app, pause).await {
            break;
        }
    }
    if let Some(tenure) = tenure {
        tenure.finish().await;
        if let Err(error) = app.database.release_lease(LEASE, &holder).await {
            tracing::warn!(code = error.code(), %error, "the lease runs out by itself");
        }
    }
}

fn lose(app: &App, tenure: &mut Option<Tenure>, why: &'static str) {
    if tenure.take().is_some() {
        tracing::warn!(why, "this server does no longer what is done once");
        app.health.forget(loops::DONE_ONCE);
    }
}

/// Another server follows the chain: this one reads how far it came.
async fn follow_along(app: App) {
    loop {
        match app.database.chain_cursor().await {
            Ok(Some(cursor)) => app.chain.moved(cursor),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "the followed chain cannot be read");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
