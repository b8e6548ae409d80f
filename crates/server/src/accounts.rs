//! Accounts: registering, signing in, getting back in.

pub(crate) mod deletion;
pub(crate) mod events;
pub(crate) mod guesses;
pub(crate) mod passkeys;
pub mod password;
pub(crate) mod recovery;
pub(crate) mod recovery_codes;
pub(crate) mod registration;
pub(crate) mod second_factor;
pub mod secret;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod wallet_nonce;
pub(crate) mod wallet_sign_in;

use std::time::Duration;

use offpay_operator::{identity::session::Lifetimes, storage::identity::SessionStorage as _};
use offpay_protocol::Seconds;

use crate::{App, config::Config, loops};
use passkeys::Passkeys;
pub use password::{PasswordError, Passwords};
use wallet_nonce::WalletNonces;

/// What signing in needs in memory.
pub struct Accounts {
    pub(crate) passwords: Passwords,
    pub(crate) wallet_nonces: WalletNonces,
    pub(crate) passkeys: Option<Passkeys>,
    pub(crate) lifetimes: Lifetimes,
    /// How long a recovery waits.
    pub recovery_delay: Seconds,
}

/// Why accounts cannot be kept as they are configured.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// Argon2 does not take these parameters.
    #[error("accounts: {0}")]
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
        let origin = config.http.origin();
        let config = &config.accounts;
        let hours = |name, hours: u32| {
            Seconds::new(u64::from(hours).saturating_mul(3600))
                .filter(|_| hours > 0)
                .ok_or(AccountsError::Span(name))
        };
        Ok(Self {
            passwords: Passwords::new(&config.password)?,
            wallet_nonces: WalletNonces::new()?,
            passkeys: Passkeys::new(&origin),
            lifetimes: Lifetimes {
                total: hours("session_hours", config.session_hours)?,
                idle: hours("session_idle_hours", config.session_idle_hours)?,
            },
            recovery_delay: hours("recovery_delay_hours", config.recovery_delay_hours)?,
        })
    }
}

/// Forgets, every hour, what is long over.
pub(crate) async fn sweep(app: App) {
    loop {
        if let Err(error) = app.database.sweep(app.now()).await {
            tracing::warn!(code = error.code(), %error, "old sessions are not swept");
        }
        if loops::wait(&app, Duration::from_secs(3600)).await {
            return;
        }
    }
}
