//! Which purses an account opened, by the contract's events.

use alloy::{rpc::types::Filter, sol_types::SolEvent};
use offpay_protocol::{AccountId, PurseKey};

use super::Contract;
use crate::{ChainError, bindings::OffPay::PurseOpened};

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
        let filter = Filter::new()
            .event_signature(PurseOpened::SIGNATURE_HASH)
            .topic2(owner.address().into_word());
        let logs = self.logs_since(filter, from_block).await?;
        let opened = logs
            .iter()
            .filter_map(|log| log.log_decode::<PurseOpened>().ok());
        Ok(opened.map(|log| log.inner.purse.into()).collect())
    }
}
