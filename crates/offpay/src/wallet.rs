//! A wallet on the command line: the whole life of an account, with and without a network.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::{cli::Answer, output::Output};

mod accept;
pub(crate) mod answer;
mod backup;
mod channel;
mod circle;
mod confirm;
mod contact;
mod create;
mod deposit;
mod export;
mod history;
mod limits;
mod make_good;
mod new;
mod nodes;
mod operator;
mod pay;
mod pin;
mod purse;
mod receipt;
mod refund;
mod register;
mod request;
mod restore;
mod session;
mod show;
mod status;
mod sync;
mod till;
mod verdict;
mod withdraw;

use session::{Common, Session};

/// A wallet: keys, purses, payments made and received.
#[derive(Debug, Args)]
#[command(
    after_help = "The PIN comes from --pin-file, OFFPAY_PIN, OFFPAY_PIN_FILE or a prompt that does not echo.\n\
    Answers: 0 accepted or done, 1 refused or not covered, 2 an error.\n\n\
    Example, between two wallets with no network:\n  \
    offpay wallet --dir shop request 12.50 --memo coffee --png request.png\n  \
    offpay wallet --dir alice pay request.png --png payment.png\n  \
    offpay wallet --dir shop accept payment.png"
)]
pub(crate) struct WalletCommand {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a wallet with a new recovery phrase, or with a key that exists.
    New(new::New),
    /// Make a wallet from the recovery phrase of a lost one.
    Restore(restore::Restore),
    /// Show what there is, and until when it can pay offline.
    Status(status::Status),
    /// Ask for money: show a request.
    Request(request::Request),
    /// Pay a request. Needs no network.
    Pay(pay::Pay),
    /// Take a payment. Needs no network.
    Accept(accept::Accept),
    /// Give or take the receipt of a payment.
    Receipt(receipt::Receipt),
    /// Pay back what was received, in whole or in part.
    Refund(refund::Refund),
    /// The network is back: hand in, follow, renew.
    Sync(sync::Sync),
    /// List payments made and received.
    History(history::History),
    /// Money set aside for paying anybody.
    Purse(purse::Purse),
    /// Money set aside for one counterparty.
    Channel(channel::Channel),
    /// The circles whose purses count as covered.
    Circle(circle::Circle),
    /// The operators whose word counts.
    Operator(operator::Operator),
    /// Accounts that you know by name.
    Contact(contact::Contact),
    /// Sub-accounts that take payments and cannot spend.
    Till(till::Till),
    /// What may be paid and accepted with no network.
    Limits(limits::Limits),
    /// Bring tokens into the account's balance.
    Deposit(deposit::Deposit),
    /// Post collateral, so that purses can be opened and covers claimed.
    Register(register::Register),
    /// Pay what purses owe beyond their funds, before it costs the pledge.
    MakeGood(make_good::MakeGood),
    /// Take balance or free collateral out.
    Withdraw(withdraw::Withdraw),
    /// Write what was received to an encrypted file.
    Backup(backup::Backup),
    /// Take back what a backup file holds.
    RestoreBackup(backup::RestoreBackup),
    /// Change the PIN or passphrase.
    Pin(pin::Pin),
    /// Write the owner key to an encrypted keystore file.
    Export(export::Export),
}

impl WalletCommand {
    /// Whether to answer in JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.common.is_json()
    }

    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let session = Session::new(self.common.clone(), output);
        let answer = self.command.run(&session).await;
        answer.map_err(|error| answer::in_plain_words(error, &session.token()))
    }
}

impl Command {
    async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        match self {
            Command::New(command) => command.run(session),
            Command::Restore(command) => command.run(session),
            Command::Status(command) => command.run(session).await,
            Command::Request(command) => command.run(session),
            Command::Pay(command) => command.run(session),
            Command::Accept(command) => command.run(session),
            Command::Receipt(command) => command.run(session),
            Command::Refund(command) => command.run(session),
            Command::Sync(command) => command.run(session).await,
            Command::History(command) => command.run(session),
            Command::Purse(command) => command.run(session).await,
            Command::Channel(command) => command.run(session).await,
            Command::Circle(command) => command.run(session),
            Command::Operator(command) => command.run(session).await,
            Command::Contact(command) => command.run(session),
            Command::Till(command) => command.run(session).await,
            Command::Limits(command) => command.run(session),
            Command::Deposit(command) => command.run(session).await,
            Command::Register(command) => command.run(session).await,
            Command::MakeGood(command) => command.run(session).await,
            Command::Withdraw(command) => command.run(session).await,
            Command::Backup(command) => command.run(session),
            Command::RestoreBackup(command) => command.run(session),
            Command::Pin(command) => command.run(session),
            Command::Export(command) => command.run(session),
        }
    }
}
