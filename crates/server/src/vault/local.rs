//! Master keys in this process's memory.

use futures_util::future::{self, BoxFuture, FutureExt as _};
use offpay_operator::storage::identity::SealedDataKey;
use zeroize::Zeroizing;

use super::{MasterKeyError, MasterKeys, ProgramError, envelope};
use crate::config::{MasterKeySection, SecretError};

/// Master keys in this process's memory, from files or the environment.
pub struct LocalMasterKeys {
    current: (String, Zeroizing<[u8; 32]>),
    others: Vec<(String, Zeroizing<[u8; 32]>)>,
}

/// Why master keys cannot be loaded. Never says what was found in their place.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// None is configured.
    #[error("no master key is configured")]
    None,
    /// The file or variable cannot be read.
    #[error("master key {id}: {error}")]
    Read {
        /// Which.
        id: String,
        /// Why.
        #[source]
        error: SecretError,
    },
    /// It is not 32 bytes in hex.
    #[error("master key {0}: not 32 bytes in hex")]
    Hex(String),
    /// It has neither a key nor a program, or both.
    #[error("master key {0}: give it either `key` or `program`")]
    KeyOrProgram(String),
    /// Its program cannot be used.
    #[error("master key {id}: {error}")]
    Program {
        /// Which.
        id: String,
        /// Why.
        #[source]
        error: ProgramError,
    },
    /// What it sealed it did not open.
    #[error(
        "master key {id} did not open what it had sealed: {error}. Run its program by hand: seal and open read standard \
         input and write standard output"
    )]
    Trial {
        /// Which.
        id: String,
        /// Why.
        #[source]
        error: MasterKeyError,
    },
    /// Two have the same id, or one has none.
    #[error("master key {0:?}: each needs an id of its own")]
    Id(String),
}

impl LocalMasterKeys {
    /// Keys that are at hand; the first one seals.
    ///
    /// # Errors
    ///
    /// [`LoadError::None`] and [`LoadError::Id`].
    pub fn new(keys: Vec<(String, Zeroizing<[u8; 32]>)>) -> Result<Self, LoadError> {
        for (index, (id, _)) in keys.iter().enumerate() {
            if id.is_empty() || keys.iter().take(index).any(|(other, _)| other == id) {
                return Err(LoadError::Id(id.clone()));
            }
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(LoadError::None)?;
        Ok(Self {
            current,
            others: keys.collect(),
        })
    }

    /// Keys as they are configured.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub fn load(configured: &[MasterKeySection]) -> Result<Self, LoadError> {
        let keys: Result<Vec<_>, _> = configured.iter().map(load).collect();
        Self::new(keys?)
    }

    pub(super) fn key(&self, id: &str) -> Option<&[u8; 32]> {
        std::iter::once(&self.current)
            .chain(&self.others)
            .find(|(other, _)| other == id)
            .map(|(_, key)| &**key)
    }
}

fn load(key: &MasterKeySection) -> Result<(String, Zeroizing<[u8; 32]>), LoadError> {
    let text = key
        .key
        .as_ref()
        .ok_or_else(|| LoadError::KeyOrProgram(key.id.clone()))?;
    let text = text.read().map_err(|error| LoadError::Read {
        id: key.id.clone(),
        error,
    })?;
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.trim().trim_start_matches("0x").as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| LoadError::Hex(key.id.clone()))?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| LoadError::Hex(key.id.clone()))?;
    Ok((key.id.clone(), bytes))
}

impl MasterKeys for LocalMasterKeys {
    fn current(&self) -> &str {
        &self.current.0
    }

    fn seal<'a>(
        &'a self,
        context: &'a [u8],
        data_key: &'a [u8; 32],
    ) -> BoxFuture<'a, Result<SealedDataKey, MasterKeyError>> {
        let (id, key) = &self.current;
        let sealed = envelope::seal(key, context, data_key)
            .map(|sealed| SealedDataKey {
                master: id.clone(),
                sealed,
            })
            .map_err(|_| MasterKeyError::Unavailable);
        future::ready(sealed).boxed()
    }

    fn open<'a>(
        &'a self,
        context: &'a [u8],
        sealed: &'a SealedDataKey,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, MasterKeyError>> {
        let opened = self
            .key(&sealed.master)
            .ok_or(MasterKeyError::NoSuchKey)
            .and_then(|key| {
                let opened = envelope::open(key, context, &sealed.sealed);
                opened
                    .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
                    .map(Zeroizing::new)
                    .ok_or(MasterKeyError::Refused)
            });
        future::ready(opened).boxed()
    }
}
