//! The master keys that are configured: those at hand, and those that programs have.

use futures_util::future::BoxFuture;
use offpay_operator::storage::identity::SealedDataKey;
use zeroize::Zeroizing;

use super::{LoadError, LocalMasterKeys, MasterKeyError, MasterKeys, program::ProgramKey};
use crate::config::MasterKeySection;

/// What is authenticated when a key is tried at the start.
const TRIAL: &[u8] = b"offpay/1/trial";

/// The master keys that are configured. The first one seals; all of them open.
pub struct MasterKeyRing {
    current: String,
    local: Option<LocalMasterKeys>,
    programs: Vec<ProgramKey>,
}

impl MasterKeyRing {
    /// Keys as they are configured. Programs are looked for, and not run.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub fn load(configured: &[MasterKeySection]) -> Result<Self, LoadError> {
        let current = configured.first().ok_or(LoadError::None)?.id.clone();
        let mut local = Vec::new();
        let mut programs: Vec<ProgramKey> = Vec::new();
        for (index, section) in configured.iter().enumerate() {
            let id = &section.id;
            let is_twice = configured.iter().take(index).any(|other| other.id == *id);
            if id.is_empty() || is_twice {
                return Err(LoadError::Id(id.clone()));
            }
            match (&section.key, &section.program) {
                (Some(_), None) => local.push(section.clone()),
                (None, Some(program)) => {
                    programs.push(ProgramKey::new(id, program).map_err(|error| {
                        LoadError::Program {
                            id: id.clone(),
                            error,
                        }
                    })?);
                }
                _ => return Err(LoadError::KeyOrProgram(id.clone())),
            }
        }
        let local = (!local.is_empty())
            .then(|| LocalMasterKeys::load(&local))
            .transpose()?;
        Ok(Self {
            current,
            local,
            programs,
        })
    }

    /// Whether the key that seals opens what it sealed: a program that does not would lock users out for good.
    ///
    /// # Errors
    ///
    /// [`LoadError::Trial`].
    pub async fn check(&self) -> Result<(), LoadError> {
        let failed = |error| LoadError::Trial {
            id: self.current.clone(),
            error,
        };
        let mut probe = Zeroizing::new([0; 32]);
        getrandom::fill(probe.as_mut_slice()).map_err(|_| failed(MasterKeyError::Unavailable))?;
        let sealed = self.seal(TRIAL, &probe).await.map_err(failed)?;
        if let Some(program) = self.program(&sealed.master) {
            program.forget();
        }
        let opened = self.open(TRIAL, &sealed).await.map_err(failed)?;
        if *opened == *probe {
            Ok(())
        } else {
            Err(failed(MasterKeyError::Refused))
        }
    }

    fn program(&self, id: &str) -> Option<&ProgramKey> {
        self.programs.iter().find(|program| program.id() == id)
    }
}

impl MasterKeys for MasterKeyRing {
    fn current(&self) -> &str {
        &self.current
    }

    fn seal<'a>(
        &'a self,
        context: &'a [u8],
        data_key: &'a [u8; 32],
    ) -> BoxFuture<'a, Result<SealedDataKey, MasterKeyError>> {
        match (self.program(&self.current), &self.local) {
            (Some(program), _) => program.seal(context, data_key),
            // Those at hand stand in the order in which they are configured.
            (None, Some(local)) => local.seal(context, data_key),
            (None, None) => Box::pin(async { Err(MasterKeyError::NoSuchKey) }),
        }
    }

    fn open<'a>(
        &'a self,
        context: &'a [u8],
        sealed: &'a SealedDataKey,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, MasterKeyError>> {
        match (self.program(&sealed.master), &self.local) {
            (Some(program), _) => program.open(context, sealed),
            (None, Some(local)) => local.open(context, sealed),
            (None, None) => Box::pin(async { Err(MasterKeyError::NoSuchKey) }),
        }
    }
}
