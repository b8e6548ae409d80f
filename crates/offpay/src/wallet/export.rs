//! `offpay wallet export`

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use offpay_wallet::keys::Password;
use serde_json::json;

use super::{new::write_private, session::Session};
use crate::{cli::Answer, output::Style, secrets::Secret};

#[derive(Debug, Args)]
#[command(
    after_help = "An Ethereum keystore (version 3), which cast, MetaMask and `offpay wallet new --keystore` read. Its password comes \
    from OFFPAY_KEYSTORE_PASSWORD(_FILE) or a prompt.\nIt holds the account's key, which owns balance and collateral. The keys of \
    purses and channels never leave this device.\n\n\
    Example:\n  offpay wallet export owner.json"
)]
pub(super) struct Export {
    /// The file to write. One that exists is left alone.
    file: PathBuf,
}

impl Export {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        if self.file.exists() {
            bail!("{} exists already", self.file.display());
        }
        let mut wallet = session.unlocked()?;
        let password = Secret {
            name: "keystore's password",
            variable: "OFFPAY_KEYSTORE_PASSWORD",
            file: None,
        };
        let password = Password::new(password.choose()?.as_str());
        let keystore = wallet.export_owner_key(&password, &session.entropy()?, session.now()?)?;
        write_private(&self.file, &keystore)?;
        let account = wallet.state().account();
        if session.json() {
            session
                .output
                .json(&json!({ "account": account, "file": self.file }))?;
        } else {
            let said = format!("The key of {account} is in {}", self.file.display());
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
