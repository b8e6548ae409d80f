//! Whom a purse owes, by the contract's events.

use std::collections::BTreeSet;

use alloy::{rpc::types::Filter, sol_types::SolEvent};
use offpay_protocol::{AccountId, PurseKey};

use super::Contract;
use crate::{ChainError, bindings::OffPay::PaymentDefaulted};

impl Contract {
    /// The payees that were in default with a purse at some time since a block. [`Contract::pair`] tells which still
    /// are.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn payees_defaulted(
        &self,
        purse: PurseKey,
        from_block: u64,
    ) -> Result<BTreeSet<AccountId>, ChainError> {
        let filter = Filter::new()
            .event_signature(PaymentDefaulted::SIGNATURE_HASH)
            .topic1(purse.address().into_word());
        let logs = self.logs_since(filter, from_block).await?;
        let defaulted = logs
            .iter()
            .filter_map(|log| log.log_decode::<PaymentDefaulted>().ok());
        Ok(defaulted.map(|log| log.inner.payee.into()).collect())
    }
}
