//! Purses spread over several databases: which are here, and who has the others. See `docs/scaling.md`.

mod clear;
mod forward;
mod peers;
mod route;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName};
use offpay_operator::{
    slots::{Place, ShardNames, Slot, SlotMap},
    storage::{SlotStorage as _, StorageError},
};
use offpay_store::Database;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

pub(crate) use clear::{clear_one, clear_rows};
pub(crate) use forward::forward;

use crate::{
    App,
    config::{Invalid, SecretError, ShardsSection},
    loops,
};
use peers::Peers;

/// What servers know one another by. Whoever has it may say for whom a request is made, and is not counted.
const MARK: HeaderName = HeaderName::from_static("x-offpay-server");
/// The shard that a purse is at, with an answer that it is not here.
const SHARD: HeaderName = HeaderName::from_static("x-offpay-shard");
/// How often it is said at most that a secret is another one.
const WARN_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether slots were moved.
const LOOK: Duration = Duration::from_secs(1);

/// Why a server cannot be one of a shard.
#[derive(Debug, Error)]
pub enum ShardsError {
    /// The database is a shard's, and the configuration says nothing of shards.
    #[error("the database is the shard {0}: [shards] has to say so")]
    Unnamed(String),
    /// The database is another shard's, or cannot become one, or does not answer.
    #[error("shards.own: {0}")]
    Storage(#[from] StorageError),
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A setting is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The other shards' servers cannot be called.
    #[error("shards.list: {0}")]
    Client(#[from] reqwest::Error),
}

impl ShardsError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

/// The slot map as it was read last. Clones share it.
#[derive(Clone, Debug)]
pub struct Slots(Arc<RwLock<Arc<SlotMap>>>);

impl Slots {
    /// Of a database that is no shard.
    pub fn whole() -> Self {
        Self::new(SlotMap::whole())
    }

    fn new(map: SlotMap) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(map))))
    }

    /// The map.
    pub fn current(&self) -> Arc<SlotMap> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads it again if it changed. A server that is not configured for shards never does: what it records is refused
    /// once its database is one.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn refresh(&self, database: &Database) -> Result<(), StorageError> {
        let known = self.current().version;
        if known == 0 || database.slot_map_version().await? == known {
            return Ok(());
        }
        let map = database.slot_map().await?;
        tracing::info!(version = map.version, "slots were moved");
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(map);
        Ok(())
    }
}

/// What a server of a shard knows of it and of the others; nothing where there are none.
#[derive(Debug)]
pub struct Shards {
    /// Which purses are here.
    pub slots: Slots,
    known: Option<Known>,
}

#[derive(Debug)]
struct Known {
    names: ShardNames,
    secret: Zeroizing<String>,
    peers: Peers,
    /// When it was last said that a secret is another one.
    warned: Mutex<Option<Instant>>,
    /// Where others said that slots are, which this shard had no part in moving.
    told: Mutex<BTreeMap<Slot, String>>,
}

impl Shards {
    /// As it is configured. The database becomes the shard that it is to be, if it is none yet.
    ///
    /// # Errors
    ///
    /// [`ShardsError`].
    pub async fn open(
        section: &ShardsSection,
        database: &Database,
        patience: Duration,
    ) -> Result<Self, ShardsError> {
        let Some(names) = section.names() else {
            let map = database.slot_map().await?;
            return match map.shard {
                Some(names) => Err(ShardsError::Unnamed(names.own)),
                None => Ok(Self {
                    slots: Slots::whole(),
                    known: None,
                }),
            };
        };
        let secret = section
            .secret
            .as_ref()
            .ok_or_else(|| Invalid::new("shards.secret", "is missing"))?;
        let known = Known {
            secret: secret.read()?,
            peers: Peers::new(section, patience)?,
            warned: Mutex::default(),
            told: Mutex::default(),
            names,
        };
        let map = database.become_shard(&known.names).await?;
        Ok(Self {
            slots: Slots::new(map),
            known: Some(known),
        })
    }

    /// Whether there are shards.
    pub const fn are_several(&self) -> bool {
        self.known.is_some()
    }

    /// Whether the request comes from a server of a shard, which says for whom it asks.
    pub(crate) fn is_from_server(&self, headers: &HeaderMap) -> bool {
        let (Some(known), Some(said)) = (&self.known, headers.get(MARK)) else {
            return false;
        };
        let is_ours: bool = said.as_bytes().ct_eq(known.secret.as_bytes()).into();
        if !is_ours && known.may_warn() {
            tracing::warn!(
                "a request says that it is from a server of a shard, and has another secret: it is a client's. Is \
                 shards.secret the same everywhere?"
            );
        }
        is_ours
    }
}

impl Known {
    /// The shard that has a slot, if it is another one.
    fn elsewhere(&self, map: &SlotMap, slot: Slot) -> Option<String> {
        let Place::At(shard) = map.place(slot) else {
            return None;
        };
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let shard = told.get(&slot).unwrap_or(shard);
        Some(shard.clone())
    }

    /// Whether it may be said again that a secret is another one: anybody can make it said.
    fn may_warn(&self) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let may = warned.is_none_or(|at| at.elapsed() >= WARN_EVERY);
        if may {
            *warned = Some(Instant::now());
        }
        may
    }

    /// Another server says where a slot is.
    fn learn(&self, slot: Slot, shard: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if shard != self.names.own && self.peers.has(shard) {
            told.insert(slot, shard.to_owned());
        } else {
            told.remove(&slot);
        }
    }
}

/// Looks whether slots were moved, until the server stops.
pub(crate) async fn run(app: App) {
    while !loops::wait(&app, LOOK).await {
        if let Err(error) = app.shards.slots.refresh(&app.database).await {
            tracing::warn!(code = error.code(), %error, "the slot map cannot be read");
        }
    }
}
