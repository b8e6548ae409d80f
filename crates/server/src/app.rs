//! What every handler and loop is handed.

use std::{ops::Deref, sync::Arc};

use offpay_chain::Contract;
use offpay_protocol::Timestamp;
use offpay_store::Database;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{clock::Clock, config::Config};

/// The running server; clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the server is made of.
pub struct Parts {
    /// How it is configured.
    pub config: Config,
    /// Where everything is stored.
    pub database: Database,
    /// The contract, through the first of the configured nodes.
    pub contract: Contract,
    /// The time.
    pub clock: Clock,
    /// Cancelled when the server is to stop: loops finish what they took and end.
    pub stop: CancellationToken,
    /// The loops, waited for before the database is closed.
    pub tasks: TaskTracker,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
