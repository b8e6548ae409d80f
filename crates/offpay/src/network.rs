//! Which node, and which deployment.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use offpay_chain::{Contract, Deployment, Node};
use offpay_protocol::Domain;

/// Which node, and which deployment.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The chain")]
pub(crate) struct Network {
    /// The node that is asked, over HTTP.
    #[arg(
        long,
        env = "OFFPAY_RPC_URL",
        default_value = "http://127.0.0.1:8545",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) rpc_url: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Which deployment.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The file that says where the contract is.
    #[arg(
        long,
        env = "OFFPAY_DEPLOYMENT",
        default_value = "deployment.json",
        value_name = "FILE"
    )]
    deployment: PathBuf,
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

impl Network {
    /// Connects, and checks that the contract is the one that the file names.
    pub(crate) async fn contract(&self) -> Result<Contract> {
        let deployment = self.place.read()?;
        let node = Node::connect(&self.rpc_url)
            .await
            .context("no connection to the node")?;
        Ok(Contract::open_deployment(&node, &deployment).await?)
    }
}
