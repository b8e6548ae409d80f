//! Who sends transactions and pays for gas, for the commands that no wallet stands behind.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_chain::Sender;
use zeroize::Zeroizing;

use crate::secrets::private_key;

/// Who sends transactions and pays for gas.
#[derive(Debug, Args)]
pub(crate) struct SenderArguments {
    /// The private key that sends transactions and pays for gas. Others can see it in the list of processes: use the
    /// environment or a keystore where that matters.
    #[arg(
        long,
        value_name = "HEX",
        env = "OFFPAY_PRIVATE_KEY",
        hide_env_values = true
    )]
    private_key: Option<String>,
    /// An encrypted key file (Web3 Secret Storage) in its place: it goes before a private key.
    #[arg(long, value_name = "FILE")]
    keystore: Option<PathBuf>,
    /// A file with the keystore's password.
    #[arg(long, value_name = "FILE", requires = "keystore")]
    password_file: Option<PathBuf>,
}

impl SenderArguments {
    /// The sender that was named, if one was.
    pub(crate) fn sender(&self) -> Result<Option<Sender>> {
        if let Some(file) = &self.keystore {
            let Some(password) = &self.password_file else {
                bail!("name the file with the keystore's password: --password-file");
            };
            let password = Zeroizing::new(
                fs::read_to_string(password)
                    .with_context(|| format!("the password file {}", password.display()))?,
            );
            let sender = Sender::from_keystore(file, password.trim_end_matches(['\r', '\n']));
            return Ok(Some(
                sender.with_context(|| format!("the keystore {}", file.display()))?,
            ));
        }
        let Some(text) = &self.private_key else {
            return Ok(None);
        };
        Ok(Some(Sender::new(
            private_key(text).context("--private-key (or OFFPAY_PRIVATE_KEY)")?,
        )))
    }

    /// The sender, which has to be named.
    pub(crate) fn required(&self) -> Result<Sender> {
        self.sender()?.context(
            "nobody to pay for the gas: give --private-key, --keystore with --password-file, or OFFPAY_PRIVATE_KEY",
        )
    }
}
