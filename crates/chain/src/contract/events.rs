//! What the contract told, block by block.

use std::ops::RangeInclusive;

use alloy::{
    primitives::{BlockHash, BlockNumber, TxHash},
    providers::Provider,
    rpc::types::{Filter, Log},
    sol_types::SolEventInterface,
};

use offpay_protocol::Timestamp;

use super::Contract;
use crate::{ChainError, bindings::OffPay::OffPayEvents};

/// An event, and where it stands. A block that is not final can be taken back, and its events with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The block's number.
    pub block: BlockNumber,
    /// The block's hash.
    pub block_hash: BlockHash,
    /// The block's time. Not all nodes say it with the event.
    pub block_time: Option<Timestamp>,
    /// The transaction.
    pub tx: TxHash,
    /// The event's place among all of the block's.
    pub index: u64,
    /// What was told.
    pub event: OffPayEvents,
}

impl Contract {
    /// All events of some blocks, in their order. Nodes limit how many blocks or events they answer at once.
    ///
    /// The answer is of whatever chain the node follows at that moment: for blocks that are not final, ask
    /// [block by block](Self::events_in).
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or refuses a range of that size.
    pub async fn events(
        &self,
        blocks: RangeInclusive<BlockNumber>,
    ) -> Result<Vec<Told>, ChainError> {
        self.told(
            Filter::new()
                .from_block(*blocks.start())
                .to_block(*blocks.end()),
        )
        .await
    }

    /// All events of the block with this hash, in their order.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or does not have that block any more.
    pub async fn events_in(&self, block: BlockHash) -> Result<Vec<Told>, ChainError> {
        self.told(Filter::new().at_block_hash(block)).await
    }

    async fn told(&self, filter: Filter) -> Result<Vec<Told>, ChainError> {
        let logs = self
            .node()
            .provider()
            .get_logs(&filter.address(self.address()))
            .await?;
        logs.iter()
            .map(|log| told(log).ok_or(ChainError::OutOfRange)?)
            .collect()
    }
}

/// `None` for a log of a transaction that is in no block.
fn told(log: &Log) -> Option<Result<Told, ChainError>> {
    let (block, block_hash) = (log.block_number?, log.block_hash?);
    let (tx, index) = (log.transaction_hash?, log.log_index?);
    let event = OffPayEvents::decode_log(&log.inner).map(|log| log.data);
    Some(
        event
            .map(|event| Told {
                block,
                block_hash,
                block_time: log.block_timestamp.and_then(Timestamp::new),
                tx,
                index,
                event,
            })
            .map_err(Into::into),
    )
}
