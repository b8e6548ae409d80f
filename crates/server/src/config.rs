//! What an operator configures. Each area has a section, with a default for everything that has a sensible one.
//!
//! The sections come from a TOML file; the environment goes before it: `OFFPAY_HTTP__LISTEN` is `listen` in `[http]`.

use serde::Deserialize;

mod accounts;
mod admin;
mod chain;
mod clearing;
mod database;
mod follow;
mod http;
mod keys;
mod load;
mod log;
mod money;
pub(crate) mod outbox;
mod secret;
mod settlement;
pub(crate) mod shards;
mod telemetry;
mod vault;
mod web;
mod webhooks;

pub use accounts::{AccountsSection, PasswordSection};
pub use admin::{AdminSection, AdminToken};
pub use chain::ChainSection;
pub use clearing::ClearingSection;
pub use database::DatabaseSection;
pub use follow::FollowSection;
pub use http::HttpSection;
pub use keys::KeysSection;
pub use load::ConfigError;
pub use log::{LogFormat, LogSection};
pub use money::MoneySection;
pub use outbox::OutboxSection;
pub use secret::{Secret, SecretError};
pub use settlement::SettlementSection;
pub use shards::{ShardSection, ShardsSection};
pub use telemetry::TelemetrySection;
pub use vault::{MasterKeySection, ProgramSection, VaultSection};
pub use web::WebSection;
pub use webhooks::WebhooksSection;

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The HTTP server.
    pub http: HttpSection,
    /// Where everything is stored.
    pub database: DatabaseSection,
    /// Purses spread over several databases.
    pub shards: ShardsSection,
    /// The nodes and the contract.
    pub chain: ChainSection,
    /// How the chain is followed.
    pub follow: FollowSection,
    /// The operator's keys.
    pub keys: KeysSection,
    /// The vault of hosted keys.
    pub vault: VaultSection,
    /// Accounts and how people sign in.
    pub accounts: AccountsSection,
    /// Who may call the admin API.
    pub admin: AdminSection,
    /// Hosted money.
    pub money: MoneySection,
    /// The log.
    pub log: LogSection,
    /// Traces.
    pub telemetry: TelemetrySection,
    /// How transactions are sent.
    pub outbox: OutboxSection,
    /// When debts are brought on-chain.
    pub settlement: SettlementSection,
    /// Clearing, certificates and revocations.
    pub clearing: ClearingSection,
    /// The web app, and what it is told.
    pub web: WebSection,
    /// Users' webhooks.
    pub webhooks: WebhooksSection,
}

/// What is wrong with a configuration: which setting, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {reason}")]
pub struct Invalid {
    /// The setting, as `section.name`.
    pub setting: &'static str,
    /// What is wrong with it. Never its value where that may be a secret.
    pub reason: String,
}

impl Invalid {
    /// A setting that is wrong.
    pub fn new(setting: &'static str, reason: impl Into<String>) -> Self {
        Self {
            setting,
            reason: reason.into(),
        }
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not valid:\n  {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  "))]
pub struct AllInvalid(pub Vec<Invalid>);

impl Config {
    /// Refuses what [`invalid`](Self::invalid) finds.
    ///
    /// # Errors
    ///
    /// [`AllInvalid`].
    pub fn refuse_invalid(&self) -> Result<(), AllInvalid> {
        let invalid = self.invalid();
        if invalid.is_empty() {
            Ok(())
        } else {
            Err(AllInvalid(invalid))
        }
    }

    /// Everything that is wrong with it, as far as can be told without connecting to anything. Secrets are read.
    pub fn invalid(&self) -> Vec<Invalid> {
        let mut invalid = Vec::new();
        self.http.check(&mut invalid);
        self.database.check(&mut invalid);
        self.shards.check(&mut invalid);
        if self.shards.is_away() && self.keys.token_owner.is_some() {
            let reason = "is for the home shard alone: two servers that send with one key are in each other's way";
            invalid.push(Invalid::new("keys.token_owner", reason));
        }
        self.chain.check(&mut invalid);
        self.follow.check(&mut invalid);
        self.keys.check(&mut invalid);
        self.vault.check(&mut invalid);
        self.accounts.check(&mut invalid);
        self.admin.check(&mut invalid);
        self.money.check(&mut invalid);
        self.log.check(&mut invalid);
        self.telemetry.check(&mut invalid);
        self.outbox.check(&mut invalid);
        self.settlement.check(&mut invalid);
        self.clearing.check(&mut invalid);
        self.web.check(&mut invalid);
        self.webhooks.check(&mut invalid);
        invalid
    }
}
