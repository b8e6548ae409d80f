//! Brings on-chain what purses owe, before its deadline, and claims what they do not pay. See `docs/settling.md`.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use offpay_chain::ChainError;
use offpay_operator::{
    settlement::{Debt, plan},
    storage::{ChainStorage, OpenDebt, SettlementStorage, StorageError},
};
use offpay_protocol::{PurseKey, Timestamp};
use thiserror::Error;

use crate::{
    App, loops,
    outbox::{OutboxError, market_fees},
};

mod close;
mod done;
mod gauges;
mod reading;
mod reports;
pub(crate) mod risk;
mod rows;

use rows::Checked;

/// The most debts that are looked at in one turn.
const MOST_DEBTS: u32 = 5_000;
/// So many times as long as they took to read, the gauges stay as they are.
const REST: u32 = 30;
/// But no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Why debts cannot be settled at the moment.
#[derive(Debug, Error)]
pub enum SettlementError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A node.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The nodes that the outbox uses.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl SettlementError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_retryable(),
            Self::Chain(error) => error.is_retryable(),
            Self::Outbox(error) => error.is_retryable(),
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Storage(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Outbox(error) => error.code(),
        }
    }
}

/// Settles until the server stops.
pub async fn run(app: App) {
    let pause = Duration::from_millis(app.config.settlement.poll_ms.max(10));
    let mut shown_next = Instant::now();
    loop {
        if let Err(error) = turn(&app).await {
            tracing::warn!(code = error.code(), %error, "nothing can be settled at the moment");
        }
        let began = Instant::now();
        if began >= shown_next {
            if let Err(error) = gauges::show(&app).await {
                tracing::warn!(code = error.code(), %error, "the gauges cannot be read");
            }
            // They are sums over all that is owed: reading it must not take the time of what makes it.
            let rest = began.elapsed().saturating_mul(REST).min(LONGEST_REST);
            shown_next = began + rest;
        }
        if loops::wait(&app, pause).await {
            return;
        }
    }
}

/// Looks once: what became of what was sent, what is due, and which purses can be closed.
///
/// # Errors
///
/// [`SettlementError`]; what was done before stays done, and the rest is done next time.
pub async fn turn(app: &App) -> Result<(), SettlementError> {
    // That one node is down must not keep anything from being sent in time: what is paid for good waits for both.
    let released = done::release(app).await;
    let (contract, head) = reading::contract(app).await?;
    // The chain's clock decides about deadlines, where it is ahead of this one.
    let now = app.now().max(head);
    let map = app.shards.slots.current();
    let mut open = app.database.open_debts(now, MOST_DEBTS).await?;
    // Another shard settles what is on its way there.
    open.retain(|debt| map.holds(debt.purse));
    if !open.is_empty() {
        let debts = debts(app, &open).await?;
        let policy = app
            .config
            .settlement
            .policy(&app.contract.configuration().parameters);
        let price = market_fees(contract.node()).await?.most;
        let planned = plan(&debts, price, now, &policy);
        let mut checked = Checked::new(app, &contract, head, now);
        for batch in &planned.batches {
            let chosen: Vec<&OpenDebt> = batch
                .debts
                .iter()
                .filter_map(|place| open.get(*place))
                .collect();
            rows::settle(&mut checked, &chosen, batch.deadline).await?;
        }
    }
    close::purses(app, &contract, head).await?;
    reports::renew(app).await?;
    app.outbox.wake();
    released
}

/// What is known about debts for planning.
async fn debts(app: &App, open: &[OpenDebt]) -> Result<Vec<Debt>, SettlementError> {
    let closing = app.database.closing_purses().await?;
    let stopped: BTreeSet<PurseKey> = app
        .database
        .endangered_purses()
        .await?
        .into_iter()
        .collect();
    let closes_at = |purse: PurseKey| -> Option<Timestamp> {
        closing
            .iter()
            .find(|known| known.key == purse)
            .and_then(|known| known.closes_at)
    };
    Ok(open
        .iter()
        .map(|debt| Debt {
            purse: debt.purse,
            payee: debt.payee,
            cumulative: debt.cumulative,
            since: debt.since,
            is_hosted: debt.is_hosted,
            is_endangered: stopped.contains(&debt.purse),
            closes_at: closes_at(debt.purse),
        })
        .collect())
}
