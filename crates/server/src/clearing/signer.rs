//! The operator's keys, each for its time.

use std::sync::Arc;

use offpay_operator::storage::{
    StorageError,
    clearing::{OperatorKeyStorage as _, StoredOperatorKey},
};
use offpay_protocol::{
    Domain, OperatorId, Signable as _, SigningKey, Timestamp, messages::OperatorKey,
    signature::SignatureError,
};
use offpay_store::Database;
use thiserror::Error;

/// Why the operator's keys cannot be used.
#[derive(Debug, Error)]
pub enum OperatorKeysError {
    /// The configured key is none of those that were announced, in order.
    #[error(
        "the configured operator key {configured} is not among the keys that this database knows: {newest} is the newest"
    )]
    Unknown {
        /// The configured key.
        configured: OperatorId,
        /// The newest known.
        newest: OperatorId,
    },
    /// Another successor was announced before. Who follows the operator would take the second for a thief's.
    #[error("{announced} was announced as the next key before")]
    AlreadyAnnounced {
        /// The announced key.
        announced: OperatorId,
    },
    /// A next key that begins in the past would make worthless what the present one signed since.
    #[error(
        "the next operator key would sign from {from} on, which is not after the present time {now}: name a later time"
    )]
    NotLater {
        /// When it would begin.
        from: Timestamp,
        /// The present time.
        now: Timestamp,
    },
    /// The configured key was replaced by one that this server does not hold: nobody believes what it signs now.
    #[error(
        "the configured operator key was replaced by {successor} at {since}: configure that one as keys.operator"
    )]
    Replaced {
        /// The key that signs now.
        successor: OperatorId,
        /// Since when.
        since: Timestamp,
    },
    /// The database does not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The rotation cannot be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl OperatorKeysError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_retryable(),
            Self::Unknown { .. }
            | Self::AlreadyAnnounced { .. }
            | Self::NotLater { .. }
            | Self::Replaced { .. }
            | Self::Signature(_) => false,
        }
    }

    /// A name that stays the same, for logs and programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "operator_key_unknown",
            Self::AlreadyAnnounced { .. } => "operator_key_announced",
            Self::NotLater { .. } => "operator_key_not_later",
            Self::Replaced { .. } => "operator_key_replaced",
            Self::Storage(error) => error.code(),
            Self::Signature(_) => "rotation_not_signed",
        }
    }
}

/// The keys that this server holds, each with the time from which on it signs; oldest first.
#[derive(Clone, Debug)]
pub struct OperatorKeys {
    held: Vec<Held>,
}

/// A key, and when it signs.
#[derive(Clone, Debug)]
struct Held {
    from: Timestamp,
    until: Option<Timestamp>,
    key: Arc<SigningKey>,
}

impl OperatorKeys {
    /// A key for all times. For tests and tools: a server [opens](Self::open) its keys.
    pub fn always(key: Arc<SigningKey>) -> Self {
        Self {
            held: vec![Held {
                from: Timestamp::ZERO,
                until: None,
                key,
            }],
        }
    }

    /// Finds the configured key among the known ones, or records it as the first. With `next`, announces the next key:
    /// a rotation that the present key signs, kept and shown at `/v1/operator`. Announcing it again changes nothing.
    ///
    /// # Errors
    ///
    /// [`OperatorKeysError`].
    pub async fn open(
        database: &Database,
        domain: &Domain,
        present: Arc<SigningKey>,
        next: Option<(Timestamp, Arc<SigningKey>)>,
        now: Timestamp,
    ) -> Result<Self, OperatorKeysError> {
        let configured = OperatorId::new(present.address());
        let mut known = database.operator_keys().await?;
        if known.is_empty() {
            let first = StoredOperatorKey {
                operator: configured,
                valid_from: Timestamp::ZERO,
                rotation: None,
            };
            database.add_operator_key(&first).await?;
            known.push(first);
        }
        let newest = known.last().map_or(configured, |key| key.operator);
        let place = known.iter().position(|key| key.operator == configured);
        let place = place.ok_or(OperatorKeysError::Unknown { configured, newest })?;
        let mut keys = vec![Arc::clone(&present)];
        if let Some((from, key)) = next {
            let operator = OperatorId::new(key.address());
            match known.get(place.saturating_add(1)) {
                Some(announced) if announced.operator == operator => {}
                Some(announced) => {
                    let announced = announced.operator;
                    return Err(OperatorKeysError::AlreadyAnnounced { announced });
                }
                None => {
                    let stored = announce(database, domain, &present, operator, from, now).await?;
                    known.push(stored);
                }
            }
            keys.push(key);
        }
        let times = known.iter().skip(place);
        let ends = times.clone().skip(1).map(|next| Some(next.valid_from));
        let held: Vec<Held> = keys
            .into_iter()
            .zip(times.zip(ends.chain([None])))
            .map(|(key, (known, until))| Held {
                from: known.valid_from,
                until,
                key,
            })
            .collect();
        let successor = known.get(place.saturating_add(held.len()));
        match successor.filter(|successor| successor.valid_from <= now) {
            Some(successor) => Err(OperatorKeysError::Replaced {
                successor: successor.operator,
                since: successor.valid_from,
            }),
            None => Ok(Self { held }),
        }
    }

    /// The key that signs what is said of this time; `None` if it is none that this server holds.
    pub fn at(&self, time: Timestamp) -> Option<&SigningKey> {
        let signs = |held: &&Held| held.from <= time && held.until.is_none_or(|until| time < until);
        self.held.iter().find(signs).map(|held| held.key.as_ref())
    }

    /// When the key of this time stops to sign, if its successor is known.
    pub fn until(&self, time: Timestamp) -> Option<Timestamp> {
        let signs = |held: &&Held| held.from <= time;
        self.held.iter().rfind(signs).and_then(|held| held.until)
    }

    /// Whether the oldest key that it holds followed another.
    pub fn were_rotated(&self) -> bool {
        self.held
            .first()
            .is_some_and(|held| held.from > Timestamp::ZERO)
    }
}

/// Signs and records that `next` follows.
async fn announce(
    database: &Database,
    domain: &Domain,
    present: &SigningKey,
    next: OperatorId,
    from: Timestamp,
    now: Timestamp,
) -> Result<StoredOperatorKey, OperatorKeysError> {
    if from <= now {
        return Err(OperatorKeysError::NotLater { from, now });
    }
    let rotation = OperatorKey {
        next,
        valid_from: from,
    };
    let signature = rotation.sign(domain, present)?;
    let stored = StoredOperatorKey {
        operator: next,
        valid_from: from,
        rotation: Some((rotation, signature)),
    };
    database.add_operator_key(&stored).await?;
    tracing::info!(%next, %from, "the next operator key is announced");
    Ok(stored)
}
