//! `offpay wallet contact`

use anyhow::Result;
use clap::{Args, Subcommand};
use offpay_protocol::AccountId;
use serde_json::json;

use super::session::Session;
use crate::cli::Answer;

#[derive(Debug, Args)]
#[command(
    after_help = "Requests of a contact show your name for it, as verified.\n\n\
    Example:\n  offpay wallet contact save 0xAb84…5cb2 'Blue Door'"
)]
pub(super) struct Contact {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Name an account.
    Save {
        /// The account.
        account: AccountId,
        /// What you call it.
        name: String,
    },
    /// Forget an account's name.
    Forget {
        /// The account.
        account: AccountId,
    },
    /// Show the accounts that you know by name.
    List,
}

impl Contact {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let wallet = match &self.command {
            Command::Save { account, name } => {
                let mut wallet = session.unlocked()?;
                wallet.save_contact(*account, name, session.now()?)?;
                wallet
            }
            Command::Forget { account } => {
                let mut wallet = session.open()?;
                wallet.forget_contact(*account, session.now()?)?;
                wallet
            }
            Command::List => session.open()?,
        };
        let contacts = wallet.state().records().contacts.values();
        if session.json() {
            session
                .output
                .json(&json!({ "contacts": contacts.collect::<Vec<_>>() }))?;
        } else if wallet.state().records().contacts.is_empty() {
            session.output.line("No contacts yet.")?;
        } else {
            for contact in contacts {
                session
                    .output
                    .line(&format!("{}  {}", contact.account, contact.name))?;
            }
        }
        Ok(Answer::Yes)
    }
}
