//! Hosted users' purses are closed once their time has come, so that their money is free again.

use offpay_chain::Contract;
use offpay_operator::{
    outbox::{NewTransaction, Purpose},
    storage::{ChainStorage, OutboxStorage as _, SettlementStorage},
};
use offpay_protocol::Timestamp;

use super::SettlementError;
use crate::{App, config::outbox::seconds};

/// Puts the closing of each hosted purse that can be closed into the outbox.
pub(super) async fn purses(
    app: &App,
    contract: &Contract,
    head: Timestamp,
) -> Result<(), SettlementError> {
    let now = app.now();
    let before = now.saturating_sub(seconds(app.config.settlement.aside_s));
    for known in app.database.closing_purses().await? {
        let is_time = known.closes_at.is_some_and(|closes_at| closes_at < head);
        if !is_time || known.closed || !app.database.is_hosted_purse(known.key).await? {
            continue;
        }
        // The followed chain may be behind, and a default keeps it open.
        let Some(purse) = contract.purse(known.key).await? else {
            continue;
        };
        if purse.closed || purse.pairs_in_default > 0 {
            continue;
        }
        let transaction = NewTransaction {
            work: format!("close:{}", known.key),
            purpose: Purpose::Close,
            to: app.contract.address().into_array(),
            calldata: app.contract.close_purse(known.key).calldata().to_vec(),
            deadline: None,
        };
        app.database
            .append_again(&[transaction], before, now)
            .await?;
    }
    Ok(())
}
