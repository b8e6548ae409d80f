//! Handing what is stored to the nodes.

use offpay_chain::ChainError;
use offpay_operator::{outbox::Attempt, storage::OutboxStorage};
use offpay_protocol::Timestamp;

use super::{Outbox, OutboxError};
use crate::lease::Until;

impl Outbox {
    /// Hands a stored signing to every node. That a node has it, or has something dearer in its place, is no error.
    pub(super) async fn broadcast(
        &self,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        // It is the same bytes whoever sends them, but who is no longer the one that sends, leaves it to who is.
        if self.until.as_ref().is_some_and(Until::is_over) {
            return Err(OutboxError::TimeOver);
        }
        let signed = &attempt.signed;
        let mut taken = false;
        let mut unreachable: Option<ChainError> = None;
        for node in self.nodes() {
            match node.broadcast(signed.hash.into(), &signed.raw).await {
                Ok(()) => taken = true,
                Err(error) if error.is_retryable() => unreachable = Some(error),
                // For example "nonce too low", when it was mined a moment ago: following it finds that out.
                Err(error) => {
                    tracing::warn!(transaction = signed.transaction, nonce = signed.nonce, %error,
                        "a node does not take a transaction");
                    taken = true;
                }
            }
        }
        if taken {
            self.database.record_sent(signed.hash, now).await?;
            return Ok(());
        }
        unreachable.map_or(Ok(()), |error| Err(error.into()))
    }
}
