//! Sends what stands in the outbox, and follows it until it is final.
//!
//! A signing is stored before it leaves, and all signings of one transaction have one nonce: whatever is lost, sent
//! twice or forgotten, the chain takes the work once. See `docs/settling.md`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use offpay_chain::{ChainError, Node, Sender};
use offpay_operator::{
    outbox::{Purpose, StoredTransaction, TransactionState},
    storage::{OutboxStorage, StorageError},
};
use offpay_protocol::Timestamp;
use offpay_store::Database;
use thiserror::Error;
use tokio::sync::{Notify, OnceCell, watch};

use crate::{
    App,
    config::{OutboxSection, Secret},
    lease::Until,
};

mod broadcast;
mod follow;
mod prepare;
mod turn;
mod witness;

pub(crate) use prepare::market_fees;
pub use turn::Turned;

/// Whoever waits for a transaction looks again after this long, in case that it was not woken.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The keys that transactions are sent with.
#[derive(Clone, Debug)]
pub struct OutboxKeys {
    /// Sends everything that anyone may send, and pays for the gas.
    pub gas: Sender,
    /// Owns a test network's token.
    pub token_owner: Option<Sender>,
}

/// The sender of the operator's transactions; clones share it.
#[derive(Clone, Debug)]
pub struct Outbox {
    parts: Arc<Parts>,
    database: Database,
    /// Until when this server is the one that sends; `None` if there is no other.
    until: Option<Until>,
}

#[derive(Debug)]
struct Parts {
    sender: Sender,
    /// Who owns a test network's token: the faucet's sender.
    token_owner: Option<Sender>,
    node: Node,
    witness: Option<Second>,
    config: OutboxSection,
    turn: tokio::sync::Mutex<()>,
    wake: Notify,
    changed: watch::Sender<u64>,
    /// Since when something looks wrong with a transaction, in this process.
    suspects: Mutex<BTreeMap<(i64, Suspicion), Timestamp>>,
}

/// A second node, connected to when it answers for the first time.
#[derive(Debug)]
struct Second {
    url: Secret,
    node: OnceCell<Node>,
}

/// What can look wrong with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Suspicion {
    /// The nodes do not say the same of it.
    Disagreement,
    /// Its nonce was used for something else.
    Lost,
}

/// Why transactions cannot be sent or followed at the moment.
#[derive(Debug, Error)]
pub enum OutboxError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A node.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The second node cannot be connected to, or follows another chain. What it does not confirm is not believed.
    #[error("the second node does not answer, or follows another chain")]
    Witness,
    /// Another server may have taken over meanwhile.
    #[error("this server's time as the one that sends is over")]
    TimeOver,
    /// There is no transaction with that number.
    #[error("there is no transaction {0}")]
    Unknown(i64),
}

impl OutboxError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_retryable(),
            Self::Chain(error) => error.is_retryable(),
            Self::Witness | Self::TimeOver => true,
            Self::Unknown(_) => false,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Storage(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Witness => "no_second_node",
            Self::TimeOver => "lease_over",
            Self::Unknown(_) => "unknown_transaction",
        }
    }
}

impl Outbox {
    /// Sends with these keys through `node`; what `witness` (a URL) says about receipts and blocks is compared with it.
    pub fn new(
        database: Database,
        keys: OutboxKeys,
        node: Node,
        witness: Option<Secret>,
        config: OutboxSection,
    ) -> Self {
        let token_owner = keys
            .token_owner
            .filter(|owner| owner.address() != keys.gas.address());
        let parts = Arc::new(Parts {
            sender: keys.gas,
            token_owner,
            node,
            witness: witness.map(|url| Second {
                url,
                node: OnceCell::new(),
            }),
            config,
            turn: tokio::sync::Mutex::new(()),
            wake: Notify::new(),
            changed: watch::Sender::new(0),
            suspects: Mutex::default(),
        });
        Self {
            parts,
            database,
            until: None,
        }
    }

    /// The same for the holder of a lease: what it writes is checked, and it sends nothing once its time is over.
    #[must_use]
    pub(crate) fn held(&self, database: &Database, until: &Until) -> Self {
        Self {
            parts: Arc::clone(&self.parts),
            database: database.clone(),
            until: Some(until.clone()),
        }
    }

