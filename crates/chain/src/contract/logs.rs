//! Events of one kind, over many blocks.

use alloy::{
    providers::Provider,
    rpc::types::{Filter, Log},
};

use super::Contract;
use crate::ChainError;

/// How many blocks are asked about at once: nodes refuse more.
const AT_ONCE: u64 = 10_000;

impl Contract {
    /// The contract's logs that pass a filter, from a block to the newest one.
    pub(super) async fn logs_since(
        &self,
        filter: Filter,
        from_block: u64,
    ) -> Result<Vec<Log>, ChainError> {
        let provider = self.node().provider();
        let filter = filter.address(self.address());
        let newest = provider.get_block_number().await?;
        let mut logs = Vec::new();
        let mut from = from_block;
        while from <= newest {
            let to = from.saturating_add(AT_ONCE - 1).min(newest);
            let some = filter.clone().from_block(from).to_block(to);
            logs.extend(provider.get_logs(&some).await?);
            from = to.saturating_add(1);
        }
        Ok(logs)
    }
}
