//! Which purses an account opened, by the contract's events.

use alloy::{providers::Provider, rpc::types::Filter, sol_types::SolEvent};
use offpay_protocol::{AccountId, PurseKey};

use super::Contract;
use crate::{ChainError, bindings::OffPay::PurseOpened};

/// How many blocks are asked about at once: nodes refuse more.
const AT_ONCE: u64 = 10_000;

impl Contract {
    /// The purses that an account opened since a block, in the order in which it did.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn purses_of(
        &self,
        owner: AccountId,
        from_block: u64,
    ) -> Result<Vec<PurseKey>, ChainError> {
        let provider = self.node().provider();
        let newest = provider.get_block_number().await?;
        let filter = Filter::new()
            .address(self.address())
            .event_signature(PurseOpened::SIGNATURE_HASH)
            .topic2(owner.address().into_word());
        let mut purses = Vec::new();
        let mut from = from_block;
        while from <= newest {
            let to = from.saturating_add(AT_ONCE - 1).min(newest);
            for log in provider
                .get_logs(&filter.clone().from_block(from).to_block(to))
                .await?
            {
                if let Ok(opened) = log.log_decode::<PurseOpened>() {
                    purses.push(opened.inner.purse.into());
                }
            }
            from = to.saturating_add(1);
        }
        Ok(purses)
    }
}
