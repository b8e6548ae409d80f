use core::fmt;

use alloy_primitives::Address;
use offpay_protocol::{Seconds, SigningKey, Timestamp};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    KeyError, SealedSecret, SecretKind,
    sealed::{open_32, seal},
};

/// A vault that is open: what signs. Overwritten when dropped.
pub struct Unlocked {
    data_key: Zeroizing<[u8; 32]>,
    idle_limit: Seconds,
    last_used: Timestamp,
}

/// Why nothing can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LockedError {
    /// The wallet is locked.
    #[error("the wallet is locked")]
    Locked,
    /// The wallet was not used for so long that it locked itself.
    #[error("the wallet locked itself after {idle} seconds")]
    Idle {
        /// How long nobody used it.
        idle: Seconds,
    },
    /// A key could not be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl LockedError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Locked => "wallet_locked",
            Self::Idle { .. } => "wallet_locked_idle",
            Self::Key(error) => error.code(),
        }
    }

    /// Whether unlocking helps.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Locked | Self::Idle { .. })
    }
}

impl Unlocked {
    pub(super) fn new(data_key: Zeroizing<[u8; 32]>, idle_limit: Seconds, now: Timestamp) -> Self {
        Self {
            data_key,
            idle_limit,
            last_used: now,
        }
    }

    pub(super) fn data_key(&self) -> &[u8; 32] {
        &self.data_key
    }

    /// How long nobody used it, if that is too long. A clock that went back counts as no time.
    pub(crate) fn idle(&self, now: Timestamp) -> Option<Seconds> {
        let idle = now.since(self.last_used);
        (idle >= self.idle_limit).then_some(idle)
    }

    /// Counts the idle time from `now` on.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.last_used = self.last_used.max(now);
    }

    /// Seals a key of this kind.
    pub(crate) fn seal(
        &self,
        kind: SecretKind,
        key: &SigningKey,
        nonce: &[u8; 24],
    ) -> Result<SealedSecret, KeyError> {
        seal(&self.data_key, nonce, kind, key.expose_secret())
    }

    /// Opens the key of this kind, whose address is `address`.
    pub(crate) fn open(
        &self,
        kind: SecretKind,
        address: Address,
        sealed: &SealedSecret,
    ) -> Result<SigningKey, KeyError> {
        let secret = open_32(&self.data_key, kind, sealed)?;
        let key = SigningKey::from_bytes(&secret).map_err(|_| KeyError::Altered)?;
        if key.address() == address {
            Ok(key)
        } else {
            Err(KeyError::Altered)
        }
    }
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unlocked")
            .field("last_used", &self.last_used)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Entropy,
        keys::{KdfCost, Password, Vault},
    };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn vault() -> (Vault, Unlocked) {
        let entropy = Entropy::new([1; 32]);
        Vault::create(
            &Password::new("2468"),
            KdfCost::FOR_TESTS,
            &entropy,
            Seconds::HOUR,
            at(100),
        )
        .unwrap()
    }

    #[test]
    fn the_right_pin_opens_and_a_wrong_one_does_not() {
        let (vault, unlocked) = vault();
        let key = SigningKey::from_bytes(&[5; 32]).unwrap();
        let kind = SecretKind::Device(key.address());
        let sealed = unlocked.seal(kind, &key, &[1; 24]).unwrap();
        let again = vault
            .unlock(&Password::new("2468"), Seconds::HOUR, at(0))
            .unwrap();
        assert_eq!(
            again
                .open(kind, key.address(), &sealed)
                .unwrap()
                .expose_secret(),
            key.expose_secret()
        );
        assert_eq!(
            vault
                .unlock(&Password::new("2469"), Seconds::HOUR, at(0))
                .unwrap_err(),
            KeyError::WrongPassword
        );
    }

    #[test]
    fn a_new_pin_opens_the_old_secrets() {
        let (vault, unlocked) = vault();
        let key = SigningKey::from_bytes(&[5; 32]).unwrap();
        let kind = SecretKind::Owner(key.address());
        let sealed = unlocked.seal(kind, &key, &[1; 24]).unwrap();
        let new = Password::new("a long passphrase");
        let vault = vault
            .change_password(&unlocked, &new, KdfCost::FOR_TESTS, &Entropy::new([2; 32]))
            .unwrap();
        let again = vault.unlock(&new, Seconds::HOUR, at(0)).unwrap();
        assert!(again.open(kind, key.address(), &sealed).is_ok());
        assert!(
            vault
                .unlock(&Password::new("2468"), Seconds::HOUR, at(0))
                .is_err()
        );
    }

    #[test]
    fn idle_time_counts_from_the_last_use_and_never_backwards() {
        let (_, mut unlocked) = vault();
        assert_eq!(unlocked.idle(at(100 + 3599)), None);
        assert_eq!(unlocked.idle(at(100 + 3600)), Some(Seconds::HOUR));
        unlocked.touch(at(3000));
        assert_eq!(unlocked.idle(at(3000 + 3599)), None);
        unlocked.touch(at(10));
        assert_eq!(unlocked.idle(at(3000 + 3600)), Some(Seconds::HOUR));
    }

    #[test]
    fn no_secret_is_printed() {
        assert!(!format!("{:?}", vault().1).contains("data_key"));
    }
}
