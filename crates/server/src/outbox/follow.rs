//! What became of the transactions that are on their way.

use alloy_primitives::{Address, B256};
use offpay_chain::{BlockId, Node};
use offpay_operator::{
    event::{Audience, NewEvent},
    outbox::{InFlight, StoredTransaction, TransactionState},
    storage::{EventStorage, OutboxStorage, Outcome},
};
use offpay_protocol::Timestamp;
use serde_json::json;

use super::{
    Outbox, OutboxError, Suspicion,
    witness::{Seen, Verdict, Witness, compare},
};
use crate::config::outbox::seconds;

/// After how long a disagreement of the nodes is told: until then one of them may be a few blocks behind.
const DISAGREEMENT_S: u64 = 60;

impl Outbox {
    /// Looks where each transaction is, and records what changed; gives how many did.
    pub(super) async fn follow(
        &self,
        sender: Address,
        flights: &[InFlight],
        now: Timestamp,
    ) -> Result<usize, OutboxError> {
        if flights.is_empty() {
            return Ok(0);
        }
        let nodes = self.all_nodes().await?;
        let mut witnesses = Vec::with_capacity(nodes.len());
        for node in nodes {
            witnesses.push(Witness::new(node, sender).await?);
        }
        let mut changed: usize = 0;
        for flight in flights {
            let mut seen = Vec::with_capacity(witnesses.len());
            for witness in &mut witnesses {
                seen.push(witness.see(flight).await?);
            }
            let number = flight.transaction.number;
            let verdict = compare(&seen);
            if verdict != Verdict::Disagree {
                self.clear(number, Suspicion::Disagreement);
            }
            let outcome = match verdict {
                Verdict::In(seen) => self.in_block(flight, &seen).await,
                Verdict::Nowhere if flight.included().is_some() => Some(Outcome::TakenBack),
                Verdict::Nowhere if self.is_lost(flight, &witnesses, now) => Some(Outcome::Lost),
                Verdict::Nowhere => None,
                Verdict::Disagree => {
                    self.disagreement(flight, now).await?;
                    None
                }
            };
            if let Some(outcome) = outcome {
                let events = events(&flight.transaction, &outcome);
                self.database
                    .record_outcome(number, &outcome, &events, now)
                    .await?;
                tracing::info!(
                    number,
                    work = flight.transaction.work,
                    outcome = said(&outcome),
                    "transaction"
                );
                changed = changed.saturating_add(1);
            }
        }
        Ok(changed)
    }

    /// What is new about a transaction that all nodes see in a block.
    async fn in_block(&self, flight: &InFlight, seen: &Seen) -> Option<Outcome> {
        let known = flight
            .included()
            .map(|(attempt, inclusion)| (attempt.signed.hash, inclusion));
        if known == Some((seen.hash, seen.inclusion)) && !seen.is_final {
            return None;
        }
        let cancels = flight
            .attempts
            .iter()
            .any(|attempt| attempt.signed.hash == seen.hash && attempt.signed.cancels);
        let failure = if cancels {
            Some("cancelled".to_owned())
        } else if seen.inclusion.succeeded {
            None
        } else {
            Some(match &flight.transaction.failure {
                Some(failure) => failure.clone(),
                None => self.reason(&flight.transaction, seen.inclusion.block).await,
            })
        };
        let (hash, inclusion) = (seen.hash, seen.inclusion);
        Some(if seen.is_final {
            Outcome::Final {
                hash,
                inclusion,
                failure,
            }
        } else {
            Outcome::Included {
                hash,
                inclusion,
                failure,
            }
        })
    }

    /// Why it reverted in its block. Its own state is lost: what the block left comes closest, then what it began with.
    async fn reason(&self, transaction: &StoredTransaction, block: u64) -> String {
        let from = self.sender_for(transaction.purpose).address();
        for block in [block, block.saturating_sub(1)] {
            if let Some(code) = refusal(&self.parts.node, from, transaction, block).await {
                return code;
            }
        }
        "reverted".into()
    }

