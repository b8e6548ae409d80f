//! Passwords: Argon2id, a few at a time, away from the threads that answer.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use offpay_api::{Code, Problem, SecretText};
use offpay_operator::identity::Handle;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{config::PasswordSection, problem::Refused};

/// Under what name the hash is in the vault. A copy of the database alone cannot even be guessed against.
pub(crate) const PURPOSE: &str = "password";

const LEAST: usize = 10;
const MOST: usize = 256;

/// Hashes and checks passwords.
pub struct Passwords {
    argon: Argon2<'static>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// The hash of no password that anybody has: checked for handles that nobody has, which then take as long.
    nobody: Arc<str>,
}

/// Why a password is not hashed or checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Argon2 does not take the parameters.
    #[error("Argon2 does not take these parameters")]
    Parameters,
    /// The system gives no entropy.
    #[error("the system gives no entropy")]
    Entropy,
    /// More wait than may.
    #[error("too many passwords are being checked")]
    Busy,
    /// Fewer characters than the least, or more than the most.
    #[error("a password has 10 to 256 characters")]
    Length,
    /// It contains the handle.
    #[error("a password that contains the handle is the first that is guessed")]
    ContainsHandle,
}

impl From<PasswordError> for Refused {
    fn from(error: PasswordError) -> Self {
        let code = match error {
            PasswordError::Busy => Code::Overloaded,
            PasswordError::Length | PasswordError::ContainsHandle => Code::PasswordRefused,
            PasswordError::Parameters | PasswordError::Entropy => Code::Internal,
        };
        Problem::new(code, error.to_string()).into()
    }
}

impl Passwords {
    /// With the configured cost.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Parameters`] and [`PasswordError::Entropy`].
    pub fn new(config: &PasswordSection) -> Result<Self, PasswordError> {
        let params = Params::new(config.memory_kib, config.passes, config.lanes, Some(32))
            .map_err(|_| PasswordError::Parameters)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let permits = |count| usize::try_from(count).unwrap_or(1).clamp(1, 1 << 16);
        let nobody = hash(&argon, b"nobody")?;
        Ok(Self {
            argon,
            running: Arc::new(Semaphore::new(permits(config.at_once))),
            waiting: Arc::new(Semaphore::new(
                permits(config.waiting).saturating_add(permits(config.at_once)),
            )),
            nobody: nobody.as_str().into(),
        })
    }

    /// The hash of a password, as text that says its own parameters (PHC).
    ///
    /// # Errors
    ///
    /// [`PasswordError`].
    pub async fn hash(&self, password: &SecretText) -> Result<Zeroizing<String>, PasswordError> {
        let argon = self.argon.clone();
        let password = password.clone();
        self.run(move || hash(&argon, password.expose().as_bytes()))
            .await?
    }

    /// Whether a password is the one that was hashed. Takes as long with no hash, and is then wrong.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Busy`].
    pub async fn verify(
        &self,
        password: &SecretText,
        hash: Option<Zeroizing<String>>,
    ) -> Result<bool, PasswordError> {
        let argon = self.argon.clone();
        let password = password.clone();
        let nobody = self.nobody.clone();
        self.run(move || {
            let expected = hash.as_ref().map_or(&*nobody, |hash| hash.as_str());
            let right = argon
                .verify_password(password.expose().as_bytes(), expected)
                .is_ok();
            right && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let waiting = self.waiting.clone().try_acquire_owned();
        let waiting = waiting.map_err(|_| PasswordError::Busy)?;
        let running = self.running.clone().acquire_owned().await;
        let running = running.map_err(|_| PasswordError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held to the end, even if whoever asked is gone: the work goes on.
            let _permits = (waiting, running);
            work()
        });
        done.await.map_err(|_| PasswordError::Busy)
    }
}

fn hash(argon: &Argon2<'_>, password: &[u8]) -> Result<Zeroizing<String>, PasswordError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Entropy)?;
    argon
        .hash_password_with_salt(password, &salt)
        .map(|hash| Zeroizing::new(hash.to_string()))
        .map_err(|_| PasswordError::Parameters)
}

/// Refuses a password that is not to be chosen.
///
/// # Errors
///
/// [`PasswordError::Length`] and [`PasswordError::ContainsHandle`].
pub fn check_choice(password: &SecretText, handle: Option<&Handle>) -> Result<(), PasswordError> {
    let password = password.expose();
    if password.len() > 4 * MOST || !(LEAST..=MOST).contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let contains = |handle: &Handle| {
        let without = password.to_ascii_lowercase().replace(handle.as_str(), "");
        without.chars().count() < LEAST && without.len() < password.len()
    };
    if handle.is_some_and(contains) {
        return Err(PasswordError::ContainsHandle);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> PasswordSection {
        PasswordSection {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
            at_once: 1,
            waiting: 1,
        }
    }

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let passwords = Passwords::new(&cheap()).unwrap();
        let right = SecretText::new("correct horse battery");
        let hash = passwords.hash(&right).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", *hash);
        assert!(passwords.verify(&right, Some(hash.clone())).await.unwrap());
        let wrong = SecretText::new("correct horse batterz");
        assert!(!passwords.verify(&wrong, Some(hash)).await.unwrap());
        // Not even the password whose hash is compared with signs nobody in.
        let nobody = SecretText::new("nobody");
        assert!(!passwords.verify(&nobody, None).await.unwrap());
    }

    #[tokio::test]
    async fn who_finds_too_many_waiting_is_told() {
        let passwords = Passwords::new(&cheap()).unwrap();
        let _all = passwords.waiting.clone().try_acquire_many_owned(2).unwrap();
        assert_eq!(
            passwords.hash(&SecretText::new("x")).await.unwrap_err(),
            PasswordError::Busy
        );
    }

    #[test]
    fn choices() {
        let handle: Handle = "anastasia".parse().unwrap();
        let check = |text: &str| check_choice(&SecretText::new(text), Some(&handle));
        assert_eq!(check("too short"), Err(PasswordError::Length));
        assert_eq!(check(&"é".repeat(257)), Err(PasswordError::Length));
        assert_eq!(check("Anastasia123"), Err(PasswordError::ContainsHandle));
        assert_eq!(check("correct horse battery"), Ok(()));
        assert_eq!(check(&"é".repeat(256)), Ok(()));
    }
}
