//! Starting the server, and stopping it.

use std::{io, net::SocketAddr, time::Duration};

use offpay_chain::{ConnectError, Contract, Deployment, Node};
use offpay_store::{Database, operator::OpenError};
use thiserror::Error;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    App,
    accounts::{Accounts, AccountsError},
    app::Parts,
    clearing::{Clearing, OperatorKeys, OperatorKeysError},
    clock::Clock,
    config::{ChainSection, Config, Invalid, Secret, SecretError},
    event_log::EventLog,
    follower::{self, FollowedChain},
    http,
    keys::Keys,
    loops::{self, Health},
    metrics::Metrics,
    money::Money,
    outbox::{Outbox, OutboxKeys},
    shards::{Shards, ShardsError},
    vault::{self, MasterKeyRing, Vault},
    web::{WebApp, WebAppError},
    webhooks::{Webhooks, WebhooksError},
};

/// How long the loops may take to finish what they took.
const LOOPS_END: Duration = Duration::from_secs(20);

/// Why the server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error("the configuration is not valid: {0}")]
    Invalid(#[from] Invalid),
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A master key of the vault cannot be read.
    #[error(transparent)]
    Vault(#[from] vault::LoadError),
    /// The master keys are not those that sealed what is stored, or nobody can tell.
    #[error(transparent)]
    Sealed(#[from] vault::VaultError),
    /// Accounts cannot be kept as they are configured.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// Webhooks cannot be called.
    #[error(transparent)]
    Webhooks(#[from] WebhooksError),
    /// The deployment file cannot be read.
    #[error(transparent)]
    Deployment(#[from] offpay_chain::deploy::RecordError),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// No node answers.
    #[error("no node answers: {0}")]
    Node(#[from] ConnectError),
    /// The contract is not what it should be.
    #[error(transparent)]
    Contract(#[from] offpay_chain::OpenError),
    /// A node is on another chain or has another contract, or the database belongs to another.
    #[error(transparent)]
    Follow(#[from] follower::FollowError),
    /// The operator's key is not the one that it was.
    #[error(transparent)]
    OperatorKeys(#[from] OperatorKeysError),
    /// The database is not the shard that it is to be.
    #[error(transparent)]
    Shards(#[from] ShardsError),
    /// The web app cannot be read.
    #[error(transparent)]
    Web(#[from] WebAppError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl StartError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Database(error) => matches!(error, OpenError::Connect(_)),
            Self::Node(error) => error.is_retryable(),
            Self::Contract(error) => error.is_retryable(),
            Self::Follow(error) => error.is_retryable(),
            Self::Listen { .. } => true,
            Self::OperatorKeys(error) => error.is_retryable(),
            Self::Shards(error) => error.is_retryable(),
            Self::Sealed(error) => error.is_retryable(),
            Self::Invalid(_)
            | Self::Secret(_)
            | Self::Vault(_)
            | Self::Accounts(_)
            | Self::Webhooks(_)
            | Self::Deployment(_)
            | Self::Web(_) => false,
        }
    }

    /// A name that stays the same, for logs and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_configuration",
            Self::Secret(_) => "secret_unreadable",
            Self::Vault(_) => "master_key_not_loaded",
            Self::Sealed(error) => error.code(),
            Self::Accounts(_) => "accounts_not_configured",
            Self::Webhooks(_) => "webhooks_not_configured",
            Self::Deployment(error) => error.code(),
            Self::Database(_) => "database_not_opened",
            Self::Node(error) => error.code(),
            Self::Contract(error) => error.code(),
            Self::Follow(error) => error.code(),
            Self::OperatorKeys(error) => error.code(),
            Self::Shards(_) => "not_the_shard",
            Self::Web(_) => "web_app_unreadable",
            Self::Listen { .. } => "cannot_listen",
        }
    }
}

/// A running server.
#[must_use = "it stops when it is told to"]
pub struct Running {
    app: App,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

/// Opens the database, connects to the nodes, starts the loops and serves HTTP.
///
/// # Errors
///
/// [`StartError`]; nothing runs then.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let keys = Keys::read(&config.keys)?;
    let masters = MasterKeyRing::load(&config.vault.master_keys)?;
    masters.check().await?;
    let accounts = Accounts::new(&config)?;
    let webhooks = Webhooks::new(&config.webhooks)?;
    let deployment = Deployment::read(&config.chain.deployment)?;
    let web = WebApp::load(&config.web)?;
    let database = Database::open(&config.database.url.read()?).await?;
    let vault = Vault::new(masters, database.clone());
    vault.check_stored().await?;
    let patience = Duration::from_secs(config.http.request_timeout);
    let shards = Shards::open(&config.shards, &database, patience).await?;
    let contract = contract(&config.chain, &deployment).await?;
    let outbox = Outbox::new(
        database.clone(),
        OutboxKeys {
            gas: keys.gas.clone(),
            token_owner: keys.token_owner.clone(),
        },
        contract.node().clone(),
        second_node(&config.chain, contract.node()),
        config.outbox.clone(),
    );
    follower::check(&database, &config, &deployment).await?;
    let clock = Clock::default();
    let operator_keys = OperatorKeys::open(
        &database,
        contract.domain(),
        std::sync::Arc::clone(&keys.operator),
        keys.operator_next.clone(),
        clock.now(),
    )
    .await?;
    if operator_keys.were_rotated() && config.keys.circle.is_none() {
        let reason = "is missing: the operator's key was rotated, and the circle has the address of its first one";
        return Err(Invalid::new("keys.circle", reason).into());
    }
    let address = config.http.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen { address, error })?;
    let address = listener
        .local_addr()
        .map_err(|error| StartError::Listen { address, error })?;
    let clearing = Clearing::of_slots(*contract.domain(), shards.slots.clone());
    let app = App::new(Parts {
        config,
        keys,
        vault,
        accounts,
        database,
        contract,
        chain: FollowedChain::default(),
        deployment,
        outbox,
        operator_keys,
        clearing,
        shards,
        money: Money::default(),
        webhooks,
        clock,
        limits: http::Limits::default(),
        web,
        event_log: EventLog::default(),
        metrics: Metrics::shared(),
        health: Health::default(),
        drain: CancellationToken::new(),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
    });
    app.metrics.announce();
    loops::start(&app);
    let serving = tokio::spawn(http::serve(listener, app.clone()));
    tracing::info!(%address, contract = %app.contract.address(), "serving");
    Ok(Running {
        app,
        address,
        serving,
    })
}

/// The contract, through the first node that answers. One that answers for another chain or contract is an error at
/// once: it would not get better.
async fn contract(section: &ChainSection, deployment: &Deployment) -> Result<Contract, StartError> {
    let mut failed = None;
    for url in &section.nodes {
        match Node::connect(&url.read()?).await {
            Ok(node) => return Ok(Contract::open_deployment(&node, deployment).await?),
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "a node does not answer");
                failed.get_or_insert(error);
            }
        }
    }
    Err(failed.map_or_else(
        || Invalid::new("chain.nodes", "names no node").into(),
        StartError::Node,
    ))
}

/// Another configured node than the one that is used.
fn second_node(section: &ChainSection, first: &Node) -> Option<Secret> {
    section
        .nodes
        .iter()
        .find(|url| {
            let url = url
                .read()
                .ok()
                .and_then(|url| url.parse::<reqwest::Url>().ok());
            url.is_some_and(|url| url.as_str() != first.url())
        })
        .cloned()
}

impl Running {
    /// What its handlers and loops are handed.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it: takes no more requests, answers those that it took, lets the loops finish what they took, closes the
    /// database.
    pub async fn stop(self) {
        self.app.drain.cancel();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "HTTP ended by a panic");
        }
        self.app.stop.cancel();
        self.app.tasks.close();
        if tokio::time::timeout(LOOPS_END, self.app.tasks.wait())
            .await
            .is_err()
        {
            tracing::error!("a loop did not end in time");
        }
        self.app.database.close().await;
        tracing::info!("stopped");
    }
}
