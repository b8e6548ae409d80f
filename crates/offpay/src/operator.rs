//! What an operator does by hand, until a server does it: certify, admit, dismiss, attest, and show its card.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::{cli::Answer, output::Output};

mod admit;
mod attest;
mod card;
mod certify;
mod dismiss;
mod key;

/// What an operator does by hand.
#[derive(Debug, Args)]
#[command(
    after_help = "The operator's key comes from --key-file, OFFPAY_OPERATOR_KEY or OFFPAY_OPERATOR_KEY_FILE: \
    64 hex digits, or an Ethereum keystore whose password is asked for or comes from OFFPAY_OPERATOR_PASSWORD(_FILE)."
)]
pub(crate) struct Operator {
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the operator's card: whoever scans it can trust the operator.
    Card(card::Card),
    /// Certify a purse's terms from the newest finalized block.
    Certify(certify::Certify),
    /// Admit a payee to the circle of the operator's key.
    Admit(admit::Admit),
    /// Dismiss a payee from the circle of the operator's key.
    Dismiss(dismiss::Dismiss),
    /// Vouch for a payee's name, and for the key that signs its requests.
    Attest(attest::Attest),
}

impl Operator {
    /// Whether to answer in JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        match &self.command {
            Command::Card(card) => card.run(output, self.json),
            Command::Certify(certify) => certify.run(output, self.json).await,
            Command::Admit(admit) => admit.run(output, self.json).await,
            Command::Dismiss(dismiss) => dismiss.run(output, self.json).await,
            Command::Attest(attest) => attest.run(output, self.json),
        }
    }
}