    /// Whether its nonce was used for something else for good: all nodes say so, and said so for a while, because one
    /// that lags behind itself could forget a receipt for a moment.
    fn is_lost(&self, flight: &InFlight, witnesses: &[Witness<'_>], now: Timestamp) -> bool {
        let number = flight.transaction.number;
        let used = flight
            .nonce()
            .is_some_and(|nonce| witnesses.iter().all(|witness| witness.final_nonce > nonce));
        if !used {
            self.clear(number, Suspicion::Lost);
            return false;
        }
        let since = self.suspect(number, Suspicion::Lost, now);
        let lost = now >= since.saturating_add(seconds(self.parts.config.lost_s));
        if lost {
            self.clear(number, Suspicion::Lost);
            tracing::error!(
                number,
                "the nonce was used by something else: does another program send with this key?"
            );
        }
        lost
    }

    /// Believes neither; tells the operator once it lasts.
    async fn disagreement(&self, flight: &InFlight, now: Timestamp) -> Result<(), OutboxError> {
        let transaction = &flight.transaction;
        let since = self.suspect(transaction.number, Suspicion::Disagreement, now);
        tracing::warn!(
            number = transaction.number,
            "the nodes disagree about a transaction"
        );
        if now >= since.saturating_add(seconds(DISAGREEMENT_S)) {
            self.suspects().insert(
                (transaction.number, Suspicion::Disagreement),
                Timestamp::MAX,
            );
            let event = NewEvent {
                audience: Audience::Operator,
                kind: "nodes.disagree",
                body: json!({ "transaction": transaction.number.to_string(), "work": transaction.work }),
            };
            self.database.append_events(&[event], now).await?;
        }
        Ok(())
    }
}

async fn refusal(
    node: &Node,
    from: Address,
    transaction: &StoredTransaction,
    block: u64,
) -> Option<String> {
    let calldata = transaction.calldata.clone().into();
    let refusal = node
        .refusal(
            from,
            transaction.to.into(),
            calldata,
            BlockId::number(block),
        )
        .await;
    refusal.ok().flatten().map(|error| error.code().to_owned())
}

/// What the operator is told.
fn events(transaction: &StoredTransaction, outcome: &Outcome) -> Vec<NewEvent> {
    let told = |kind, failure: Option<&String>| NewEvent {
        audience: Audience::Operator,
        kind,
        body: json!({
            "transaction": transaction.number.to_string(),
            "work": transaction.work,
            "purpose": transaction.purpose.name(),
            "failure": failure,
        }),
    };
    match outcome {
        Outcome::Included {
            failure: Some(failure),
            ..
        } => {
            vec![told("transaction.failed", Some(failure))]
        }
        // Told when it was included, unless it never was seen before.
        Outcome::Final {
            failure: Some(failure),
            ..
        } if transaction.state != TransactionState::Failed => {
            vec![told("transaction.failed", Some(failure))]
        }
        Outcome::TakenBack => vec![told("transaction.taken_back", None)],
        Outcome::Lost => vec![told("transaction.nonce_lost", None)],
        Outcome::Included { .. } | Outcome::Final { .. } => Vec::new(),
    }
}

/// An outcome as the log has it.
fn said(outcome: &Outcome) -> String {
    let (word, hash, inclusion, failure) = match outcome {
        Outcome::Included {
            hash,
            inclusion,
            failure,
        } => ("included", hash, inclusion, failure),
        Outcome::Final {
            hash,
            inclusion,
            failure,
        } => ("final", hash, inclusion, failure),
        Outcome::TakenBack => return "taken back".to_owned(),
        Outcome::Lost => return "lost".to_owned(),
    };
    let told = format!("{word}: {} in block {}", B256::from(*hash), inclusion.block);
    match failure {
        Some(failure) => format!("{told}, reverted: {failure}"),
        None => told,
    }
}
