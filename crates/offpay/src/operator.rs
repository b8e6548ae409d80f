//! What an operator does: over the admin API of its server, and by hand with its key.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::{cli::Answer, output::Output};

mod accounts;
mod admit;
mod attest;
mod books;
mod card;
mod certify;
mod desk;
mod dismiss;
mod export;
mod gas;
mod key;
mod keys;
mod log;
mod overview;
mod risks;
mod slots;
mod table;
mod transactions;

/// What an operator does: look after its server, and sign with its key.
#[derive(Debug, Args)]
#[command(
    after_help = "The server is asked at --server or OFFPAY_SERVER, with the operator's token from --token-file, \
    OFFPAY_ADMIN_TOKEN or OFFPAY_ADMIN_TOKEN_FILE.\n\nThe operator's key comes from --key-file, OFFPAY_OPERATOR_KEY or OFFPAY_OPERATOR_KEY_FILE: \
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
    /// How the operator stands, on one page.
    Overview(overview::Overview),
    /// Purses that owe what they may not pay: what is owed, what backs it, why, and by when.
    AtRisk(risks::AtRisk),
    /// Payees who were not paid, and how long the payer has to make it good.
    Defaults(risks::Defaults),
    /// What the server sends: stuck, waiting, failed; try one again, or give one up.
    Transactions(transactions::Transactions),
    /// What gas has cost, by day and purpose.
    Gas(gas::Gas),
    /// Freeze a user's account: it can be looked at, and its keys sign nothing.
    Freeze(accounts::Freeze),
    /// Thaw a frozen account.
    Unfreeze(accounts::Unfreeze),
    /// The operator's keys, and the rotation of the vault's master key.
    Keys(keys::Keys),
    /// Go through the books: do they balance, and do they say what the contract says?
    Audit(books::Audit),
    /// Write out the books, payments, operations or events.
    Export(export::Export),
    /// What was done through the admin API: who, when, what and why.
    Log(log::Log),
    /// Which shard has which purses, and moving them from one to another.
    Slots(slots::Slots),
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
            Command::Overview(overview) => overview.run(output, self.json).await,
            Command::AtRisk(risks) => risks.run(output, self.json).await,
            Command::Defaults(defaults) => defaults.run(output, self.json).await,
            Command::Transactions(transactions) => transactions.run(output, self.json).await,
            Command::Gas(gas) => gas.run(output, self.json).await,
            Command::Freeze(freeze) => freeze.run(output, self.json).await,
            Command::Unfreeze(unfreeze) => unfreeze.run(output, self.json).await,
            Command::Keys(keys) => keys.run(output, self.json).await,
            Command::Audit(audit) => audit.run(output, self.json).await,
            Command::Export(export) => export.run(output).await,
            Command::Log(log) => log.run(output, self.json).await,
            Command::Slots(slots) => slots.run(output, self.json).await,
            Command::Card(card) => card.run(output, self.json),
            Command::Certify(certify) => certify.run(output, self.json).await,
            Command::Admit(admit) => admit.run(output, self.json).await,
            Command::Dismiss(dismiss) => dismiss.run(output, self.json).await,
            Command::Attest(attest) => attest.run(output, self.json),
        }
    }
}
