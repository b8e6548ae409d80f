//! Why the chain is not followed at the moment.

use offpay_chain::{ChainError, ConnectError, OpenError};
use offpay_operator::{follower::FoldError, storage::StorageError};
use thiserror::Error;

/// Why the chain is not followed at the moment.
#[derive(Debug, Error)]
pub enum FollowError {
    /// No node is configured, or more than two are.
    #[error("one node has to be configured, or two")]
    NodeCount,
    /// A node does not answer as it should.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A node's URL cannot be read.
    #[error(transparent)]
    Secret(#[from] crate::config::SecretError),
    /// There is no connection to a node.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A node is on another chain, or has another contract at the address.
    #[error(transparent)]
    WrongNode(#[from] OpenError),
    /// The database follows another deployment.
    #[error("this database belongs to another chain or contract")]
    OtherDeployment,
    /// No node answers.
    #[error("no node answers")]
    NoNode,
    /// The nodes are on different chains, or tell different things of the same blocks.
    #[error("the nodes disagree at block {0}")]
    Disagree(u64),
    /// The chain moved while it was read. It is read again.
    #[error("the chain moved while it was read")]
    Moved,
    /// Another follower works on this database.
    #[error("another follower moved the head")]
    OtherFollower,
    /// A block that was final is not in the chain any more.
    #[error("block {0} was final and is gone: the books cannot go back behind it")]
    FinalBlockGone(u64),
    /// The contract told something that cannot follow from what it told before.
    #[error(transparent)]
    Inconsistent(#[from] FoldError),
    /// The database did not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl FollowError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NodeCount
            | Self::Secret(_)
            | Self::OtherDeployment
            | Self::FinalBlockGone(_)
            | Self::Inconsistent(_) => false,
            Self::Chain(error) => error.is_retryable(),
            Self::Connect(error) => error.is_retryable(),
            Self::WrongNode(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            Self::NoNode | Self::Disagree(_) | Self::Moved | Self::OtherFollower => true,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NodeCount => "node_count",
            Self::Secret(_) => "node_url",
            Self::Chain(error) => error.code(),
            Self::Connect(error) => error.code(),
            Self::WrongNode(error) => error.code(),
            Self::OtherDeployment => "other_deployment",
            Self::NoNode => "no_node",
            Self::Disagree(_) => "nodes_disagree",
            Self::Moved => "chain_moved",
            Self::OtherFollower => "other_follower",
            Self::FinalBlockGone(_) => "final_block_gone",
            Self::Inconsistent(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }
}
