//! Everything that a server needs, in one folder: a chain of its own with the contract on it, keys, a configuration.
//! For trying it out, and for tests. Never for real money.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use offpay_chain::{
    BlockId, ChainError, Configuration, DeployError, Deployment, LocalChain, LocalChainError,
    LocalChainOptions, Node, deploy::RecordError, deploy_contract, deploy_token,
};
use offpay_protocol::{AccountId, Amount, Timestamp, cover::Parameters};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    config::{AdminToken, Config, Invalid, MasterKeySection, Secret},
    keys::Keys,
};

/// The least collateral of an account on a chain of one's own: 10 OFFPAY.
const HEALTHY_COLLATERAL: u128 = 10_000_000_000_000_000_000;

/// A quiet chain gets a block this often, so that its time goes on.
const QUIET: Duration = Duration::from_secs(15);

/// What happened is final this much later.
const BUSY: Duration = Duration::from_secs(1);

/// How the chain is to be.
#[derive(Clone, Debug, Default)]
pub struct LocalOptions {
    /// Its port; a free one if `None`.
    pub port: Option<u16>,
    /// How many blocks an epoch has; `finalized` lies two epochs behind the head. 1 if `None`.
    pub slots_in_an_epoch: Option<u64>,
    /// Whether the chain is kept in the folder, and is there again after a restart.
    pub keep: bool,
    /// When its first block was, if it is a new one; now if `None`. What takes a week can have happened then.
    pub began: Option<Timestamp>,
}

/// A chain of one's own with the contract on it, and how to run a server on it.
#[derive(Debug)]
pub struct Local {
    /// The chain; it ends when this is dropped.
    pub chain: LocalChain,
    /// The contract.
    pub deployment: Deployment,
    /// A configuration for a server on it, with SQLite, on a free port.
    pub config: Config,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum LocalError {
    /// The folder cannot be written.
    #[error("{}: {error}", .path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The chain does not start.
    #[error(transparent)]
    Start(#[from] LocalChainError),
    /// The chain does not answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The contract is not deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The deployment file is not written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A key's file does not hold a key.
    #[error(transparent)]
    Key(#[from] Invalid),
}

impl Local {
    /// Opens what is in the folder, or makes it: the second time, everything is as it was.
    ///
    /// # Errors
    ///
    /// [`LocalError`].
    pub async fn open(folder: &Path, options: &LocalOptions) -> Result<Self, LocalError> {
        private_folder(folder)?;
        let mut config = Config::default();
        for (name, slot) in [
            ("operator", &mut config.keys.operator),
            ("gas", &mut config.keys.gas),
            ("circle", &mut config.keys.circle),
            ("token_owner", &mut config.keys.token_owner),
        ] {
            *slot = Some(Secret::File(secret_file(folder, &format!("{name}.key"))?));
        }
        config.database.url = format!("sqlite:{}", folder.join("offpay.db").display())
            .as_str()
            .into();
        config.vault.master_keys = vec![MasterKeySection {
            id: "local".to_owned(),
            key: Some(Secret::File(secret_file(folder, "vault.key")?)),
            program: None,
        }];
        config.http.listen.set_port(0);
        // Receivers on the same machine.
        config.webhooks.trusted_hosts = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();

        let state = folder.join("chain.json");
        let chain = LocalChain::start(&LocalChainOptions {
            port: options.port,
            slots_in_an_epoch: Some(options.slots_in_an_epoch.unwrap_or(1)),
            timestamp: options
                .began
                .filter(|_| !state.exists())
                .map(Timestamp::get),
            state: options.keep.then_some(state),
            ..LocalChainOptions::default()
        })
        .await?;
        config.chain.nodes = vec![chain.url().into()];
        config.follow.poll_ms = 50;
        config.follow.stale_s = 0;
        config.chain.deployment = folder.join("deployment.json");

        let keys = Keys::read(&config.keys)?;
        let deployment = deploy(&chain, &keys).await?;
        deployment.write(&config.chain.deployment)?;
        Ok(Self {
            chain,
            deployment,
            config,
        })
    }
}

/// Deploys the token and the contract, or finds them.
async fn deploy(chain: &LocalChain, keys: &Keys) -> Result<Deployment, LocalError> {
    let owner = keys.token_owner.as_ref().unwrap_or(&keys.gas);
    for address in [keys.gas.address(), owner.address(), keys.circle.address()] {
        chain.give_gas_money(address).await?;
    }
    let token = deploy_token(chain.node(), &keys.gas, owner.address()).await?;
    let configuration = Configuration {
        token: token.address,
        treasury: AccountId::new(keys.gas.address()),
        parameters: Parameters::standard(Amount::new(HEALTHY_COLLATERAL).unwrap_or(Amount::MAX)),
    };
    let (_, deployment) = deploy_contract(chain.node(), &keys.gas, &configuration).await?;
    Ok(deployment)
}

/// Mines, so that what happened becomes final within seconds and the chain's time goes on, without filling the disk
/// with a block for each second. Runs until it is dropped.
pub async fn keep_mining(node: Node) {
    let mut quiet = Duration::ZERO;
    loop {
        tokio::time::sleep(BUSY).await;
        quiet = quiet.saturating_add(BUSY);
        if quiet < QUIET && !is_busy(&node).await.unwrap_or(false) {
            continue;
        }
        let mined: Result<(), ChainError> = offpay_chain::local::mine(&node).await;
        match mined {
            Ok(()) => quiet = Duration::ZERO,
            Err(error) => tracing::warn!(%error, "the local chain does not mine"),
        }
    }
}

/// Whether anything happened in a block that is not final.
async fn is_busy(node: &Node) -> Result<bool, ChainError> {
    let head = node.block(BlockId::latest()).await?;
    let last = node.finalized().await?.number;
    for number in last.saturating_add(1)..=head.number {
        if node.transactions_in(number).await? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> LocalError {
    let path = path.to_owned();
    |error| LocalError::File { path, error }
}

/// A folder that nobody else can read.
fn private_folder(path: &Path) -> Result<(), LocalError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed(path))
}

/// A token for the admin API of a server of one's own, in a file that only its owner can read.
///
/// # Errors
///
/// [`LocalError::File`].
pub fn admin_token(folder: &Path) -> Result<(PathBuf, AdminToken), LocalError> {
    let path = secret_file(folder, "admin.token")?;
    let text = Zeroizing::new(fs::read_to_string(&path).map_err(failed(&path))?);
    let hash = crate::accounts::secret::hash(text.trim());
    let token = AdminToken {
        name: "operator".to_owned(),
        sha256: alloy_primitives::hex::encode(hash.0),
    };
    Ok((path, token))
}

/// A file with 32 random bytes in hex, which only its owner can read; made at the first call.
///
/// # Errors
///
/// [`LocalError::File`].
pub fn secret_file(folder: &Path, name: &str) -> Result<PathBuf, LocalError> {
    let path = folder.join(name);
    if path.exists() {
        return Ok(path);
    }
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(io::Error::other)
        .map_err(failed(&path))?;
    let text = Zeroizing::new(alloy_primitives::hex::encode(bytes.as_slice()));
    // Under its name only when it is whole: a key that was cut short would be taken for a key.
    let unfinished = folder.join(format!("{name}.unfinished"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished).map_err(failed(&unfinished))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, &path))
        .map_err(failed(&path))?;
    Ok(path)
}
