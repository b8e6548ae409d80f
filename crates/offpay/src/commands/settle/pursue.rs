//! The way to the money, by what the chain says.

use std::path::Path;

use alloy_primitives::TxHash;
use anyhow::{Context, Result};
use offpay_chain::{BlockId, Contract, Operation, Sender, contract::Pair};
use offpay_protocol::{Signed, Timestamp, messages::Payment};

use super::State;
use crate::record::Record;

/// Settles, and collects from collateral where the settlement period is over.
///
/// Every transaction is written into the record before it is sent, so that a run that is cut off is found again.
pub(super) async fn pursue(
    contract: &Contract,
    sender: &Sender,
    record: &mut Record,
    file: &Path,
) -> Result<(State, Vec<TxHash>)> {
    let signed = record
        .signed_payment
        .context("the record holds no signed payment")?;
    let (purse, payee) = (signed.signer()?, signed.message.payee);
    await_earlier_run(contract, record).await?;
    let mut sent = Vec::new();
    let mut pair = contract.pair(purse, payee).await?;
    if !is_paid(&pair, &signed) && has_something_to_settle(contract, &pair, &signed).await? {
        sent.push(send(&contract.settle(&signed)?, contract, sender, record, file).await?);
        pair = contract.pair(purse, payee).await?;
    }
    if !is_paid(&pair, &signed) && period_is_over(contract, &pair).await? {
        let collect = contract.settle_after_settlement_period(purse, payee);
        sent.push(send(&collect, contract, sender, record, file).await?);
        pair = contract.pair(purse, payee).await?;
    }
    let state = state(contract, &pair, &signed, sent.is_empty());
    let settled = matches!(state, State::Settled | State::SettledBefore);
    if record.transaction.is_settled != settled {
        record.transaction.is_settled = settled;
        record.write(file)?;
    }
    Ok((state, sent))
}

/// A transaction that an earlier run sent and did not see mined is waited for, rather than sent again.
async fn await_earlier_run(contract: &Contract, record: &Record) -> Result<()> {
    let hash = record
        .transaction
        .tx_hash
        .as_deref()
        .and_then(|hash| hash.parse::<TxHash>().ok());
    let Some(hash) = hash else { return Ok(()) };
    if contract.node().knows(hash).await? {
        contract.node().mined(hash).await?;
    }
    Ok(())
}

fn is_paid(pair: &Pair, signed: &Signed<Payment>) -> bool {
    pair.paid >= signed.message.cumulative
}

/// Settling helps unless the payment was presented before and the purse has got no money since.
async fn has_something_to_settle(
    contract: &Contract,
    pair: &Pair,
    signed: &Signed<Payment>,
) -> Result<bool> {
    if pair.presented < signed.message.cumulative {
        return Ok(true);
    }
    let purse = contract
        .purse(signed.signer()?)
        .await?
        .context("the purse is gone")?;
    Ok(!purse.rest().is_zero())
}

async fn period_is_over(contract: &Contract, pair: &Pair) -> Result<bool> {
    let Some(until) = end_of_period(contract, pair) else {
        return Ok(false);
    };
    Ok(contract.node().block(BlockId::latest()).await?.timestamp >= until)
}

fn end_of_period(contract: &Contract, pair: &Pair) -> Option<Timestamp> {
    let period = contract.configuration().parameters.settlement_period;
    pair.in_default_since
        .map(|since| since.saturating_add(period))
}

fn state(contract: &Contract, pair: &Pair, signed: &Signed<Payment>, nothing_sent: bool) -> State {
    if is_paid(pair, signed) {
        return if nothing_sent {
            State::SettledBefore
        } else {
            State::Settled
        };
    }
    match end_of_period(contract, pair) {
        Some(until) => State::InDefault {
            until,
            reserved: pair.reserved,
        },
        None => State::PaidInPart,
    }
}

/// Sends an operation whose transaction is in the record before.
async fn send<R>(
    operation: &Operation<R>,
    contract: &Contract,
    sender: &Sender,
    record: &mut Record,
    file: &Path,
) -> Result<TxHash> {
    let transaction = operation.sign(sender).await?;
    let hash = transaction.hash;
    record.transaction.tx_hash = Some(hash.to_string());
    record.write(file)?;
    transaction.send(contract.node()).await?;
    Ok(hash)
}
