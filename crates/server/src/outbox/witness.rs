//! What the nodes say, compared.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use offpay_chain::{Block, BlockId, ChainError, Node};
use offpay_operator::outbox::{InFlight, Inclusion};

/// Where a transaction is, as one node says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Which signing, by its hash.
    pub(super) hash: [u8; 32],
    /// The block.
    pub(super) inclusion: Inclusion,
    /// Whether the block is final.
    pub(super) is_final: bool,
}

/// What all nodes together say of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All say that it is in this block.
    In(Seen),
    /// All say that it is in none.
    Nowhere,
    /// They do not say the same.
    Disagree,
}

/// One node during one turn. What it says about a block is asked once.
pub(super) struct Witness<'a> {
    node: &'a Node,
    finalized: Block,
    hashes: BTreeMap<u64, Option<B256>>,
    /// How many of the sender's transactions are in final blocks.
    pub(super) final_nonce: u64,
}

impl<'a> Witness<'a> {
    /// Asks for the finalized block first: what is asked later is newer.
    pub(super) async fn new(
        node: &'a Node,
        sender: alloy_primitives::Address,
    ) -> Result<Self, ChainError> {
        let finalized = node.finalized().await?;
        let final_nonce = node
            .nonce(sender, BlockId::number(finalized.number))
            .await
            // A node that does not keep that state cannot say that a nonce is lost.
            .unwrap_or(0);
        Ok(Self {
            node,
            finalized,
            hashes: BTreeMap::new(),
            final_nonce,
        })
    }

    async fn canonical(&mut self, number: u64) -> Result<Option<B256>, ChainError> {
        if let Some(hash) = self.hashes.get(&number) {
            return Ok(*hash);
        }
        let hash = match self.node.block(BlockId::number(number)).await {
            Ok(block) => Some(block.hash),
            Err(ChainError::NoSuchBlock) => None,
            Err(error) => return Err(error),
        };
        self.hashes.insert(number, hash);
        Ok(hash)
    }

    /// Where a transaction is. What was recorded stands while its block does.
    pub(super) async fn see(&mut self, flight: &InFlight) -> Result<Option<Seen>, ChainError> {
        if let Some((attempt, inclusion)) = flight.included()
            && self.canonical(inclusion.block).await? == Some(inclusion.block_hash.into())
        {
            return Ok(Some(Seen {
                hash: attempt.signed.hash,
                inclusion,
                is_final: inclusion.block <= self.finalized.number,
            }));
        }
        for attempt in flight.attempts.iter().rev() {
            let Some(receipt) = self.node.receipt(attempt.signed.hash.into()).await? else {
                continue;
            };
            let (Some(block), Some(block_hash)) = (receipt.block_number, receipt.block_hash) else {
                continue;
            };
            if receipt.transaction_hash != B256::from(attempt.signed.hash)
                || self.canonical(block).await? != Some(block_hash)
            {
                continue;
            }
            return Ok(Some(Seen {
                hash: attempt.signed.hash,
                inclusion: Inclusion {
                    block,
                    block_hash: block_hash.0,
                    succeeded: receipt.status(),
                    gas_used: receipt.gas_used,
                    gas_price: u64::try_from(receipt.effective_gas_price).unwrap_or(u64::MAX),
                },
                is_final: block <= self.finalized.number,
            }));
        }
        Ok(None)
    }
}

/// What all say together. Final is what is final for all.
pub(super) fn compare(seen: &[Option<Seen>]) -> Verdict {
    let Some((first, others)) = seen.split_first() else {
        return Verdict::Nowhere;
    };
    match first {
        None if others.iter().all(Option::is_none) => Verdict::Nowhere,
        Some(first)
            if others.iter().all(|other| {
                other.is_some_and(|other| {
                    other.hash == first.hash && other.inclusion == first.inclusion
                })
            }) =>
        {
            Verdict::In(Seen {
                is_final: seen
                    .iter()
                    .all(|seen| seen.is_some_and(|seen| seen.is_final)),
                ..*first
            })
        }
        _ => Verdict::Disagree,
    }
}
