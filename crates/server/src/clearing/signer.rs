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
            Self::Unknown { .. } | Self::AlreadyAnnounced { .. } | Self::Signature(_) => false,
        }
    }

    /// A name that stays the same, for logs and programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "operator_key_unknown",
            Self::AlreadyAnnounced { .. } => "operator_key_announced",
            Self::Storage(error) => error.code(),
            Self::Signature(_) => "rotation_not_signed",
        }
    }
}

/// The keys that this server holds, each with the time from which on it signs; oldest first.
#[derive(Clone, Debug)]
pub struct OperatorKeys {
    held: Vec<(Timestamp, Arc<SigningKey>)>,
}

impl OperatorKeys {
    /// A key for all times. For tests and tools: a server [opens](Self::open) its keys.
    pub fn always(key: Arc<SigningKey>) -> Self {
        Self {
            held: vec![(Timestamp::ZERO, key)],
        }
    }

    /// Finds the configured key among the known ones, or records it as the first. With `next`, announces the next key:
    /// a rotation that the present key signs, kept and shown at `/v1/operator`.
    ///
    /// # Errors
    ///
    /// [`OperatorKeysError`].
    pub async fn open(
        database: &Database,
        domain: &Domain,
        present: Arc<SigningKey>,
        next: Option<(Timestamp, Arc<SigningKey>)>,
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
        let Some(place) = place else {
            return Err(OperatorKeysError::Unknown { configured, newest });
        };
        let valid_from = known
            .get(place)
            .map_or(Timestamp::ZERO, |key| key.valid_from);
        let mut held = vec![(valid_from, Arc::clone(&present))];
        let announced = known.get(place.saturating_add(1));
        if let Some((valid_from, key)) = next {
            let operator = OperatorId::new(key.address());
            match announced {
                Some(announced) if announced.operator == operator => {
                    held.push((announced.valid_from, key));
                }
                Some(announced) => {
                    let announced = announced.operator;
                    return Err(OperatorKeysError::AlreadyAnnounced { announced });
                }
                None => {
                    let rotation = OperatorKey {
                        next: operator,
                        valid_from,
                    };
                    let signature = rotation.sign(domain, &present)?;
                    let stored = StoredOperatorKey {
                        operator,
                        valid_from,
                        rotation: Some((rotation, signature)),
                    };
                    database.add_operator_key(&stored).await?;
                    held.push((valid_from, key));
                }
            }
        }
        Ok(Self { held })
    }

    /// The key that signs what is said of this time; `None` if it is none that this server holds.
    pub fn at(&self, time: Timestamp) -> Option<&SigningKey> {
        let begun = self.held.iter().rfind(|(from, _)| *from <= time);
        begun.map(|(_, key)| key.as_ref())
    }
}
