//! The guard: the right chain, the right contract.

use std::sync::Arc;

use alloy::{eips::BlockId, primitives::Address};
use offpay_protocol::{Domain, cover::Parameters};
use thiserror::Error;

use super::{Configuration, Contract, Fixed, ask};
use crate::{
    ChainError, Deployment, Node,
    bindings::OffPay::{
        CIRCLE_PENALTY_BPSCall, CLOSE_DELAYCall, HEALTHY_COLLATERALCall, OPEN_PENALTY_BPSCall,
        SETTLEMENT_PERIODCall, eip712DomainCall, tokenCall, treasuryCall,
    },
    convert::{amount, seconds},
};

/// Why what is at an address is not the contract that it should be.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The node follows another chain.
    #[error("the node is on chain {actual}, not on chain {expected}")]
    WrongChain {
        /// Where the contract is.
        expected: u64,
        /// Where the node is.
        actual: u64,
    },
    /// There is no code at the address.
    #[error("there is no contract at {contract} on chain {chain_id}")]
    NoCode {
        /// The address.
        contract: Address,
        /// The chain.
        chain_id: u64,
    },
    /// There is code, but its EIP-712 domain is not that of an OffPay contract.
    #[error("what is at {contract} is no OffPay contract: it signs in another domain, or in none")]
    NotOffPay {
        /// The address.
        contract: Address,
    },
    /// The contract holds another token, or was deployed with other parameters.
    #[error("the contract at {contract} was deployed with another token, treasury or parameters")]
    OtherConfiguration {
        /// The address.
        contract: Address,
        /// What it was deployed with.
        actual: Box<Configuration>,
    },
    /// The node cannot be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl OpenError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Chain(error) if error.is_retryable())
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongChain { .. } => "wrong_chain",
            Self::NoCode { .. } => "no_contract",
            Self::NotOffPay { .. } => "not_offpay",
            Self::OtherConfiguration { .. } => "other_configuration",
            Self::Chain(error) => error.code(),
        }
    }
}

impl Contract {
    /// The contract at an address, after checking that it is an OffPay contract of this chain.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what it is instead.
    pub async fn open(node: &Node, contract: Address) -> Result<Self, OpenError> {
        let chain_id = node.chain_id();
        if node.code(contract).await?.is_empty() {
            return Err(OpenError::NoCode { contract, chain_id });
        }
        let domain = Domain::new(chain_id, contract);
        if !signs_in(node, &domain).await? {
            return Err(OpenError::NotOffPay { contract });
        }
        let configuration = configuration(node, contract).await.map_err(|error| {
            if is_other_code(&error) {
                OpenError::NotOffPay { contract }
            } else {
                error.into()
            }
        })?;
        let fixed = Arc::new(Fixed {
            domain,
            configuration,
        });
        Ok(Self {
            node: node.clone(),
            fixed,
            at: BlockId::latest(),
        })
    }

    /// The contract of a deployment, after checking that it is on the node's chain and has the same token, treasury
    /// and parameters.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what it is instead.
    pub async fn open_deployment(node: &Node, deployment: &Deployment) -> Result<Self, OpenError> {
        let (expected, actual) = (deployment.chain_id, node.chain_id());
        if expected != actual {
            return Err(OpenError::WrongChain { expected, actual });
        }
        let contract = Self::open(node, deployment.contract).await?;
        contract.require(&deployment.configuration())?;
        Ok(contract)
    }

    pub(crate) fn require(&self, expected: &Configuration) -> Result<(), OpenError> {
        if self.configuration() == expected {
            return Ok(());
        }
        let (contract, actual) = (self.address(), Box::new(*self.configuration()));
        Err(OpenError::OtherConfiguration { contract, actual })
    }
}

/// Whether the contract says (ERC-5267) that it signs in this domain, and in no richer one.
async fn signs_in(node: &Node, domain: &Domain) -> Result<bool, ChainError> {
    /// Name, version, chain id and contract; no salt.
    const FIELDS: [u8; 1] = [0x0f];
    match ask(
        node,
        domain.contract(),
        &eip712DomainCall {},
        BlockId::latest(),
    )
    .await
    {
        Ok(said) => Ok(said.fields.0 == FIELDS
            && said.name == Domain::NAME
            && said.version == Domain::VERSION
            && said.chainId == alloy::primitives::U256::from(domain.chain_id())
            && said.verifyingContract == domain.contract()
            && said.extensions.is_empty()),
        Err(error) if is_other_code(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a call failed because the code is not what was called: it reverts, answers something else, or runs into the
/// wall, which nodes tell in their own words.
fn is_other_code(error: &ChainError) -> bool {
    match error {
        ChainError::Refused(_) | ChainError::Malformed(_) => true,
        ChainError::NodeRefused(_) => !error.is_retryable(),
        _ => false,
    }
}

async fn configuration(node: &Node, contract: Address) -> Result<Configuration, ChainError> {
    let at = BlockId::latest();
    let (
        token,
        treasury,
        settlement_period,
        close_delay,
        healthy_collateral,
        open_penalty,
        circle_penalty,
    ) = tokio::try_join!(
        ask(node, contract, &tokenCall {}, at),
        ask(node, contract, &treasuryCall {}, at),
        ask(node, contract, &SETTLEMENT_PERIODCall {}, at),
        ask(node, contract, &CLOSE_DELAYCall {}, at),
        ask(node, contract, &HEALTHY_COLLATERALCall {}, at),
        ask(node, contract, &OPEN_PENALTY_BPSCall {}, at),
        ask(node, contract, &CIRCLE_PENALTY_BPSCall {}, at),
    )?;
    Ok(Configuration {
        token,
        treasury: treasury.into(),
        parameters: Parameters {
            settlement_period: seconds(settlement_period),
            close_delay: seconds(close_delay),
            healthy_collateral: amount(healthy_collateral),
            open_penalty: open_penalty
                .try_into()
                .map_err(|_| ChainError::OutOfRange)?,
            circle_penalty: circle_penalty
                .try_into()
                .map_err(|_| ChainError::OutOfRange)?,
        },
    })
}
