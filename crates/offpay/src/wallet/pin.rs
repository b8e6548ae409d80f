//! `offpay wallet pin`

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use offpay_wallet::keys::{KdfCost, Password};
use serde_json::json;

use super::session::Session;
use crate::{cli::Answer, output::Style, secrets::Secret};

#[derive(Debug, Args)]
pub(super) struct Pin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Seal the wallet's keys under another PIN or passphrase.
    Change(Change),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The old PIN comes from --pin-file, OFFPAY_PIN(_FILE) or a prompt; the new one from --new-pin-file, \
    OFFPAY_NEW_PIN(_FILE) or a prompt that asks twice.\nBackups and exported keys keep the passwords of their own.\n\n\
    Example:\n  offpay wallet pin change"
)]
struct Change {
    /// A file with the new PIN or passphrase.
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<PathBuf>,
    /// Make the PIN cheap to guess: for tests and demos, never for money.
    #[arg(long, hide = true)]
    cheap_pin: bool,
}

impl Pin {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let Command::Change(change) = &self.command;
        change.run(session)
    }
}

impl Change {
    fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let old = session.old_pin()?;
        // Before the new one is asked for twice: a wrong old one is said at once.
        wallet.unlock(&old, session.now()?)?;
        let new = Secret {
            name: "new PIN",
            variable: "OFFPAY_NEW_PIN",
            file: self.new_pin_file.as_deref(),
        };
        let new = Password::new(new.choose()?.as_str());
        let cost = if self.cheap_pin {
            KdfCost::FOR_TESTS
        } else {
            KdfCost::STANDARD
        };
        wallet.change_password(&old, &new, cost, &session.entropy()?, session.now()?)?;
        if session.json() {
            session.output.json(&json!({ "changed": true }))?;
        } else {
            let said = session.output.paint(Style::Good, "The PIN is changed");
            session.output.line(&said)?;
        }
        Ok(Answer::Yes)
    }
}
