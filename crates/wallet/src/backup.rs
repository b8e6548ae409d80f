//! An encrypted copy of what was received, and of the history: to a file, or to the operator.
//!
//! A backup holds nothing that signs and nothing that spends: no device key, no channel key, no purse, no serial. It
//! cannot make a wallet sign a used serial, because it has no place to put one. What comes back from it are payments to
//! hand in, vouchers to claim, and memories. Requests come back as withdrawn: what was paid after the backup was made is
//! not known any more, and must not be taken twice.
//!
//! The container is the vault's: Argon2id and XChaCha20-Poly1305, in JSON. The crate `age` was passed over because it
//! draws randomness itself.

use alloy_primitives::FixedBytes;
use offpay_protocol::{AccountId, Domain, PurseKey, Serials, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    Durable, Entropy, State, Unstored, Wallet,
    channel::LONGEST_CLOSE,
    keys::{KdfCost, KeyError, Password, SealedSecret, SecretKind, derive_key, open_sealed, seal},
    records::{Channel, IssuedRequest},
    storage::{Storage, StorageError},
    use_case::{Restored, UseCase},
};

const FORMAT: &str = "offpay-backup";
const VERSION: u16 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Container {
    format: String,
    version: u16,
    cost: KdfCost,
    salt: FixedBytes<16>,
    sealed: SealedSecret,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Contents {
    domain: Domain,
    account: AccountId,
    made_at: Timestamp,
    restored: Restored,
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestoredCount {
    /// Payments that were accepted.
    pub received: usize,
    /// Payments that the lost device signed, for the history.
    pub made: usize,
    /// Channels, whose newest vouchers can be handed in.
    pub channels: usize,
    /// When the backup was made: what happened after is not in it.
    pub backed_up_at: Timestamp,
}

/// Why a backup is neither made nor read.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The bytes are no backup.
    #[error("this is not a backup of an OffPay wallet")]
    NotABackup,
    /// A later version of this program made it.
    #[error("the backup is of version {0}; this program reads up to {VERSION}")]
    TooNew(u16),
    /// The password is wrong, or too short for a new backup.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It is of another account.
    #[error("the backup is of account {account}")]
    OtherAccount {
        /// Whose it is.
        account: AccountId,
    },
    /// It is of another deployment.
    #[error("the backup is of another deployment")]
    OtherDeployment,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl BackupError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotABackup => "not_a_backup",
            Self::TooNew(_) => "backup_too_new",
            Self::Key(error) => error.code(),
            Self::OtherAccount { .. } => "backup_other_account",
            Self::OtherDeployment => "backup_other_deployment",
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later, or with another password.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Key(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl State {
    /// An encrypted copy of what was received, and of the history.
    ///
    /// # Errors
    ///
    /// [`BackupError::Key`].
    pub fn backup(
        &self,
        password: &Password,
        cost: KdfCost,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<Vec<u8>>, BackupError> {
        password.check_length()?;
        let contents = Contents {
            domain: self.deployment().domain,
            account: self.account(),
            made_at: self.time(now),
            restored: self.kept(),
        };
        let plain = Zeroizing::new(to_vec(&contents)?);
        let salt = *entropy.draw::<16>("backup salt");
        let key = derive_key(password, &salt, cost)?;
        let nonce = entropy.draw::<24>("backup nonce");
        let sealed = seal(&key, &nonce, SecretKind::Backup, &plain)?;
        let format = FORMAT.to_owned();
        let container = Container {
            format,
            version: VERSION,
            cost,
            salt: salt.into(),
            sealed,
        };
        Ok(Durable::from_records(to_vec(&container)?))
    }

    /// What a backup holds: no key and no serial is among it.
    fn kept(&self) -> Restored {
        let records = self.records();
        let without_key = |channel: &Channel| Channel {
            own_key: None,
            ..channel.clone()
        };
        Restored {
            requests: records.requests.values().cloned().collect(),
            received: records.received.values().cloned().collect(),
            made: records.made.values().cloned().collect(),
            pairs: records.pairs.values().cloned().collect(),
            payers: records.payers.values().copied().collect(),
            evidence: records.evidence.clone(),
            channels: records.channels.values().map(without_key).collect(),
            vouchers: records.vouchers.clone(),
            contacts: records.contacts.values().cloned().collect(),
            circles: records.circles.values().cloned().collect(),
            retired: Vec::new(),
        }
    }

    /// Reads a backup of this account. What the wallet knows itself stays as it is.
    ///
    /// # Errors
    ///
    /// See [`BackupError`].
    pub fn restore(
        &self,
        bytes: &[u8],
        password: &Password,
        now: Timestamp,
    ) -> Result<Unstored<RestoredCount>, BackupError> {
        let contents = open(bytes, password)?;
        if contents.domain != self.deployment().domain {
            return Err(BackupError::OtherDeployment);
        }
        if contents.account != self.account() {
            return Err(BackupError::OtherAccount {
                account: contents.account,
            });
        }
        let restored = self.tamed(contents.restored, now);
        let count = RestoredCount {
            received: restored.received.len(),
            made: restored.made.len(),
            channels: restored.channels.len(),
            backed_up_at: contents.made_at,
        };
        Ok(self.decided(UseCase::RestoreBackup(Box::new(restored)), now, count))
    }

    /// Makes sure that what comes back can neither sign nor be paid twice, whoever wrote the backup.
    fn tamed(&self, mut restored: Restored, now: Timestamp) -> Restored {
        for request in &mut restored.requests {
            *request = IssuedRequest {
                withdrawn: true,
                ..request.clone()
            };
        }
        // A close may have been signed after the backup was made: nothing is accepted until its hour is over.
        let until = self.time(now).saturating_add(LONGEST_CLOSE);
        for channel in &mut restored.channels {
            channel.own_key = None;
            channel.seen_open = None;
            let before = channel.close_signed_until;
            channel.close_signed_until = Some(before.map_or(until, |before| before.max(until)));
        }
        restored.retired = self.overtaken(&restored);
        // A membership is worth what the last sync says, and that was the lost device's.
        for circle in &mut restored.circles {
            circle.membership = None;
        }
        restored
    }
}

impl State {
    /// Own purses that paid further than this wallet knows: it is an old copy of the one that made the backup.
    fn overtaken(&self, restored: &Restored) -> Vec<PurseKey> {
        let purses = &self.records().purses;
        let mut overtaken: Vec<PurseKey> = restored
            .made
            .iter()
            .filter(|made| {
                let end = made.payment.serials().map(Serials::end);
                let next = purses.get(&made.purse).map(|purse| purse.next_serial);
                next.is_some_and(|next| end.is_none_or(|end| end > next))
            })
            .map(|made| made.purse)
            .collect();
        overtaken.sort_unstable();
        overtaken.dedup();
        overtaken
    }
}

fn open(bytes: &[u8], password: &Password) -> Result<Contents, BackupError> {
    let container: Container = read(bytes)?;
    if container.format != FORMAT {
        return Err(BackupError::NotABackup);
    }
    if container.version > VERSION {
        return Err(BackupError::TooNew(container.version));
    }
    let key = derive_key(password, &container.salt.0, container.cost)?;
    let plain = open_sealed(&key, SecretKind::Backup, &container.sealed)
        .map_err(|_| KeyError::WrongPassword)?;
    read(&plain)
}

/// By way of a value, as everything else is read in a browser: each further deserializer of all records is a good part of
/// what a phone has to load.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BackupError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| BackupError::NotABackup)?;
    serde_json::from_value(value).map_err(|_| BackupError::NotABackup)
}

fn to_vec(value: &impl Serialize) -> Result<Vec<u8>, BackupError> {
    serde_json::to_vec(value).map_err(|_| BackupError::NotABackup)
}

impl<S: Storage> Wallet<S> {
    /// An encrypted copy of what was received, and of the history, under a password of its own.
    ///
    /// # Errors
    ///
    /// [`BackupError::Key`].
    pub fn backup(
        &mut self,
        password: &Password,
        cost: KdfCost,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<Vec<u8>>, BackupError> {
        self.prepare(now)?;
        self.state().backup(password, cost, entropy, now)
    }

    /// Takes back what a backup holds.
    ///
    /// # Errors
    ///
    /// See [`State::restore`].
    pub fn restore_backup(
        &mut self,
        bytes: &[u8],
        password: &Password,
        now: Timestamp,
    ) -> Result<Durable<RestoredCount>, BackupError> {
        self.prepare(now)?;
        let unstored = self.state().restore(bytes, password, now)?;
        Ok(self.commit(unstored)?)
    }
}
