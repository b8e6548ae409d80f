//! Accounts: registering, signing in, getting back in.

pub(crate) mod events;
pub(crate) mod guesses;
pub mod password;
pub(crate) mod recovery_codes;
pub(crate) mod registration;
pub mod secret;
pub(crate) mod sessions;
pub(crate) mod sign_in;

use offpay_operator::identity::session::Lifetimes;
use offpay_protocol::Seconds;

use crate::config::Config;
pub use password::{PasswordError, Passwords};

/// What signing in needs in memory.
pub struct Accounts {
    pub(crate) passwords: Passwords,
    pub(crate) lifetimes: Lifetimes,
    /// How long a recovery waits.
    pub recovery_delay: Seconds,
}

/// Why accounts cannot be kept as they are configured.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// Argon2 does not take these parameters.
    #[error("accounts.password: {0}")]
    Password(#[from] PasswordError),
    /// A span of time is zero or too long.
    #[error("accounts.{0}: out of range")]
    Span(&'static str),
}

impl Accounts {
    /// As they are configured.
    ///
    /// # Errors
    ///
    /// [`AccountsError`].
    pub fn new(config: &Config) -> Result<Self, AccountsError> {
        let config = &config.accounts;
        let hours = |name, hours: u32| {
            Seconds::new(u64::from(hours).saturating_mul(3600))
                .filter(|_| hours > 0)
                .ok_or(AccountsError::Span(name))
        };
        Ok(Self {
            passwords: Passwords::new(&config.password)?,
            lifetimes: Lifetimes {
                total: hours("session_hours", config.session_hours)?,
                idle: hours("session_idle_hours", config.session_idle_hours)?,
            },
            recovery_delay: hours("recovery_delay_hours", config.recovery_delay_hours)?,
        })
    }
}
