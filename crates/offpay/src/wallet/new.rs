//! `offpay wallet new`

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use offpay_protocol::{AccountId, SigningKey};
use offpay_wallet::{
    keys::{Password, PhraseLength, RecoveryPhrase, import_keystore},
    profile::Identity,
    wallet::NewIdentity,
};
use serde_json::json;
use zeroize::Zeroizing;

use super::{create::Creation, session::Session};
use crate::{cli::Answer, output::Style, secrets::Secret};

#[derive(Debug, Args)]
#[command(
    after_help = "The recovery phrase is shown once. It brings the account back, never a purse: their keys are made on \
    this device and stay here.\n\n\
    Examples:\n  offpay wallet new --name Alice\n  \
    offpay wallet --dir shop new --name 'Blue Door' --words 24\n  \
    offpay wallet new --keystore key.json\n  \
    offpay wallet --dir till1 new --name 'Blue Door' --payee 0x71C7…976F"
)]
pub(super) struct New {
    #[command(flatten)]
    creation: Creation,
    /// How long the recovery phrase is to be.
    #[arg(long, value_enum, default_value_t = Words::Twelve, value_name = "COUNT")]
    words: Words,
    /// Write the phrase to a file instead of showing it.
    #[arg(long, value_name = "FILE")]
    phrase_out: Option<PathBuf>,
    /// Use the owner key in an Ethereum keystore file; its password is asked for.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["phrase_out", "account", "payee"])]
    keystore: Option<PathBuf>,
    /// The account, if its key is kept elsewhere.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["phrase_out", "payee"])]
    account: Option<AccountId>,
    /// The till or account that this device takes payments for, and cannot spend from.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "phrase_out")]
    payee: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Words {
    #[value(name = "12")]
    Twelve,
    #[value(name = "24")]
    TwentyFour,
}

impl New {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let (identity, phrase) = self.identity(session)?;
        let wallet = self.creation.create(session, identity)?;
        if let (Some(phrase), Some(file)) = (&phrase, &self.phrase_out) {
            write_private(file, phrase)?;
        }
        let shown = phrase.filter(|_| self.phrase_out.is_none());
        let (account, identity) = (wallet.state().account(), wallet.state().identity());
        let signer = match identity {
            Identity::Payee { request_key, .. } => Some(request_key.address),
            Identity::Owner { .. } => None,
        };
        let folder = session.folder()?;
        if session.json() {
            let phrase = shown.as_ref().map(|phrase| phrase.as_str());
            session.output.json(&json!({
                "account": account, "signer": signer, "folder": folder, "phrase": phrase,
            }))?;
            return Ok(Answer::Yes);
        }
        let output = session.output;
        output.line(&output.paint(Style::Good, &format!("A wallet in {}", folder.display())))?;
        output.line(&format!("account  {account}"))?;
        if let Some(signer) = signer {
            output.line(&format!("signer   {signer}"))?;
            output.line(
                "It takes payments and cannot spend. Ask your operator to attest the signer.",
            )?;
        }
        if let Some(phrase) = shown {
            output.line("")?;
            output.line(&output.paint(
                Style::Bold,
                "Write these words down, and show them to nobody:",
            ))?;
            for (number, word) in phrase.split(' ').enumerate() {
                output.line(&format!("{:>4}  {word}", number + 1))?;
            }
            output.line("They bring the account back. Purses are not in them: close those of a lost device.")?;
        }
        Ok(Answer::Yes)
    }

    fn identity(&self, session: &Session<'_>) -> Result<(NewIdentity, Option<Zeroizing<String>>)> {
        if let Some(account) = self.account {
            return Ok((NewIdentity::OwnerElsewhere(account), None));
        }
        if let Some(payee) = self.payee {
            return Ok((NewIdentity::Payee(payee), None));
        }
        if let Some(file) = &self.keystore {
            return Ok((NewIdentity::Owner(from_keystore(file)?), None));
        }
        let length = match self.words {
            Words::Twelve => PhraseLength::Twelve,
            Words::TwentyFour => PhraseLength::TwentyFour,
        };
        let phrase = RecoveryPhrase::generate(length, &session.entropy()?)?;
        Ok((
            NewIdentity::Owner(phrase.owner_key()?),
            Some(phrase.to_line()),
        ))
    }
}

fn from_keystore(file: &PathBuf) -> Result<SigningKey> {
    let json =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let password = Secret {
        name: "keystore's password",
        variable: "OFFPAY_KEYSTORE_PASSWORD",
        file: None,
    };
    Ok(import_keystore(
        &json,
        &Password::new(password.get()?.as_str()),
    )?)
}

/// Writes a secret to a new file that only its owner can read.
pub(super) fn write_private(file: &PathBuf, secret: &str) -> Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = || format!("cannot write {}", file.display());
    let mut opened = options.open(file).with_context(failed)?;
    writeln!(opened, "{secret}").with_context(failed)?;
    opened.sync_all().with_context(failed)
}
