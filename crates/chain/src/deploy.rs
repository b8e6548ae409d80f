//! Putting the contract on a chain: the same parameters give the same address on every chain.

use alloy::{
    eips::BlockId,
    primitives::{Address, Bytes, TxHash},
};
use offpay_protocol::Seconds;
use thiserror::Error;

use crate::{ChainError, Configuration, Contract, Node, OpenError, Sender, transaction::Call};

mod artifacts;
mod create2;
mod fee_probe;
mod record;
mod search;
mod verification;

pub use artifacts::{contract_address, token_address};
pub use create2::DEPLOYER;
pub use record::{Deployment, RecordError};
pub use verification::{ExplorerInput, explorer_inputs};

/// The longest settlement period that the constructor takes.
const LONGEST_SETTLEMENT: Seconds = Seconds::days(30);

/// The longest close delay that the constructor takes.
const LONGEST_CLOSE: Seconds = Seconds::days(365);

/// Why a contract was not deployed.
#[derive(Debug, Error)]
pub enum DeployError {
    /// The chain has no deterministic deployer, and its presigned transaction is not accepted: the chain wants
    /// replay-protected transactions (EIP-155) only, or other gas prices.
    #[error(
        "the chain does not accept the transaction that installs the deterministic deployer {DEPLOYER}"
    )]
    NoDeployer(#[source] ChainError),
    /// The deployer ran and left no code at the address.
    #[error("the deployment left no code at {0}")]
    NoCode(Address),
    /// There is no token at the address that was named.
    #[error("there is no token at {0}")]
    NoToken(Address),
    /// The token moves other amounts than it is asked to.
    #[error(
        "the token at {0} takes a fee, or credits other amounts than it is asked to: it is not supported"
    )]
    TokenTakesFee(Address),
    /// The parameters are out of their range.
    #[error(
        "a parameter is out of its range: to make good 1 s to 30 days, to close at least twice as long and at most 365 days, some collateral, a treasury"
    )]
    InvalidConfiguration,
    /// What is at the address is not what was deployed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The node cannot be asked, or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl DeployError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Open(error) => error.is_retryable(),
            Self::Chain(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoDeployer(_) => "no_deployer",
            Self::NoCode(_) => "no_code",
            Self::NoToken(_) => "no_token",
            Self::TokenTakesFee(_) => "TokenTookFee",
            Self::InvalidConfiguration => "InvalidConfiguration",
            Self::Open(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }
}

/// Deploys the contract, or finds it where it was deployed before with the same configuration, and checks it.
///
/// # Errors
///
/// [`DeployError`]. Nothing is half done: what was deployed is found again.
pub async fn deploy_contract(
    node: &Node,
    sender: &Sender,
    configuration: &Configuration,
) -> Result<(Contract, Deployment), DeployError> {
    configuration.check()?;
    let token = configuration.token;
    if node.code(token).await?.is_empty() {
        return Err(DeployError::NoToken(token));
    }
    fee_probe::check(node, token, sender.address()).await?;
    let placed = place(node, sender, artifacts::contract_init_code(configuration)).await?;
    let contract = Contract::open(node, placed.address).await?;
    contract.require(configuration)?;
    let deployment = Deployment::new(node.chain_id(), placed.address, configuration, &placed);
    Ok((contract, deployment))
}

/// A token, and how it came there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeployedToken {
    /// Where it is.
    pub address: Address,
    /// The transaction that deployed it, as far as the node remembers.
    pub tx: Option<TxHash>,
}

/// Deploys $OFFPAY, owned (minted) by `owner`, or finds it where it was deployed before.
///
/// # Errors
///
/// [`DeployError`].
pub async fn deploy_token(
    node: &Node,
    sender: &Sender,
    owner: Address,
) -> Result<DeployedToken, DeployError> {
    let Placed { address, tx, .. } = place(node, sender, artifacts::token_init_code(owner)).await?;
    Ok(DeployedToken { address, tx })
}

/// Where a deployment is, and how it came there.
pub(crate) struct Placed {
    pub(crate) address: Address,
    pub(crate) block: Option<u64>,
    pub(crate) tx: Option<TxHash>,
    pub(crate) deployer: Option<Address>,
}

/// Has the deterministic deployer run the init code. What is there already came from the same init code, because the
/// address says so.
async fn place(node: &Node, sender: &Sender, init_code: Bytes) -> Result<Placed, DeployError> {
    create2::install(node, sender).await?;
    let address = create2::address(&init_code);
    let input = create2::input(&init_code);
    if !node.code(address).await?.is_empty() {
        return Ok(search::origin(node, address, &input).await);
    }
    let signed = Call::to(DEPLOYER, input).sign(node, sender).await?;
    let receipt = signed.send(node).await?;
    if node.code(address).await?.is_empty() {
        return Err(DeployError::NoCode(address));
    }
    Ok(Placed {
        address,
        block: receipt.block_number,
        tx: Some(receipt.transaction_hash),
        deployer: Some(sender.address()),
    })
}

impl Configuration {
    /// The constructor's own checks, before any gas is spent: through the deployer, its errors do not come back.
    ///
    /// # Errors
    ///
    /// [`DeployError::InvalidConfiguration`].
    pub fn check(&self) -> Result<(), DeployError> {
        let parameters = &self.parameters;
        let (settlement, close) = (
            parameters.settlement_period.get(),
            parameters.close_delay.get(),
        );
        let fine = !self.treasury.is_zero()
            && (1..=LONGEST_SETTLEMENT.get()).contains(&settlement)
            && close >= settlement.saturating_mul(2)
            && close <= LONGEST_CLOSE.get()
            && !parameters.healthy_collateral.is_zero();
        if fine {
            Ok(())
        } else {
            Err(DeployError::InvalidConfiguration)
        }
    }
}

/// Whether an address has code.
pub(crate) async fn has_code(
    node: &Node,
    address: Address,
    at: BlockId,
) -> Result<bool, ChainError> {
    use alloy::providers::Provider;
    Ok(!node
        .provider()
        .get_code_at(address)
        .block_id(at)
        .await?
        .is_empty())
}
