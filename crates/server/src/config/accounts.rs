//! `[accounts]`

use serde::Deserialize;

use super::Invalid;

/// Accounts and how people sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsSection {
    /// Whether anybody can register.
    pub registration: bool,
    /// What one guess at a password costs.
    pub password: PasswordSection,
    /// A session ends after so many hours, used or not.
    pub session_hours: u32,
    /// A session ends after so many hours without use.
    pub session_idle_hours: u32,
    /// A recovery waits so many hours.
    pub recovery_delay_hours: u32,
    /// The SHA-256, in hex, of a token for `/v1/admin` whose owner is called `operator`. `[admin]` has one for each person.
    pub admin_token_sha256: Option<String>,
}

impl Default for AccountsSection {
    fn default() -> Self {
        Self {
            registration: true,
            password: PasswordSection::default(),
            session_hours: 30 * 24,
            session_idle_hours: 7 * 24,
            recovery_delay_hours: 48,
            admin_token_sha256: None,
        }
    }
}

/// The parameters of Argon2id, and how many hashes run at once.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordSection {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// So many at once: each takes a core and the memory.
    pub at_once: u32,
    /// So many may wait; more are told to come back.
    pub waiting: u32,
}

/// OWASP's strongest recommendation in memory: 46 MiB, one pass.
impl Default for PasswordSection {
    fn default() -> Self {
        Self {
            memory_kib: 46 * 1024,
            passes: 1,
            lanes: 1,
            at_once: 2,
            waiting: 64,
        }
    }
}

impl AccountsSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        for (setting, hours) in [
            ("accounts.session_hours", self.session_hours),
            ("accounts.session_idle_hours", self.session_idle_hours),
            ("accounts.recovery_delay_hours", self.recovery_delay_hours),
        ] {
            if hours == 0 || hours > 24 * 366 {
                invalid.push(Invalid::new(setting, "has to be within 1 and 8784 hours"));
            }
        }
        if argon2::Params::new(
            self.password.memory_kib,
            self.password.passes,
            self.password.lanes,
            Some(32),
        )
        .is_err()
        {
            invalid.push(Invalid::new(
                "accounts.password",
                "Argon2 does not take these parameters",
            ));
        }
        if let Some(hash) = &self.admin_token_sha256
            && (hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            invalid.push(Invalid::new(
                "accounts.admin_token_sha256",
                "has to be 64 hex digits",
            ));
        }
    }
}