    /// Who pays for the gas.
    pub fn sender(&self) -> &Sender {
        &self.parts.sender
    }

    /// Says that something was put into the outbox. Without it, the sender finds it at its next look.
    pub fn wake(&self) {
        self.parts.wake.notify_one();
    }

    /// Waits until a transaction is at least so far, or failed: look at its `state`. Without end; put a timeout around
    /// it. `Mined` and `Failed` can be taken back by a reorg, `Final` cannot.
    ///
    /// # Errors
    ///
    /// [`OutboxError::Unknown`], or the database cannot be asked.
    pub async fn wait(
        &self,
        number: i64,
        until: TransactionState,
    ) -> Result<StoredTransaction, OutboxError> {
        let mut changed = self.parts.changed.subscribe();
        self.wake();
        loop {
            changed.mark_unchanged();
            let (transaction, _) = self
                .database
                .transaction(number)
                .await?
                .ok_or(OutboxError::Unknown(number))?;
            let state = transaction.state;
            if state == TransactionState::Failed || state.has_reached(until) {
                return Ok(transaction);
            }
            // Woken or not, it looks again.
            let _ = tokio::time::timeout(LOOK_AGAIN, changed.changed()).await;
        }
    }

    /// Whose key sends transactions for this.
    fn sender_for(&self, purpose: Purpose) -> &Sender {
        match (purpose, &self.parts.token_owner) {
            // Only the owner of a test network's token can make more of it.
            (Purpose::Faucet, Some(owner)) => owner,
            _ => &self.parts.sender,
        }
    }

    /// The first node, and the second as far as it is connected.
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let second = self
            .parts
            .witness
            .as_ref()
            .and_then(|second| second.node.get());
        std::iter::once(&self.parts.node).chain(second)
    }

    /// Both nodes; an error if there is to be a second one that cannot be connected to, or follows another chain.
    pub(crate) async fn all_nodes(&self) -> Result<Vec<&Node>, OutboxError> {
        if let Some(second) = &self.parts.witness {
            let node = second
                .node
                .get_or_try_init(async || {
                    let url = second.url.read().map_err(|_| OutboxError::Witness)?;
                    Node::connect(&url).await.map_err(|_| OutboxError::Witness)
                })
                .await?;
            if node.chain_id() != self.parts.node.chain_id() {
                return Err(OutboxError::Witness);
            }
        }
        Ok(self.nodes().collect())
    }

    /// The second node, if there is one that answers and follows the same chain.
    pub(crate) async fn second(&self) -> Option<&Node> {
        self.all_nodes().await.ok()?.get(1).copied()
    }

    fn told_change(&self) {
        self.parts
            .changed
            .send_modify(|turn| *turn = turn.wrapping_add(1));
    }

    /// Since when this looks wrong, from now on if it did not.
    fn suspect(&self, transaction: i64, suspicion: Suspicion, now: Timestamp) -> Timestamp {
        *self
            .suspects()
            .entry((transaction, suspicion))
            .or_insert(now)
    }

    /// It does not look wrong any more; whether it did.
    fn clear(&self, transaction: i64, suspicion: Suspicion) -> bool {
        self.suspects().remove(&(transaction, suspicion)).is_some()
    }

    fn suspects(&self) -> std::sync::MutexGuard<'_, BTreeMap<(i64, Suspicion), Timestamp>> {
        self.parts
            .suspects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends and follows until the server stops.
pub async fn run(app: App) {
    let outbox = app.outbox.clone();
    let pause = Duration::from_millis(outbox.parts.config.poll_ms.max(10));
    let mut failures: u32 = 0;
    while !app.stop.is_cancelled() {
        match outbox.turn(app.now()).await {
            Ok(_) => failures = 0,
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::warn!(code = error.code(), %error, failures, "transactions cannot be sent at the moment");
            }
        }
        // Slower while something is down, up to half a minute.
        let pause = pause
            .saturating_mul(1 << failures.min(5))
            .min(Duration::from_secs(30).max(pause));
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
            () = outbox.parts.wake.notified(), if failures == 0 => {}
        }
    }
}
