//! The operator's key.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use offpay_chain::Sender;
use offpay_protocol::SigningKey;

use crate::secrets::{Secret, signing_key};

/// Where the operator's key is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The operator's key")]
pub(super) struct KeyFile {
    /// A file with the key: 64 hex digits, or an Ethereum keystore.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A file with the keystore's password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl KeyFile {
    /// The key.
    pub(super) fn key(&self) -> Result<SigningKey> {
        let key = Secret {
            name: "operator's key",
            variable: "OFFPAY_OPERATOR_KEY",
            file: self.key_file.as_deref(),
        };
        let password = Secret {
            name: "password of the operator's keystore",
            variable: "OFFPAY_OPERATOR_PASSWORD",
            file: self.password_file.as_deref(),
        };
        signing_key(&key.get()?, &password)
    }

    /// The account that the key is: the circle's address.
    pub(super) fn sender(&self) -> Result<Sender> {
        self.key().map(Sender::new)
    }
}
