//! `[chain]`

use std::path::PathBuf;

use offpay_chain::Deployment;
use serde::Deserialize;

use super::{Invalid, Secret};

/// The nodes and the contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChainSection {
    /// The nodes' HTTP URLs; secrets, because they can hold a provider's key. The first is used, the second is compared
    /// with it.
    pub nodes: Vec<Secret>,
    /// The file that `offpay deploy` wrote: chain, contract, token and parameters are checked against it.
    pub deployment: PathBuf,
}

impl Default for ChainSection {
    fn default() -> Self {
        Self {
            nodes: vec!["http://127.0.0.1:8545".into()],
            deployment: "deployment.json".into(),
        }
    }
}

impl ChainSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if self.nodes.is_empty() {
            invalid.push(Invalid::new("chain.nodes", "names no node"));
        }
        for node in &self.nodes {
            match node.read() {
                Err(error) => invalid.push(Invalid::new("chain.nodes", error.to_string())),
                Ok(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
                    invalid.push(Invalid::new(
                        "chain.nodes",
                        "has to be an http or https URL",
                    ));
                }
                Ok(_) => {}
            }
        }
        if let Err(error) = Deployment::read(&self.deployment) {
            invalid.push(Invalid::new("chain.deployment", error.to_string()));
        }
    }
}
