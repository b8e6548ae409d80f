//! The nodes: connected to with the guard, looked at together, left alone for a while when they do not answer.

use std::time::Duration;

use offpay_chain::{Block, BlockId, ChainError, Contract, Deployment, Node, OpenError};
use offpay_operator::follower::{BlockRef, NodeView, Views, Which};
use tokio::time::Instant;

use super::FollowError;
use crate::config::{FollowSection, Secret};

/// How long a node may take to say where it is.
const ANSWER: Duration = Duration::from_secs(8);
/// The longest that a node is left alone.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// How the nodes are reached, and what they should have.
#[derive(Clone, Debug)]
pub(super) struct Nodes {
    pub(super) urls: Vec<Secret>,
    pub(super) deployment: Deployment,
    pub(super) settings: FollowSection,
}

/// The one or two nodes.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) first: Source,
    pub(super) second: Option<Source>,
}

/// One node.
#[derive(Debug)]
pub(super) struct Source {
    url: Secret,
    contract: Option<Contract>,
    /// The last that was heard of it was that it is not the right one.
    pub(super) wrong: bool,
    rest: Duration,
    rest_until: Option<Instant>,
}

impl Sources {
    pub(super) fn new(nodes: &Nodes) -> Result<Self, FollowError> {
        let (first, second) = match nodes.urls.as_slice() {
            [first] => (first, None),
            [first, second] => (first, Some(second)),
            _ => return Err(FollowError::NodeCount),
        };
        Ok(Self {
            first: Source::new(first),
            second: second.map(Source::new),
        })
    }

    /// The contract through a node that answered at the last look.
    pub(super) fn contract(&self, which: Which) -> Result<&Contract, FollowError> {
        let source = match which {
            Which::First => Some(&self.first),
            Which::Second => self.second.as_ref(),
        };
        source
            .and_then(|source| source.contract.as_ref())
            .ok_or(FollowError::NoNode)
    }

    /// The same through the other node, if there is one that answers.
    pub(super) fn other(&self, which: Which) -> Option<&Contract> {
        self.contract(which.other()).ok()
    }

    /// Asks both where they are.
    pub(super) async fn look(&mut self, nodes: &Nodes) -> Result<Views, FollowError> {
        let Some(second) = &mut self.second else {
            let view = self.first.look(nodes).await.ok_or(FollowError::NoNode)?;
            return Ok(Views::Single(view));
        };
        let (one, two) = tokio::join!(self.first.look(nodes), second.look(nodes));
        match (one, two) {
            (None, None) => Err(FollowError::NoNode),
            (Some(view), None) => Ok(Views::Alone(Which::First, view)),
            (None, Some(view)) => Ok(Views::Alone(Which::Second, view)),
            (Some(first), Some(second)) => self.compare(first, second).await,
        }
    }

    async fn compare(&self, first: NodeView, second: NodeView) -> Result<Views, FollowError> {
        let (one, two) = (
            self.contract(Which::First)?.node(),
            self.contract(Which::Second)?.node(),
        );
        let (same_head, same_finalized) = tokio::try_join!(
            same(one, first.head, two, second.head),
            same(one, first.finalized, two, second.finalized),
        )?;
        Ok(Views::Both {
            first,
            second,
            same_head,
            same_finalized,
        })
    }
}

/// Whether two nodes have the same block at the lower of two heights.
async fn same(one: &Node, a: BlockRef, two: &Node, b: BlockRef) -> Result<bool, ChainError> {
    Ok(match a.number.cmp(&b.number) {
        std::cmp::Ordering::Equal => a.hash == b.hash,
        std::cmp::Ordering::Less => at(two, a.number).await?.hash == a.hash,
        std::cmp::Ordering::Greater => at(one, b.number).await?.hash == b.hash,
    })
}

/// The block at a height.
pub(super) async fn at(node: &Node, number: u64) -> Result<Block, ChainError> {
    node.block(BlockId::number(number)).await
}

/// A block without its parent.
pub(super) const fn reference(block: &Block) -> BlockRef {
    BlockRef {
        number: block.number,
        hash: block.hash,
        time: block.timestamp,
    }
}

impl Source {
    fn new(url: &Secret) -> Self {
        Self {
            url: url.clone(),
            contract: None,
            wrong: false,
            rest: Duration::ZERO,
            rest_until: None,
        }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.contract.is_some()
    }

    /// Connects, and checks that it is the right chain and the right contract.
    pub(super) async fn connect(&mut self, nodes: &Nodes) -> Result<(), FollowError> {
        let node = Node::connect(&self.url.read()?).await?;
        let contract = right_chain(nodes, node.chain_id());
        let contract = match contract {
            Ok(()) => Contract::open_deployment(&node, &nodes.deployment).await,
            Err(error) => Err(error),
        };
        self.wrong = matches!(&contract, Err(error) if !error.is_retryable());
        self.contract = Some(contract?);
        Ok(())
    }

    /// Where the node is; `None` if it does not say, or is not the right one.
    async fn look(&mut self, nodes: &Nodes) -> Option<NodeView> {
        if self.rest_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let looked = tokio::time::timeout(ANSWER, self.ask(nodes)).await;
        let error = match looked {
            Ok(Ok(view)) => {
                self.rest = Duration::ZERO;
                self.rest_until = None;
                return Some(view);
            }
            Ok(Err(error)) => error.code(),
            Err(_) => "timeout",
        };
        tracing::warn!(code = error, "a node does not say where it is");
        // It is connected to anew, with all checks: something else can stand at its place then.
        self.contract = None;
        self.rest = (self.rest * 2).clamp(Duration::from_millis(250), LONGEST_REST);
        self.rest_until = Some(Instant::now() + self.rest);
        None
    }

    async fn ask(&mut self, nodes: &Nodes) -> Result<NodeView, FollowError> {
        if self.contract.is_none() {
            self.connect(nodes).await?;
        }
        let node = self.contract.as_ref().ok_or(FollowError::NoNode)?.node();
        let (chain_id, newest) =
            tokio::try_join!(node.ask_chain_id(), node.block(BlockId::latest()))?;
        if let Err(error) = right_chain(nodes, chain_id) {
            self.wrong = true;
            return Err(error.into());
        }
        let below = |blocks: u64| at(node, newest.number.saturating_sub(blocks));
        let head = match nodes.settings.confirmations {
            0 => newest,
            blocks => below(blocks).await?,
        };
        let finalized = match nodes.settings.final_after {
            Some(blocks) => below(blocks).await?,
            None => node.finalized().await?,
        };
        let head = reference(&head);
        let finalized = reference(&finalized);
        Ok(NodeView {
            head,
            finalized: if finalized.number > head.number {
                head
            } else {
                finalized
            },
        })
    }
}

const fn right_chain(nodes: &Nodes, actual: u64) -> Result<(), OpenError> {
    if nodes.deployment.chain_id == actual {
        return Ok(());
    }
    Err(OpenError::WrongChain {
        expected: nodes.deployment.chain_id,
        actual,
    })
}
