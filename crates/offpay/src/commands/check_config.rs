//! `offpay check-config`

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::serve::ConfigArguments;
use crate::{
    cli::Answer,
    output::{Output, Style},
};

/// Check a configuration, and show what is in force. Secrets are read and not shown; nothing is connected to.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay check-config --config /etc/offpay/offpay.toml")]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    config: ConfigArguments,
    /// Answer in JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Serialize)]
struct Told {
    valid: bool,
    wrong: Vec<Wrong>,
}

#[derive(Serialize)]
struct Wrong {
    setting: &'static str,
    reason: String,
}

impl CheckConfig {
    pub(crate) fn run(&self, output: &Output) -> Result<Answer> {
        let config = self.config.load()?;
        let invalid = config.invalid();
        let valid = invalid.is_empty();
        if self.json {
            let wrong = invalid.into_iter().map(|invalid| Wrong {
                setting: invalid.setting,
                reason: invalid.reason,
            });
            output.json(&Told {
                valid,
                wrong: wrong.collect(),
            })?;
        } else {
            // Secrets are of a type that shows where they come from, and never what they are.
            output.line(&format!("{config:#?}"))?;
            for invalid in &invalid {
                output.line(&output.paint(Style::Bad, &invalid.to_string()))?;
            }
            let (style, text) = if valid {
                (Style::Good, "The configuration is valid.")
            } else {
                (Style::Bad, "The configuration is not valid.")
            };
            output.line(&output.paint(style, text))?;
        }
        Ok(if valid { Answer::Yes } else { Answer::No })
    }
}
