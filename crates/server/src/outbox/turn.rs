//! One look at everything that is on its way.

use alloy_primitives::Address;
use offpay_chain::{BlockId, ChainError, Node};
use offpay_operator::{
    outbox::{
        InFlight, StoredTransaction,
        fees::{Fees, Urgency},
    },
    storage::OutboxStorage,
};
use offpay_protocol::Timestamp;

use super::{
    Outbox, OutboxError,
    prepare::{Prepared, fees},
};
use crate::config::outbox::seconds;

/// What one turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// Transactions of which something new is known: mined, final, taken back, failed.
    pub followed: usize,
    /// Transactions that were signed and sent for the first time.
    pub sent: usize,
    /// Transactions whose offer for gas was raised.
    pub raised: usize,
    /// Transactions that were handed to the nodes again.
    pub again: usize,
    /// Transactions that would revert, and were not sent.
    pub refused: usize,
}

impl Turned {
    fn is_news(self) -> bool {
        self.followed > 0 || self.sent > 0 || self.refused > 0
    }
}

/// What a turn goes by.
struct Market {
    fees: Fees,
    chain_time: Timestamp,
}

impl Outbox {
    /// Follows what is on its way, sends it again or dearer where that is due, and signs and sends what is new.
    ///
    /// # Errors
    ///
    /// [`OutboxError`]; what was done before stays done, and the rest is done next time.
    pub async fn turn(&self, now: Timestamp) -> Result<Turned, OutboxError> {
        let _one_at_a_time = self.parts.turn.lock().await;
        let mut turned = Turned::default();
        let outcome = self.work(now, &mut turned).await;
        if turned.is_news() {
            self.told_change();
        }
        outcome.map(|()| turned)
    }

    /// One sender after the other: what is wrong with one keeps nothing of the other's.
    async fn work(&self, now: Timestamp, turned: &mut Turned) -> Result<(), OutboxError> {
        let limit = self.parts.config.in_flight.saturating_mul(4);
        let queued = self.database.queued(limit).await?;
        let mut outcome = Ok(());
        for sender in std::iter::once(&self.parts.sender).chain(&self.parts.token_owner) {
            let address = sender.address();
            let own: Vec<StoredTransaction> = queued
                .iter()
                .filter(|transaction| self.sender_for(transaction.purpose).address() == address)
                .cloned()
                .collect();
            let worked = self.work_for(address, &own, now, turned).await;
            outcome = outcome.and(worked);
        }
        outcome
    }

    async fn work_for(
        &self,
        address: Address,
        queued: &[StoredTransaction],
        now: Timestamp,
        turned: &mut Turned,
    ) -> Result<(), OutboxError> {
        let sender = address.into_array();
        let known = self.database.in_flight(sender).await?;
        // That one node is down must not keep anything from being sent in time.
        let followed = self.follow(address, &known, now).await;
        let news = *followed.as_ref().unwrap_or(&0);
        turned.followed = turned.followed.saturating_add(news);
        let waiting: Vec<InFlight> = if news > 0 {
            self.database.in_flight(sender).await?
        } else {
            known
        };
        let waiting: Vec<InFlight> = waiting
            .into_iter()
            .filter(|flight| flight.included().is_none())
            .collect();
        if waiting.is_empty() && queued.is_empty() {
            return followed.map(drop);
        }
        let (node, market) = self.market().await?;
        self.push(node, &waiting, queued, &market, now, turned)
            .await?;
        self.send_queued(node, &waiting, queued, &market, now, turned)
            .await?;
        followed.map(drop)
    }

    /// What gas costs and what the chain's time is, and the node that says so: the first, and while that does not
    /// answer, the second. What is sent through it is bounded by the same caps.
    async fn market(&self) -> Result<(&Node, Market), OutboxError> {
        let first = match ask(&self.parts.node).await {
            Ok(market) => return Ok((&self.parts.node, market)),
            Err(error) => error,
        };
        let Some(second) = self.second().await.filter(|_| first.is_retryable()) else {
            return Err(first.into());
        };
        match ask(second).await {
            Ok(market) => {
                tracing::warn!(code = first.code(), error = %first, "the second node is sent through");
                Ok((second, market))
            }
            Err(_) => Err(first.into()),
        }
    }

    /// Sends again, or dearer, what is in no block yet.
    async fn push(
        &self,
        node: &Node,
        waiting: &[InFlight],
        queued: &[StoredTransaction],
        market: &Market,
        now: Timestamp,
        turned: &mut Turned,
    ) -> Result<(), OutboxError> {
        let policy = self.parts.config.fees();
        for (place, flight) in waiting.iter().enumerate() {
            let Some(newest) = flight.newest() else {
                continue;
            };
            // Whatever is behind it waits for it, so the nearest deadline of all of those presses.
            let behind = waiting.iter().skip(place).map(|flight| &flight.transaction);
            let deadline = behind
                .chain(queued)
                .filter_map(|behind| behind.deadline)
                .min();
            let urgency = policy.urgency(deadline, market.chain_time);
            let is_cheap = place == 0 || market.fees.most > newest.signed.fees.most;
            let is_due = newest.sent_at.is_some()
                && is_cheap
                && policy.is_stale(newest.signed_at, now, urgency);
            let is_to_be_replaced = flight.transaction.cancelled && !newest.signed.cancels;
            if (is_due || is_to_be_replaced)
                && let Some(raised) = self
                    .raise(node, flight, newest, market.fees, urgency, now)
                    .await?
            {
                self.broadcast(&raised, now).await?;
                turned.raised = turned.raised.saturating_add(1);
                continue;
            }
            let again = match newest.sent_at {
                None => true,
                Some(sent_at) => now >= sent_at.saturating_add(seconds(self.parts.config.again_s)),
            };
            if again {
                self.broadcast(newest, now).await?;
                turned.again = turned.again.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Signs and sends what has no nonce yet, as far as there is room.
    async fn send_queued(
        &self,
        node: &Node,
        waiting: &[InFlight],
        queued: &[StoredTransaction],
        market: &Market,
        now: Timestamp,
        turned: &mut Turned,
    ) -> Result<(), OutboxError> {
        let policy = self.parts.config.fees();
        let most = usize::try_from(self.parts.config.in_flight).unwrap_or(usize::MAX);
        let mut room = most.saturating_sub(waiting.len());
        for transaction in queued {
            if room == 0 {
                break;
            }
            let urgency: Urgency = policy.urgency(transaction.deadline, market.chain_time);
            match self
                .prepare(node, transaction, market.fees, urgency, now)
                .await
            {
                Ok(Prepared::Signed(attempt)) => {
                    room = room.saturating_sub(1);
                    turned.sent = turned.sent.saturating_add(1);
                    self.broadcast(&attempt, now).await?;
                }
                Ok(Prepared::Refused) => {
                    turned.refused = turned.refused.saturating_add(1);
                }
                Ok(Prepared::Waits) => {}
                // The node does not take this one; others may pass.
                Err(OutboxError::Chain(
                    error @ (ChainError::NodeRefused(_) | ChainError::NoGas { .. }),
                )) => {
                    tracing::error!(number = transaction.number, %error, "a transaction cannot be sent");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

async fn ask(node: &Node) -> Result<Market, ChainError> {
    Ok(Market {
        fees: fees(node.gas_fees().await?),
        chain_time: node.block(BlockId::latest()).await?.timestamp,
    })
}
