//! `offpay wallet restore`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use offpay_wallet::{keys::RecoveryPhrase, wallet::NewIdentity};
use serde_json::json;

use super::{create::Creation, session::Session};
use crate::{cli::Answer, output::Style, secrets::Secret};

#[derive(Debug, Args)]
#[command(
    after_help = "The phrase comes from --phrase-file, OFFPAY_PHRASE(_FILE) or a prompt that does not echo; BIP-39's optional \
    extra word from OFFPAY_PHRASE_PASSPHRASE.\nThe purses of the lost device do not come back: close them with \
    `offpay wallet purse close`, and open a new one.\n\n\
    Example:\n  offpay wallet --dir new-phone restore --name Alice"
)]
pub(super) struct Restore {
    #[command(flatten)]
    creation: Creation,
    /// A file with the recovery phrase.
    #[arg(long, value_name = "FILE")]
    phrase_file: Option<PathBuf>,
}

impl Restore {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let phrase = Secret {
            name: "recovery phrase",
            variable: "OFFPAY_PHRASE",
            file: self.phrase_file.as_deref(),
        };
        let phrase = RecoveryPhrase::parse(&phrase.get()?)?;
        let extra = Secret {
            name: "extra word",
            variable: "OFFPAY_PHRASE_PASSPHRASE",
            file: None,
        }
        .given()?;
        let key = phrase.owner_key_with(extra.as_ref().map_or("", |extra| extra.as_str()))?;
        let wallet = self.creation.create(session, NewIdentity::Owner(key))?;
        let (account, folder) = (wallet.state().account(), session.folder()?);
        if session.json() {
            session
                .output
                .json(&json!({ "account": account, "folder": folder }))?;
            return Ok(Answer::Yes);
        }
        let output = session.output;
        output.line(&output.paint(
            Style::Good,
            &format!("The account is back, in {}", folder.display()),
        ))?;
        output.line(&format!("account  {account}"))?;
        output.line("Next: `offpay wallet purse find` shows the purses of the lost device, and")?;
        output.line("      `offpay wallet purse close KEY` closes them. Their keys are gone: open a new purse.")?;
        Ok(Answer::Yes)
    }
}
