//! Proof that a payment took place, fetched from nodes and checked here.

use alloy::{
    consensus::BlockHeader as _,
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, BlockHash, BlockNumber, Bytes},
    providers::Provider,
};
use offpay_protocol::{
    AccountId, Amount, PurseKey,
    proof::{ProofError, ProvenHeader, SlotProof, check_header},
    slot::paid_to_slot,
};
use serde::Serialize;
use thiserror::Error;

use crate::{ChainError, Node};

/// Which block a proof is to be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ProofBlock {
    /// The newest that cannot be taken back. What counts.
    #[default]
    Finalized,
    /// The newest. Can be taken back.
    Latest,
    /// The block with this number. Whether it is final is the caller's to know.
    Number(BlockNumber),
}

/// How many nodes say that a block is on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Witnesses {
    /// One node's word. What is proven is proven only if that node follows the true chain.
    One,
    /// Two nodes agree on the block's hash.
    Two,
}

/// A block that is taken for true, with the header that its hash proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// What the header says.
    pub header: ProvenHeader,
    /// The header's bytes (RLP), which hash to its hash.
    pub rlp: Bytes,
    /// Who says that it is on the chain.
    pub witnesses: Witnesses,
}

/// What a payee was credited from a purse, proven in a block's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentProof {
    /// The contract.
    pub contract: Address,
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// What was credited in all.
    pub paid: Amount,
    /// The block.
    pub anchor: Anchor,
    /// The nodes of the state that prove it.
    pub nodes: SlotProof,
}

impl PaymentProof {
    /// Whether a payment with this cumulative took place.
    pub fn covers(&self, cumulative: Amount) -> bool {
        self.paid >= cumulative
    }
}

/// Why there is no proof.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The two nodes follow different chains.
    #[error("the nodes are on different chains: {first} and {second}")]
    OtherChain {
        /// The first node's chain.
        first: u64,
        /// The second node's chain.
        second: u64,
    },
    /// The two nodes have different blocks: one of them lies, or is on a fork.
    #[error("the nodes disagree on block {number}: {first} or {second}")]
    Disagreement {
        /// The block.
        number: BlockNumber,
        /// The hash that the first node gives.
        first: BlockHash,
        /// The hash that the second node gives.
        second: BlockHash,
    },
    /// What the node gave proves nothing.
    #[error("the node's proof is wrong: {0}")]
    Proof(#[from] ProofError),
    /// A node cannot be asked, or no longer has the state of that block.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl ProveError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Disagreement { .. } => true,
            Self::Chain(error) => error.is_retryable(),
            Self::OtherChain { .. } | Self::Proof(_) => false,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherChain { .. } => "nodes_on_different_chains",
            Self::Disagreement { .. } => "nodes_disagree",
            Self::Proof(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }
}

/// Settles which block to believe: its header must hash to its hash, and a second node, if there is one, must have the
/// same block at that height.
///
/// # Errors
///
/// [`ProveError`].
pub async fn anchor(
    node: &Node,
    second: Option<&Node>,
    block: ProofBlock,
) -> Result<Anchor, ProveError> {
    let Some(second) = second else {
        let (header, rlp) = header(node, tag(block)).await?;
        return Ok(Anchor {
            header,
            rlp,
            witnesses: Witnesses::One,
        });
    };
    if node.chain_id() != second.chain_id() {
        return Err(ProveError::OtherChain {
            first: node.chain_id(),
            second: second.chain_id(),
        });
    }
    // The lower of the two heads: one node may be behind.
    let (own, other) = tokio::try_join!(
        node.block(tag(block).into()),
        second.block(tag(block).into())
    )?;
    let number = own.number.min(other.number);
    let (header, rlp) = header(node, number.into()).await?;
    let other = second.block(number.into()).await?;
    if other.hash != header.hash {
        return Err(ProveError::Disagreement {
            number,
            first: header.hash,
            second: other.hash,
        });
    }
    Ok(Anchor {
        header,
        rlp,
        witnesses: Witnesses::Two,
    })
}

/// Fetches what `payee` was credited from `purse`, and proves it against the state of a block.
///
/// # Errors
///
/// [`ProveError`].
pub async fn prove_payment(
    node: &Node,
    second: Option<&Node>,
    contract: Address,
    purse: PurseKey,
    payee: AccountId,
    block: ProofBlock,
) -> Result<PaymentProof, ProveError> {
    let anchor = anchor(node, second, block).await?;
    let nodes = slot_proof(node, contract, purse, payee, anchor.header.hash).await?;
    let paid = nodes.paid_to(anchor.header.state_root, contract, purse, payee)?;
    Ok(PaymentProof {
        contract,
        purse,
        payee,
        paid,
        anchor,
        nodes,
    })
}

async fn header(node: &Node, at: BlockNumberOrTag) -> Result<(ProvenHeader, Bytes), ProveError> {
    let block = node
        .provider()
        .get_block(at.into())
        .await
        .map_err(ChainError::from)?;
    let block = block.ok_or(ChainError::NoSuchBlock)?;
    let rlp: Bytes = alloy::rlp::encode(&block.header.inner).into();
    let header = check_header(&rlp, block.header.hash)?;
    // It is another block than the one that was asked for, if one was.
    if at
        .as_number()
        .is_some_and(|number| number != block.header.number())
    {
        return Err(ChainError::NoSuchBlock.into());
    }
    Ok((header, rlp))
}

async fn slot_proof(
    node: &Node,
    contract: Address,
    purse: PurseKey,
    payee: AccountId,
    block: BlockHash,
) -> Result<SlotProof, ProveError> {
    let slot = paid_to_slot(purse, payee);
    let answer = node
        .provider()
        .get_proof(contract, vec![slot])
        .block_id(BlockId::hash(block))
        .await
        .map_err(ChainError::from)?;
    let storage = answer.storage_proof.into_iter().next();
    Ok(SlotProof {
        account_proof: answer.account_proof,
        storage_proof: storage.map(|storage| storage.proof).unwrap_or_default(),
    })
}

const fn tag(block: ProofBlock) -> BlockNumberOrTag {
    match block {
        ProofBlock::Finalized => BlockNumberOrTag::Finalized,
        ProofBlock::Latest => BlockNumberOrTag::Latest,
        ProofBlock::Number(number) => BlockNumberOrTag::Number(number),
    }
}
