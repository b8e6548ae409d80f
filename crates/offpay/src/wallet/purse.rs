//! `offpay wallet purse`

use anyhow::Result;
use clap::{Args, Subcommand};

use super::session::Session;
use crate::cli::Answer;

mod close;
mod find;
mod list;
mod open;
mod top_up;

pub(super) use list::{described, print};

#[derive(Debug, Args)]
#[command(
    after_help = "A purse's key is made on this device, used for one purse, and exists nowhere else.\n\n\
    Examples:\n  offpay wallet purse open --funds 100 --pledge 200 --covers 8 --circle 0x9965…A4dc\n  \
    offpay wallet purse top-up 0x5B38…ddC4 --funds 50\n  offpay wallet purse close 0x5B38…ddC4"
)]
pub(super) struct Purse {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set money aside for paying, with collateral behind it.
    Open(open::Open),
    /// Add funds or pledge.
    TopUp(top_up::TopUp),
    /// Begin to close a purse, or finish closing it.
    Close(close::Close),
    /// Show this wallet's purses.
    List(list::List),
    /// Find the account's purses on the chain: also those of a lost device.
    Find(find::Find),
}

impl Purse {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        match &self.command {
            Command::Open(open) => open.run(session).await,
            Command::TopUp(top_up) => top_up.run(session).await,
            Command::Close(close) => close.run(session).await,
            Command::List(list) => list.run(session),
            Command::Find(find) => find.run(session).await,
        }
    }
}
