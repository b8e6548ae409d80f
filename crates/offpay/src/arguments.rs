//! Arguments that several commands share, and what is made of them.

use std::{fs, path::PathBuf};

use alloy_primitives::Address;
use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_chain::{Contract, Deployment, Node, Sender};
use offpay_protocol::SigningKey;
use zeroize::Zeroizing;

/// Which contract.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ContractArguments {
    /// The deployment file that `offpay deploy` wrote: chain, token and parameters are checked against it.
    #[arg(long, value_name = "FILE")]
    deployment: Option<PathBuf>,
    /// The contract's address.
    #[arg(long, value_name = "ADDRESS")]
    contract: Option<Address>,
}

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

impl ContractArguments {
    /// Connects to the node and checks that the contract is what it should be.
    pub(crate) async fn open(&self, node: &Node) -> Result<Contract> {
        if let Some(file) = &self.deployment {
            let deployment = Deployment::read(file)?;
            return Ok(Contract::open_deployment(node, &deployment).await?);
        }
        let address = self
            .contract
            .context("name the contract with --contract or --deployment")?;
        Ok(Contract::open(node, address).await?)
    }
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

/// Reads 32 bytes in hex, with or without `0x`.
pub(crate) fn private_key(text: &str) -> Result<SigningKey> {
    let mut secret = Zeroizing::new([0u8; 32]);
    let digits = text.strip_prefix("0x").unwrap_or(text);
    // Its error would repeat a character of the key.
    if alloy_primitives::hex::decode_to_slice(digits, secret.as_mut()).is_err() {
        bail!("a private key is 64 hex digits");
    }
    Ok(SigningKey::from_bytes(&secret)?)
}

/// Connects to a node.
pub(crate) async fn connect(url: &str) -> Result<Node> {
    Node::connect(url).await.with_context(|| {
        let host = host(url);
        format!("no connection to the node at {host}: is it running, and is --rpc-url right?")
    })
}

/// The host alone: what stands before and behind it may be a secret.
fn host(url: &str) -> &str {
    let authority = url.split("://").nth(1).unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_is_told() {
        for (url, told) in [
            ("https://node.example/v3/secret", "node.example"),
            ("http://user:secret@127.0.0.1:8545", "127.0.0.1:8545"),
            ("https://node.example?key=secret", "node.example"),
            ("here", ""),
        ] {
            assert_eq!(host(url), told);
        }
    }
}
