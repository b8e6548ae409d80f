//! Where settling reads: the first node, and while that does not answer, the second.

use offpay_chain::{BlockId, Contract};
use offpay_protocol::Timestamp;

use super::SettlementError;
use crate::App;

/// The contract through a node that answers, and the time of that node's newest block.
pub(super) async fn contract(app: &App) -> Result<(Contract, Timestamp), SettlementError> {
    let first = match app.contract.node().block(BlockId::latest()).await {
        Ok(block) => return Ok((app.contract.clone(), block.timestamp)),
        Err(error) => error,
    };
    let Some(node) = app.outbox.second().await.filter(|_| first.is_retryable()) else {
        return Err(first.into());
    };
    // One with another contract at the address is no help.
    let Ok(contract) = Contract::open_deployment(node, &app.deployment).await else {
        return Err(first.into());
    };
    let head = node.block(BlockId::latest()).await?.timestamp;
    tracing::warn!(code = first.code(), error = %first, "the second node is settled by");
    Ok((contract, head))
}
