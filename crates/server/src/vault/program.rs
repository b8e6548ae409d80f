//! A master key that a program of the operator's has: a key management service's command line, `age`, a hardware module.
//!
//! The program is never shown a data key. It seals a random wrapping key, as 64 hex digits on its standard input, and what
//! it writes to standard output is kept; this process seals the data key under the wrapping key, together with what the
//! data key is for. So every program that gives back what it was given will do, whatever it authenticates itself.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, FutureExt as _};
use offpay_operator::storage::identity::SealedDataKey;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::{MasterKeyError, envelope};
use crate::config::ProgramSection;

mod child;

/// How many programs run at once.
const AT_ONCE: usize = 8;
/// How many opened wrapping keys are kept.
const KEPT: usize = 10_000;

/// A wrapping key, and when it was opened.
type Opened = (Arc<Zeroizing<[u8; 32]>>, Instant);

/// A master key that a program has.
pub(super) struct ProgramKey {
    id: String,
    seal: Vec<String>,
    open: Vec<String>,
    limit: Duration,
    keep: Duration,
    running: Semaphore,
    /// Wrapping keys that were opened lately, by what the program had made of them.
    opened: Mutex<HashMap<Vec<u8>, Opened>>,
}

/// Why a program cannot have a master key.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// No program is named.
    #[error("{0} names no program")]
    Empty(&'static str),
    /// It is not named by its whole path: which one would run could depend on who starts the server.
    #[error("{0} has to name its program by its whole path")]
    NotAbsolute(&'static str),
    /// There is none.
    #[error("{0} names {1}, which is no file that can be run")]
    Missing(&'static str, PathBuf),
    /// It may take no time at all.
    #[error("timeout_s is from 1 to 60")]
    Timeout,
}

impl ProgramKey {
    /// A key that these programs have. Nothing is run yet.
    pub(super) fn new(id: &str, section: &ProgramSection) -> Result<Self, ProgramError> {
        check("seal", &section.seal)?;
        check("open", &section.open)?;
        if !(1..=60).contains(&section.timeout_s) {
            return Err(ProgramError::Timeout);
        }
        Ok(Self {
            id: id.to_owned(),
            seal: section.seal.clone(),
            open: section.open.clone(),
            limit: Duration::from_secs(section.timeout_s),
            keep: Duration::from_secs(section.keep_s),
            running: Semaphore::new(AT_ONCE),
            opened: Mutex::default(),
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Seals under a new wrapping key, which the program seals.
    pub(super) fn seal<'a>(
        &'a self,
        context: &'a [u8],
        data_key: &'a [u8; 32],
    ) -> BoxFuture<'a, Result<SealedDataKey, MasterKeyError>> {
        async move {
            let mut wrapping = Zeroizing::new([0; 32]);
            getrandom::fill(wrapping.as_mut_slice()).map_err(|_| MasterKeyError::Unavailable)?;
            let hex = Zeroizing::new(data_encoding::HEXLOWER.encode(wrapping.as_slice()));
            let wrapped = self.run(&self.seal, hex.as_bytes()).await?;
            let length = u16::try_from(wrapped.len()).map_err(|_| MasterKeyError::Refused)?;
            if length == 0
                || wrapped
                    .windows(hex.len())
                    .any(|part| part == hex.as_bytes())
            {
                tracing::error!(
                    master = self.id,
                    "the program does not seal what it is given"
                );
                return Err(MasterKeyError::Refused);
            }
            let sealed = envelope::seal(&wrapping, context, data_key)
                .map_err(|_| MasterKeyError::Unavailable)?;
            self.keep(&wrapped, wrapping);
            Ok(SealedDataKey {
                master: self.id.clone(),
                sealed: [&length.to_be_bytes()[..], &wrapped, &sealed].concat(),
            })
        }
        .boxed()
    }

    /// Opens what was sealed so.
    pub(super) fn open<'a>(
        &'a self,
        context: &'a [u8],
        sealed: &'a SealedDataKey,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, MasterKeyError>> {
        async move {
            let (wrapped, sealed) = parts(&sealed.sealed).ok_or(MasterKeyError::Refused)?;
            let wrapping = match self.kept(wrapped) {
                Some(wrapping) => wrapping,
                None => self.unwrap(wrapped).await?,
            };
            envelope::open(&wrapping, context, sealed)
                .and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok())
                .map(Zeroizing::new)
                .ok_or(MasterKeyError::Refused)
        }
        .boxed()
    }

    async fn unwrap(&self, wrapped: &[u8]) -> Result<Arc<Zeroizing<[u8; 32]>>, MasterKeyError> {
        let said = self.run(&self.open, wrapped).await?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(said.trim_ascii())
            .map(Zeroizing::new)
            .map_err(|_| MasterKeyError::Refused)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| MasterKeyError::Refused)?;
        Ok(self.keep(wrapped, key))
    }

    /// Forgets what was opened: the program is asked again.
    pub(super) fn forget(&self) {
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn kept(&self, wrapped: &[u8]) -> Option<Arc<Zeroizing<[u8; 32]>>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, since) = opened.get(wrapped)?;
        (since.elapsed() < self.keep).then(|| Arc::clone(key))
    }

    fn keep(&self, wrapped: &[u8], key: Zeroizing<[u8; 32]>) -> Arc<Zeroizing<[u8; 32]>> {
        let key = Arc::new(key);
        if !self.keep.is_zero() {
            let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            opened.retain(|_, (_, since)| since.elapsed() < self.keep);
            if opened.len() < KEPT {
                opened.insert(wrapped.to_vec(), (Arc::clone(&key), Instant::now()));
            }
        }
        key
    }

    /// Runs a program over its standard input and output, on a thread of its own.
    async fn run(
        &self,
        command: &[String],
        input: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        let _turn = self
            .running
            .acquire()
            .await
            .map_err(|_| MasterKeyError::Unavailable)?;
        let (command, input) = (command.to_vec(), Zeroizing::new(input.to_vec()));
        let limit = self.limit;
        let ran = tokio::task::spawn_blocking(move || child::run(&command, input, limit)).await;
        ran.unwrap_or(Err(child::Failed::Gone)).map_err(|why| {
            tracing::error!(master = self.id, %why, "the master key's program failed");
            MasterKeyError::Unavailable
        })
    }
}

/// What the program made, and what is sealed under the wrapping key.
fn parts(sealed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = sealed.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn check(setting: &'static str, command: &[String]) -> Result<(), ProgramError> {
    let program = Path::new(command.first().ok_or(ProgramError::Empty(setting))?);
    if !program.is_absolute() {
        return Err(ProgramError::NotAbsolute(setting));
    }
    if !is_program(program) {
        return Err(ProgramError::Missing(setting, program.to_owned()));
    }
    Ok(())
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
