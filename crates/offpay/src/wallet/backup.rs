//! `offpay wallet backup` and `offpay wallet restore-backup`

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use offpay_wallet::keys::{KdfCost, Password};
use serde_json::json;

use super::session::Session;
use crate::{cli::Answer, clock, output::Style, secrets::Secret};

#[derive(Debug, Args)]
#[command(
    after_help = "It holds what was received, the newest vouchers and the history; no key, and nothing that could spend. It has a \
    password of its own, from OFFPAY_BACKUP_PASSWORD(_FILE) or a prompt.\n\n\
    Example:\n  offpay wallet backup monday.offpay"
)]
pub(super) struct Backup {
    /// The file to write.
    file: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "What the wallet knows itself stays as it is. Restore the account first, from its phrase.\n\n\
    Example:\n  offpay wallet --dir new-phone restore-backup monday.offpay"
)]
pub(super) struct RestoreBackup {
    /// The file to read.
    file: PathBuf,
}

const PASSWORD: Secret<'_> = Secret {
    name: "password of the backup",
    variable: "OFFPAY_BACKUP_PASSWORD",
    file: None,
};

impl Backup {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let password = Password::new(PASSWORD.choose()?.as_str());
        let bytes = wallet.backup(
            &password,
            KdfCost::STANDARD,
            &session.entropy()?,
            session.now()?,
        )?;
        let payments = wallet.state().records().received.len();
        fs::write(&self.file, &*bytes)
            .with_context(|| format!("cannot write {}", self.file.display()))?;
        if session.json() {
            session
                .output
                .json(&json!({ "file": self.file, "bytes": bytes.len(), "received": payments }))?;
        } else {
            let said = format!(
                "{payments} received payments are in {}",
                self.file.display()
            );
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}

impl RestoreBackup {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let bytes =
            fs::read(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let password = Password::new(PASSWORD.get()?.as_str());
        let count = wallet.restore_backup(&bytes, &password, session.now()?)?;
        if session.json() {
            session.output.json(&json!({
                "received": count.received, "made": count.made, "channels": count.channels, "madeAt": count.backed_up_at,
            }))?;
        } else {
            let said = format!(
                "{} received payments and {} made are back, as of {}",
                count.received,
                count.made,
                clock::show(count.backed_up_at)
            );
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
            session
                .output
                .line("Run `offpay wallet sync` to hand in what is not settled.")?;
        }
        Ok(Answer::Yes)
    }
}
