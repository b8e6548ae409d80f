//! Hosted users' purses are closed once their time has come, so that their money is free again.

use offpay_operator::{
    outbox::{NewTransaction, Purpose},
    storage::{ChainStorage, SettlementStorage},
};
use offpay_protocol::Timestamp;

use super::SettlementError;
use crate::App;

/// Puts the closing of each hosted purse that can be closed into the outbox.
pub(super) async fn purses(app: &App, head: Timestamp) -> Result<(), SettlementError> {
    for known in app.database.closing_purses().await? {
        let is_time = known.closes_at.is_some_and(|closes_at| closes_at < head);
        if !is_time || known.closed || !app.database.is_hosted_purse(known.key).await? {
            continue;
        }
        // The followed chain may be behind, and a default keeps it open.
        let Some(purse) = app.contract.purse(known.key).await? else {
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
            .record_settling(&[], &transaction, app.now())
            .await?;
    }
    Ok(())
}
