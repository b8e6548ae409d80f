//! What every handler and loop is handed.

use std::{ops::Deref, sync::Arc};

use offpay_chain::{Contract, Deployment};
use offpay_protocol::Timestamp;
use offpay_store::Database;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accounts::Accounts,
    clearing::{Clearing, OperatorKeys},
    clock::Clock,
    config::Config,
    event_log::EventLog,
    follower::FollowedChain,
    http::Limits,
    keys::Keys,
    lease::Until,
    loops::Health,
    metrics::Metrics,
    money::Money,
    outbox::Outbox,
    shards::Shards,
    vault::Vault,
    web::WebApp,
    webhooks::Webhooks,
};

/// The running server; clones share it.
///
/// It is cloned for each request several times over, so a clone is one counter.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What clones share: the parts, and what is another one for the loops of a lease's holder.
pub struct Shared {
    parts: Arc<Parts>,
    /// Where everything is stored. For the loops of a lease's holder, every write with it is checked.
    pub database: Database,
    /// Sends transactions and follows them.
    pub outbox: Outbox,
    /// Cancelled when the last request is answered, or when a lease ends: loops finish what they took and end.
    pub stop: CancellationToken,
}

/// What the server is made of.
pub struct Parts {
    /// How it is configured.
    pub config: Config,
    /// The operator's keys.
    pub keys: Keys,
    /// Where everything is stored.
    pub database: Database,
    /// The contract, through the first of the configured nodes that answered.
    pub contract: Contract,
    /// How far the chain was followed.
    pub chain: FollowedChain,
    /// How the contract was deployed.
    pub deployment: Deployment,
    /// The keys of hosted users.
    pub vault: Vault,
    /// What signing in needs in memory.
    pub accounts: Accounts,
    /// What handling hosted money needs in memory.
    pub money: Money,
    /// Sends transactions and follows them.
    pub outbox: Outbox,
    /// What the operator signs with, each key in its time.
    pub operator_keys: OperatorKeys,
    /// Clears payments.
    pub clearing: Clearing,
    /// Which purses are here, and who has the others.
    pub shards: Shards,
    /// Calls users' webhooks.
    pub webhooks: Webhooks,
    /// The time.
    pub clock: Clock,
    /// How many requests each caller has left.
    pub limits: Limits,
    /// The files of the web app.
    pub web: WebApp,
    /// Tells of new events.
    pub event_log: EventLog,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// Which loops run.
    pub health: Health,
    /// Cancelled when no more requests are taken: long answers (streams of events) end.
    pub drain: CancellationToken,
    /// Cancelled when the last request is answered: loops finish what they took and end.
    pub stop: CancellationToken,
    /// The loops, waited for before the database is closed.
    pub tasks: TaskTracker,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Shared {
            database: parts.database.clone(),
            outbox: parts.outbox.clone(),
            stop: parts.stop.clone(),
            parts: Arc::new(parts),
        }))
    }

    /// The same for the loops of a lease's holder.
    pub(crate) fn held(&self, database: Database, until: &Until, stop: CancellationToken) -> Self {
        Self(Arc::new(Shared {
            outbox: self.outbox.held(&database, until),
            database,
            stop,
            parts: Arc::clone(&self.0.parts),
        }))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
