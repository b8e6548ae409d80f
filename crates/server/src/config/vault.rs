//! `[vault]`

use serde::Deserialize;

use super::{Invalid, Secret};
use crate::vault::MasterKeyRing;

/// The vault of hosted keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultSection {
    /// The master keys. The first one seals; all of them open. To rotate, put a new one in front, restart, run
    /// `offpay operator keys rotate`, and take the old one out. At least one is needed.
    pub master_keys: Vec<MasterKeySection>,
}

/// One master key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKeySection {
    /// What it is called: stored beside all that it seals. Never call another key the same.
    pub id: String,
    /// The key: 64 hex digits.
    #[serde(default)]
    pub key: Option<Secret>,
    /// Or the programs that have it.
    #[serde(default)]
    pub program: Option<ProgramSection>,
}

/// Programs that have a master key: they read standard input and write standard output, and end with 0 if it went well.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramSection {
    /// Seals 64 hex digits: a program by its whole path, and its arguments.
    pub seal: Vec<String>,
    /// Gives them back.
    pub open: Vec<String>,
    /// How long each may take, in seconds.
    #[serde(default = "ten")]
    pub timeout_s: u64,
    /// For how long what was opened is kept in memory, in seconds; 0 runs the program each time that a user's key is used.
    #[serde(default = "five_minutes")]
    pub keep_s: u64,
}

const fn ten() -> u64 {
    10
}

const fn five_minutes() -> u64 {
    300
}

impl VaultSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if let Err(error) = MasterKeyRing::load(&self.master_keys) {
            invalid.push(Invalid::new("vault.master_keys", error.to_string()));
        }
    }
}
