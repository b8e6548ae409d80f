//! Signing what is to be sent: the first time, and again for more.

use alloy_primitives::{Address, Bytes, U256};
use offpay_chain::{BlockId, ChainError, GasFees, Node, Outgoing};
use offpay_operator::{
    event::{Audience, NewEvent},
    outbox::{
        Attempt, InFlight, NewAttempt, StoredTransaction,
        fees::{Fees, Urgency},
    },
    storage::OutboxStorage,
};
use offpay_protocol::Timestamp;
use serde_json::json;

use super::{Outbox, OutboxError};

/// Room above the estimated gas, in percent: the state may change before the block.
const GAS_ROOM: u64 = 25;

/// What came of preparing a transaction.
pub(super) enum Prepared {
    /// It is signed and stored.
    Signed(Box<Attempt>),
    /// It would revert: recorded, and not sent.
    Refused,
    /// It would revert now; something before it may change that.
    Waits,
}

impl Outbox {
    /// Checks that a transaction would go through, gives it a nonce, signs it and stores the signing.
    pub(super) async fn prepare(
        &self,
        node: &Node,
        transaction: &StoredTransaction,
        market: Fees,
        urgency: Urgency,
        now: Timestamp,
    ) -> Result<Prepared, OutboxError> {
        let sender = self.sender_for(transaction.purpose);
        let from = sender.address();
        let to = Address::from(transaction.to);
        let gas = match node
            .estimate_gas(from, to, transaction.calldata.clone().into())
            .await
        {
            Ok(gas) => gas,
            Err(ChainError::Refused(error)) => {
                // What is before it may be what makes it possible: a relay that funds a purse, and one that pays.
                let first = self.database.first_unmined().await?;
                if first.is_some_and(|first| first < transaction.number) {
                    return Ok(Prepared::Waits);
                }
                if !self.refused_by_others(node, transaction).await {
                    return Ok(Prepared::Waits);
                }
                self.refuse(transaction, error.code(), now).await?;
                return Ok(Prepared::Refused);
            }
            Err(error) => return Err(error.into()),
        };
        let most_gas = self.parts.config.most_gas;
        if gas > most_gas {
            self.refuse(transaction, "too_much_gas", now).await?;
            return Ok(Prepared::Refused);
        }
        let gas_limit = gas
            .saturating_add(gas.saturating_mul(GAS_ROOM) / 100)
            .min(most_gas);
        let fees = self.parts.config.fees().first(market, urgency);
        let needed = U256::from(gas_limit).saturating_mul(U256::from(fees.most));
        node.require_gas_money(from, needed).await?;
        let nonce = self.nonce(from).await?;
        let signed = self.sign(node, transaction, false, nonce, gas_limit, fees)?;
        let attempt = self.database.record_attempt(&signed, now).await?;
        tracing::info!(
            number = transaction.number,
            work = transaction.work,
            nonce,
            "transaction signed"
        );
        Ok(Prepared::Signed(Box::new(attempt)))
    }

    /// Whether every other node that there is to be says too that it would revert: on the word of one, nothing fails.
    async fn refused_by_others(&self, node: &Node, transaction: &StoredTransaction) -> bool {
        let Ok(nodes) = self.all_nodes().await else {
            return false;
        };
        let from = self.sender_for(transaction.purpose).address();
        for other in nodes.into_iter().filter(|other| other.url() != node.url()) {
            let (to, calldata) = (transaction.to.into(), transaction.calldata.clone().into());
            let refused = other.estimate_gas(from, to, calldata).await;
            if !matches!(refused, Err(ChainError::Refused(_))) {
                tracing::warn!(
                    number = transaction.number,
                    "one node says that a transaction would revert, and the other does not"
                );
                return false;
            }
        }
        true
    }

    /// Signs the same transaction with the same nonce for more, if the cap allows it; in place of one that the operator
    /// gave up, one that does nothing, up to the higher cap: it holds up everything behind it.
    pub(super) async fn raise(
        &self,
        node: &Node,
        flight: &InFlight,
        newest: &Attempt,
        market: Fees,
        urgency: Urgency,
        now: Timestamp,
    ) -> Result<Option<Attempt>, OutboxError> {
        let before = &newest.signed;
        let urgency = if flight.transaction.cancelled {
            Urgency::Urgent
        } else {
            urgency
        };
        let Some(fees) = self
            .parts
            .config
            .fees()
            .raised(before.fees, market, urgency)
        else {
            return Ok(None);
        };
        let cancels = flight.transaction.cancelled;
        let gas_limit = if cancels {
            self.gas_for_nothing(node, &flight.transaction).await?
        } else {
            before.gas_limit
        };
        let transaction = &flight.transaction;
        let signed = self.sign(node, transaction, cancels, before.nonce, gas_limit, fees)?;
        let attempt = self.database.record_attempt(&signed, now).await?;
        tracing::info!(
            number = flight.transaction.number,
            nonce = before.nonce,
            from = before.fees.most,
            to = fees.most,
            cancels,
            "offer for gas raised"
        );
        Ok(Some(attempt))
    }

