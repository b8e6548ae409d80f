#![doc = include_str!("../README.md")]

pub mod batch;
pub mod bindings;
pub mod contract;
pub mod contract_error;
pub mod deploy;
pub mod error;
pub mod local;
pub mod node;
pub mod outgoing;
pub mod proof;
pub mod sender;
pub mod token;
pub mod transaction;

mod convert;
mod forward;
mod operation;
mod refusal;

pub use alloy::eips::BlockId;
pub use contract::{Configuration, Contract, OpenError};
pub use contract_error::ContractError;
pub use deploy::{DeployError, DeployedToken, Deployment, deploy_contract, deploy_token};
pub use error::ChainError;
pub use forward::Forwarded;
pub use local::{LocalChain, LocalChainError, LocalChainOptions};
pub use node::{Block, ConnectError, Node};
pub use operation::{Mined, Operation};
pub use outgoing::{GasFees, Outgoing};
pub use proof::{PaymentProof, ProofBlock, ProveError, prove_payment};
pub use refusal::Refusal;
pub use sender::Sender;
pub use token::Token;
pub use transaction::SignedTransaction;
