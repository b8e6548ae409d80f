//! What can go wrong between here and the chain.

use std::time::Duration;

use alloy::{
    primitives::{Address, TxHash, U256},
    rpc::json_rpc::RpcError,
    transports::{TransportError, TransportErrorKind, http::reqwest},
};
use offpay_protocol::{Domain, signature::SignatureError};
use thiserror::Error;

use crate::ContractError;

/// Why an operation or a view did not come about.
#[derive(Debug, Error)]
pub enum ChainError {
    /// The node cannot be reached, or its answer makes no sense.
    #[error("the node does not answer: {0}")]
    Unreachable(#[source] Box<TransportError>),
    /// The node answered with an error of its own.
    #[error("the node refused: {0}")]
    NodeRefused(#[source] Box<TransportError>),
    /// The contract refuses the operation: nothing was sent.
    #[error(transparent)]
    Refused(Box<ContractError>),
    /// The transaction was mined and failed: something changed between the check and the block.
    #[error("the transaction {tx} failed: {error}")]
    Reverted {
        /// The transaction.
        tx: TxHash,
        /// Why, as far as the node can still tell.
        error: Box<ContractError>,
    },
    /// The transaction was sent and is in no block yet. It may still be mined.
    #[error("the transaction {tx} was not mined within {} s", .waited.as_secs())]
    NotMined {
        /// The transaction.
        tx: TxHash,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The sender cannot pay for the gas.
    #[error("{sender} has {balance} wei for gas, and up to {needed} are needed: send it some")]
    NoGas {
        /// Who sends.
        sender: Address,
        /// What it has, in wei.
        balance: U256,
        /// What the transaction may cost, in wei.
        needed: U256,
    },
    /// The message was signed for another deployment.
    #[error("signed for {signed:?}, but this is {here:?}")]
    ForeignDomain {
        /// The domain that it was signed for.
        signed: Box<Domain>,
        /// The contract's.
        here: Box<Domain>,
    },
    /// A signature could not be made, or is nobody's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The node does not have that block.
    #[error("the node does not have that block")]
    NoSuchBlock,
    /// A number is beyond what an OffPay contract can hold.
    #[error("the node gave a number that the contract cannot hold")]
    OutOfRange,
    /// The answer does not have the shape that the contract gives it.
    #[error("the answer does not have the shape that the contract gives it")]
    Malformed(#[from] alloy::sol_types::Error),
    /// The transaction was mined without the event that says what it did.
    #[error("the transaction {tx} lacks the event that says what it did")]
    NoOutcome {
        /// The transaction.
        tx: TxHash,
    },
}

impl ChainError {
    /// Whether the same operation can succeed later, with nothing changed by who asks for it.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::NotMined { .. } | Self::NoSuchBlock => true,
            Self::NodeRefused(error) => match error.as_ref() {
                RpcError::ErrorResp(payload) => payload.is_retry_err(),
                _ => false,
            },
            Self::Refused(error) | Self::Reverted { error, .. } => error.is_retryable(),
            Self::NoGas { .. }
            | Self::ForeignDomain { .. }
            | Self::Signature(_)
            | Self::OutOfRange
            | Self::Malformed(_)
            | Self::NoOutcome { .. } => false,
        }
    }

    /// A name that stays the same, for APIs and logs. What the contract refuses goes by the contract's own name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "node_unreachable",
            Self::NodeRefused(_) => "node_refused",
            Self::Refused(error) | Self::Reverted { error, .. } => error.code(),
            Self::NotMined { .. } => "not_mined",
            Self::NoGas { .. } => "no_gas",
            Self::ForeignDomain { .. } => "foreign_domain",
            Self::Signature(_) => "bad_signature",
            Self::NoSuchBlock => "no_such_block",
            Self::OutOfRange => "out_of_range",
            Self::Malformed(_) => "malformed_answer",
            Self::NoOutcome { .. } => "no_outcome",
        }
    }

    /// Why the contract refused, if it did.
    pub fn refusal(&self) -> Option<&ContractError> {
        match self {
            Self::Refused(error) | Self::Reverted { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// A call that the contract reverted is its refusal; everything else is the node's doing.
impl From<TransportError> for ChainError {
    fn from(error: TransportError) -> Self {
        let error = without_url(error);
        match &error {
            RpcError::ErrorResp(payload) => match payload.as_revert_data() {
                Some(data) => Self::Refused(Box::new(ContractError::decode(&data))),
                None => Self::NodeRefused(Box::new(error)),
            },
            RpcError::Transport(TransportErrorKind::HttpError(http)) if http.status == 400 => {
                Self::NodeRefused(Box::new(error))
            }
            _ => Self::Unreachable(Box::new(error)),
        }
    }
}

/// A node's URL may contain a key: it is not for messages and logs.
fn without_url(error: TransportError) -> TransportError {
    match error {
        RpcError::Transport(TransportErrorKind::Custom(cause)) => {
            let cause = match cause.downcast::<reqwest::Error>() {
                Ok(error) => Box::new(error.without_url()),
                Err(other) => other,
            };
            RpcError::Transport(TransportErrorKind::Custom(cause))
        }
        other => other,
    }
}
