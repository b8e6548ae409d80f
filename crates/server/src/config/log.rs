//! `[log]`

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::Invalid;

/// The log, on standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSection {
    /// What is logged: `info`, or by module: `info,offpay_server=debug`.
    pub filter: String,
    /// As lines for people, or JSON for programs.
    pub format: LogFormat,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object to a line.
    #[default]
    Json,
    /// For people.
    Text,
}

impl Default for LogSection {
    fn default() -> Self {
        Self {
            // PostgreSQL tells with each start that the tables are there already.
            filter: "info,sqlx::postgres::notice=warn".into(),
            format: LogFormat::Json,
        }
    }
}

impl LogSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if let Err(error) = EnvFilter::try_new(&self.filter) {
            invalid.push(Invalid::new("log.filter", error.to_string()));
        }
    }
}