    /// What a transaction to oneself takes: chains differ.
    async fn gas_for_nothing(
        &self,
        node: &Node,
        transaction: &StoredTransaction,
    ) -> Result<u64, OutboxError> {
        let own = self.sender_for(transaction.purpose).address();
        let gas = node.estimate_gas(own, own, Bytes::new()).await?;
        Ok(gas.saturating_add(gas.saturating_mul(GAS_ROOM) / 100))
    }

    /// Signs a transaction, or with `cancels` one to oneself, without a call, in its place.
    fn sign(
        &self,
        node: &Node,
        transaction: &StoredTransaction,
        cancels: bool,
        nonce: u64,
        gas_limit: u64,
        fees: Fees,
    ) -> Result<NewAttempt, OutboxError> {
        let sender = self.sender_for(transaction.purpose);
        let (to, calldata) = if cancels {
            (sender.address(), Bytes::new())
        } else {
            (transaction.to.into(), transaction.calldata.clone().into())
        };
        let outgoing = Outgoing {
            to,
            calldata,
            nonce,
            gas_limit,
            fees: gas_fees(fees),
        };
        let (hash, raw) = outgoing.sign(sender, node.chain_id())?;
        Ok(NewAttempt {
            transaction: transaction.number,
            sender: sender.address().into_array(),
            nonce,
            hash: hash.0,
            raw: raw.to_vec(),
            gas_limit,
            fees,
            cancels,
        })
    }

    /// The next nonce: after every one that was given out, and after what the chain has. What only one node has seen
    /// does not count: a node that lies about it could leave a gap that nothing fills.
    async fn nonce(&self, sender: Address) -> Result<u64, OutboxError> {
        let (mut chain, mut failed) = (None, None);
        for node in self.nodes() {
            match node.nonce(sender, BlockId::pending()).await {
                Ok(nonce) => chain = Some(chain.map_or(nonce, |lowest: u64| lowest.min(nonce))),
                Err(error) => failed = Some(error),
            }
        }
        if let (None, Some(error)) = (chain, failed) {
            return Err(error.into());
        }
        let stored = self.database.next_nonce(sender.into_array()).await?;
        Ok(stored.unwrap_or(0).max(chain.unwrap_or(0)))
    }

    async fn refuse(
        &self,
        transaction: &StoredTransaction,
        failure: &str,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        tracing::warn!(
            number = transaction.number,
            work = transaction.work,
            failure,
            "transaction not sent"
        );
        let event = NewEvent {
            audience: Audience::Operator,
            kind: "transaction.failed",
            body: json!({
                "transaction": transaction.number.to_string(),
                "work": transaction.work,
                "purpose": transaction.purpose.name(),
                "failure": failure,
            }),
        };
        let number = transaction.number;
        Ok(self
            .database
            .record_refused(number, failure, &[event], now)
            .await?)
    }
}

/// What a node says that gas costs.
pub(crate) async fn market_fees(node: &Node) -> Result<Fees, ChainError> {
    Ok(fees(node.gas_fees().await?))
}

/// What the market asks, as it is decided about; beyond 64 bits nothing is paid anyway.
pub(super) fn fees(fees: GasFees) -> Fees {
    let narrow = |fee: u128| u64::try_from(fee).unwrap_or(u64::MAX);
    match fees {
        GasFees::Market {
            max_fee_per_gas,
            max_priority_fee_per_gas,
        } => Fees {
            most: narrow(max_fee_per_gas),
            priority: Some(narrow(max_priority_fee_per_gas)),
        },
        GasFees::Fixed { gas_price } => Fees {
            most: narrow(gas_price),
            priority: None,
        },
    }
}

fn gas_fees(fees: Fees) -> GasFees {
    match fees.priority {
        Some(priority) => GasFees::Market {
            max_fee_per_gas: fees.most.into(),
            max_priority_fee_per_gas: priority.into(),
        },
        None => GasFees::Fixed {
            gas_price: fees.most.into(),
        },
    }
}
