//! Users' webhooks: the loop that calls them.
//!
//! The event log is the outbox. Each webhook has a cursor in it and a queue: events are put into the queue and the cursor
//! moved in one write; each is called in the order of the log, and the next only when the one before was taken. A server
//! claims a webhook in the database before it calls it, so that several servers share the work and none is called by two
//! at once; a claim that is not ended (the server was killed) runs out.

mod address;
mod client;
mod gauges;
mod secret;
mod target;
mod turn;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use offpay_operator::{
    storage::{StorageError, webhooks::DeliveryStorage as _},
    webhook::WebhookId,
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{App, loops};
pub use address::forbidden;
pub use client::{Webhooks, WebhooksError};
pub(crate) use secret::{SecretFile, purpose};
pub use secret::{signature, verify};
pub use target::{Target, TargetRefused};
pub(crate) use turn::TEST;

/// How often the queues are looked at while nothing happens. What has to wait for its next attempt becomes due by itself.
const LOOK: Duration = Duration::from_millis(500);

/// How often gauges are shown and old deliveries forgotten.
const TIDY: Duration = Duration::from_secs(15);

/// Who is quick, and who was slow or failed the last time: each lane has its own places, so that the slow take none of
/// the quick ones'.
struct Lane {
    slow: bool,
    places: Arc<Semaphore>,
}

/// The webhooks that this server is calling.
type Busy = Arc<Mutex<HashSet<WebhookId>>>;

/// Calls webhooks until the server stops.
pub async fn run(app: App) {
    let places = usize::try_from(app.config.webhooks.at_once).unwrap_or(1);
    let lanes = [false, true].map(|slow| Lane {
        slow,
        places: Arc::new(Semaphore::new(places)),
    });
    let busy = Busy::default();
    let mut turns = JoinSet::new();
    let mut changed = app.event_log.watch();
    turns.spawn(tidy(app.clone()));
    while !app.stop.is_cancelled() {
        // Before the queues are read: what comes meanwhile is seen as a change.
        changed.mark_unchanged();
        for lane in &lanes {
            if let Err(error) = serve(&app, lane, &busy, &mut turns).await {
                tracing::warn!(code = error.code(), %error, "webhooks are not called at the moment");
            }
        }
        while turns.try_join_next().is_some() {}
        tokio::select! {
            () = app.stop.cancelled() => {}
            _ = changed.changed() => {}
            Some(_) = turns.join_next() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    while turns.join_next().await.is_some() {}
}

/// Begins a turn for each webhook of a lane that is due, as far as there are places.
async fn serve(
    app: &App,
    lane: &Lane,
    busy: &Busy,
    turns: &mut JoinSet<()>,
) -> Result<(), StorageError> {
    let free = u32::try_from(lane.places.available_permits()).unwrap_or(u32::MAX);
    if free == 0 {
        return Ok(());
    }
    let due = app
        .database
        .due_webhooks(app.now(), lane.slow, free)
        .await?;
    for id in due {
        // The database knows it as claimed, unless the clock jumped.
        if !busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id)
        {
            continue;
        }
        let leave = Leave(Arc::clone(busy), id);
        let Ok(place) = Arc::clone(&lane.places).try_acquire_owned() else {
            return Ok(());
        };
        let app = app.clone();
        turns.spawn(async move {
            let (_leave, _place) = (leave, place);
            if let Err(error) = turn::take(&app, id).await {
                tracing::warn!(webhook = %id, code = error.code(), %error, "a webhook is not called at the moment");
                tokio::time::sleep(LOOK).await;
            }
        });
    }
    Ok(())
}

/// Takes a webhook out of those that are being called, also when its turn panics.
struct Leave(Busy, WebhookId);

impl Drop for Leave {
    fn drop(&mut self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.1);
    }
}

/// Shows what is waiting, and forgets what is long over.
async fn tidy(app: App) {
    loop {
        if let Err(error) = gauges::show(&app).await {
            tracing::warn!(code = error.code(), %error, "the webhooks' gauges are not shown");
        }
        let before = app.now().saturating_sub(app.config.webhooks.keep());
        if let Err(error) = app.database.forget_deliveries(before).await {
            tracing::warn!(code = error.code(), %error, "old deliveries are not forgotten");
        }
        if loops::wait(&app, TIDY).await {
            return;
        }
    }
}
