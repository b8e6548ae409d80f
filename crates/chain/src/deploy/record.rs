//! The file that says where a contract was deployed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy::primitives::{Address, BlockNumber, TxHash};
use offpay_protocol::{AccountId, cover::Parameters};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use super::Placed;
use crate::Configuration;

/// Where a contract is, what it was deployed with, and how it came there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// The chain (EIP-155).
    pub chain_id: u64,
    /// The ERC-20 that it holds.
    #[serde(serialize_with = "checksummed")]
    pub token: Address,
    /// The contract.
    #[serde(serialize_with = "checksummed")]
    pub contract: Address,
    /// Who receives what is left of a condemned purse's pledge.
    pub treasury: AccountId,
    /// Delays, rates and the least collateral.
    pub parameters: Parameters,
    /// Its block: nothing happened before. Unknown where the node keeps no old states.
    pub block: Option<BlockNumber>,
    /// The transaction that deployed it. Unknown where it was deployed from another contract.
    pub tx: Option<TxHash>,
    /// Who paid for it. Has no rights over it.
    #[serde(serialize_with = "checksummed_if_known")]
    pub deployer: Option<Address>,
}

/// As everywhere else where people look. Read with or without.
fn checksummed<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

fn checksummed_if_known<S: Serializer>(
    address: &Option<Address>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match address {
        Some(address) => serializer.collect_str(address),
        None => serializer.serialize_none(),
    }
}

/// Why a deployment file was not read or written.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// It is no deployment file.
    #[error("{} is no deployment file: {error}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        error: serde_json::Error,
    },
}

impl RecordError {
    /// Whether it can succeed later, with nothing changed: no.
    pub const fn is_retryable(&self) -> bool {
        false
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "deployment_file",
            Self::Malformed { .. } => "malformed_deployment",
        }
    }
}

impl Deployment {
    pub(super) fn new(
        chain_id: u64,
        contract: Address,
        configuration: &Configuration,
        placed: &Placed,
    ) -> Self {
        let Configuration {
            token,
            treasury,
            parameters,
        } = *configuration;
        let Placed {
            block,
            tx,
            deployer,
            ..
        } = *placed;
        Self {
            chain_id,
            token,
            contract,
            treasury,
            parameters,
            block,
            tx,
            deployer,
        }
    }

    /// What it was deployed with.
    pub const fn configuration(&self) -> Configuration {
        Configuration {
            token: self.token,
            treasury: self.treasury,
            parameters: self.parameters,
        }
    }

    /// Reads a deployment file.
    ///
    /// # Errors
    ///
    /// [`RecordError`].
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        let text = fs::read(path).map_err(|error| RecordError::File {
            path: path.into(),
            error,
        })?;
        serde_json::from_slice(&text).map_err(|error| RecordError::Malformed {
            path: path.into(),
            error,
        })
    }

    /// Writes a deployment file, all or nothing.
    ///
    /// # Errors
    ///
    /// [`RecordError`].
    pub fn write(&self, path: &Path) -> Result<(), RecordError> {
        let failed = |error| RecordError::File {
            path: path.into(),
            error,
        };
        let mut text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        text.push('\n');
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        fs::write(&unfinished, text).map_err(failed)?;
        fs::rename(&unfinished, path).map_err(failed)
    }
}
