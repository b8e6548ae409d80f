//! Which node, and which contract on its chain.

use std::path::PathBuf;

use alloy_primitives::Address;
use anyhow::{Context, Result};
use clap::Args;
use offpay_chain::{Contract, Deployment, Node};
use offpay_protocol::Domain;

/// Which node, and which contract on its chain.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The chain")]
pub(crate) struct Network {
    #[command(flatten)]
    node: NodeUrl,
    #[command(flatten)]
    which: Which,
}

/// Which node.
#[derive(Clone, Debug, Args)]
pub(crate) struct NodeUrl {
    /// The node that is asked, over HTTP.
    #[arg(
        long,
        env = "OFFPAY_RPC_URL",
        default_value = "http://127.0.0.1:8545",
        hide_env_values = true,
        value_name = "URL"
    )]
    rpc_url: String,
}

/// Which contract.
#[derive(Clone, Debug, Args)]
pub(crate) struct Which {
    #[command(flatten)]
    place: Place,
    /// The contract's address, if there is no deployment file. It goes before one.
    #[arg(long, value_name = "ADDRESS")]
    contract: Option<Address>,
}

/// Which deployment. This needs no node.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The deployment file that `offpay deploy` wrote: chain, token and parameters are checked against it.
    #[arg(
        long,
        env = "OFFPAY_DEPLOYMENT",
        default_value = "deployment.json",
        value_name = "FILE"
    )]
    deployment: PathBuf,
}

impl Network {
    /// Connects, and checks that the contract is what it should be.
    pub(crate) async fn contract(&self) -> Result<Contract> {
        self.which.open(&self.node.connect().await?).await
    }
}

impl NodeUrl {
    /// Connects to the node.
    pub(crate) async fn connect(&self) -> Result<Node> {
        connect(&self.rpc_url).await
    }
}

impl Which {
    /// Checks that the contract is what it should be.
    pub(crate) async fn open(&self, node: &Node) -> Result<Contract> {
        if let Some(address) = self.contract {
            return Ok(Contract::open(node, address).await?);
        }
        let deployment = self
            .place
            .read()
            .context("name the contract with --deployment or --contract")?;
        Ok(Contract::open_deployment(node, &deployment).await?)
    }
}

impl Place {
    /// What the file says.
    pub(crate) fn read(&self) -> Result<Deployment> {
        Deployment::read(&self.deployment)
            .context("name the deployment file with --deployment or OFFPAY_DEPLOYMENT")
    }

    /// The domain in which all is signed.
    pub(crate) fn domain(&self) -> Result<Domain> {
        let deployment = self.read()?;
        Ok(Domain::new(deployment.chain_id, deployment.contract))
    }
}

/// Connects to a node.
pub(crate) async fn connect(url: &str) -> Result<Node> {
    Node::connect(url).await.with_context(|| {
        let host = host(url);
        format!("no connection to the node at {host}: is it running, and is --rpc-url right?")
    })
}

/// The host alone: what stands before and behind it may be a secret.
pub(crate) fn host(url: &str) -> &str {
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
