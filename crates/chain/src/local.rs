//! A chain of one's own, for demos and tests: anvil, started and ended with the program.

use std::{io, path::PathBuf, time::Duration};

use alloy::primitives::{Address, U256, keccak256};
use offpay_protocol::{Seconds, SigningKey};
use thiserror::Error;

use crate::{ChainError, ConnectError, Node, Sender};

mod find;
mod process;
mod time;

use process::Process;
pub use time::mine;

/// How long anvil may take to listen.
const START: Duration = Duration::from_secs(20);

/// A local chain mines at once: looking often costs nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(4);
const PATIENCE: Duration = Duration::from_secs(20);

/// 10,000 ether.
const GAS_MONEY: u128 = 10_000_000_000_000_000_000_000;

/// How a local chain is to be.
#[derive(Clone, Debug, Default)]
pub struct LocalChainOptions {
    /// The anvil to run; found by itself if `None`.
    pub anvil: Option<PathBuf>,
    /// The port; a free one if `None`.
    pub port: Option<u16>,
    /// The chain's id; anvil's 31337 if `None`.
    pub chain_id: Option<u64>,
    /// How many blocks an epoch has; `finalized` lies two epochs behind the head. With 1, two blocks.
    pub slots_in_an_epoch: Option<u64>,
    /// A file that keeps the chain, with its old states, over restarts and crashes.
    pub state: Option<PathBuf>,
    /// Seconds between blocks; a block for each transaction at once if `None`.
    pub block_time: Option<Seconds>,
    /// The time of the first block; now if `None`.
    pub timestamp: Option<u64>,
    /// Whether to leave out the deterministic deployer that anvil otherwise has from the start.
    pub without_deployer: bool,
}

/// A running local chain. It ends when this is dropped, and also when the program ends in any other way.
#[derive(Debug)]
pub struct LocalChain {
    process: Process,
    node: Node,
}

/// Why there is no local chain.
#[derive(Debug, Error)]
pub enum LocalChainError {
    /// There is no anvil.
    #[error("anvil is missing: run `make setup`, put it on PATH, or name it in OFFPAY_ANVIL")]
    NoAnvil,
    /// It could not be started.
    #[error("{} could not be started: {error}", .anvil.display())]
    NotStarted {
        /// Which anvil.
        anvil: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// It did not listen: perhaps the port is taken, or an option is wrong.
    #[error("{} did not start to listen: is the port taken?", .anvil.display())]
    NotListening {
        /// Which anvil.
        anvil: PathBuf,
    },
    /// It listens and cannot be asked.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl LocalChainError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotListening { .. } => true,
            Self::Connect(error) => error.is_retryable(),
            Self::NoAnvil | Self::NotStarted { .. } => false,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAnvil => "no_anvil",
            Self::NotStarted { .. } => "anvil_not_started",
            Self::NotListening { .. } => "anvil_not_listening",
            Self::Connect(error) => error.code(),
        }
    }
}

impl LocalChain {
    /// Starts a chain and connects to it.
    ///
    /// # Errors
    ///
    /// [`LocalChainError`].
    pub async fn start(options: &LocalChainOptions) -> Result<Self, LocalChainError> {
        let anvil = options
            .anvil
            .clone()
            .or_else(find::anvil)
            .ok_or(LocalChainError::NoAnvil)?;
        // A bare name is looked for on PATH by the shell.
        if anvil.components().count() > 1 && !anvil.is_file() {
            let error = io::ErrorKind::NotFound.into();
            return Err(LocalChainError::NotStarted { anvil, error });
        }
        let (process, listening) =
            Process::start(&anvil, &arguments(options)).map_err(|error| {
                LocalChainError::NotStarted {
                    anvil: anvil.clone(),
                    error,
                }
            })?;
        let Ok(Ok(address)) = tokio::time::timeout(START, listening).await else {
            return Err(LocalChainError::NotListening { anvil });
        };
        let node = Node::connect(&format!("http://{address}"))
            .await?
            .with_patience(LOOK_AGAIN, PATIENCE);
        Ok(Self { process, node })
    }

    /// The connection to it.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.node.url()
    }

    /// The process id of the shell that runs anvil and ends it.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// A sender with money for gas. The same name gives the same key: never for real money.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn sender(&self, name: &str) -> Result<Sender, ChainError> {
        let sender = Sender::new(key(name)?);
        self.give_gas_money(sender.address()).await?;
        Ok(sender)
    }

    /// Gives an address 10,000 ether for gas.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn give_gas_money(&self, address: Address) -> Result<(), ChainError> {
        self.request("anvil_setBalance", (address, U256::from(GAS_MONEY)))
            .await
    }
}

/// A key for play: the same name gives the same key, and everybody can make it.
///
/// # Errors
///
/// One name in 2^127 gives no key.
pub fn key(name: &str) -> Result<SigningKey, ChainError> {
    Ok(SigningKey::from_bytes(&keccak256(format!(
        "offpay play key {name}"
    )))?)
}

fn arguments(options: &LocalChainOptions) -> Vec<String> {
    let mut arguments = vec!["--host".into(), "127.0.0.1".into()];
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            arguments.extend([name.to_owned(), value]);
        }
    };
    option("--port", Some(options.port.unwrap_or(0).to_string()));
    option("--chain-id", options.chain_id.map(|id| id.to_string()));
    option(
        "--slots-in-an-epoch",
        options.slots_in_an_epoch.map(|slots| slots.to_string()),
    );
    option(
        "--block-time",
        options.block_time.map(|seconds| seconds.to_string()),
    );
    option(
        "--timestamp",
        options.timestamp.map(|seconds| seconds.to_string()),
    );
    if let Some(state) = &options.state {
        option("--state", Some(state.display().to_string()));
        option("--state-interval", Some("1".into()));
        arguments.push("--preserve-historical-states".into());
    }
    if options.without_deployer {
        arguments.push("--disable-default-create2-deployer".into());
    }
    arguments
}
