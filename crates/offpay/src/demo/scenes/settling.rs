//! Bringing payments on-chain, and proving that they took place.

use anyhow::{Context, Result, ensure};
use offpay_chain::{ProofBlock, prove_payment};
use offpay_protocol::{Amount, Signed, messages::Payment};

use super::offline::Devices;
use crate::{
    demo::{books::Place, cast::Who, report::Step, stage::Stage},
    money::{DECIMALS, show},
};

/// One transaction for three payments, a batch for the other, proofs of both.
pub(in crate::demo) async fn play(stage: &mut Stage, devices: &Devices) -> Result<()> {
    stage.report.chapter("3  Settle, and prove")?;
    let purse = Place::Purse(devices.alice.purse(), "Alice's purse");
    let newest = devices.to_merchant.last().context("no payment to settle")?;
    let total = newest.message.cumulative;

    let mined = stage
        .contract
        .settle(newest)?
        .send(stage.sender(Who::Merchant)?)
        .await?;
    let credited = mined.outcome.credited.and_then(|row| row.amount);
    ensure!(
        credited == Some(total),
        "the merchant was credited {credited:?} instead of {total}"
    );
    stage.shift(purse, Place::Balance(Who::Merchant), total)?;
    let step = Step::new(
        Who::Merchant,
        "settles its three payments with one transaction",
    );
    stage
        .step(
            step.mined(&mined)
                .note("The newest payment names the sum of all: it settles the earlier ones."),
        )
        .await?;

    let batch: Vec<_> = devices.to_bob.iter().chain([newest]).copied().collect();
    let mined = stage
        .contract
        .settle_all(&batch)?
        .send(stage.sender(Who::Operator)?)
        .await?;
    let to_bob = devices.to_bob.last().context("no payment to Bob")?;
    ensure!(
        mined.outcome.credited.len() == 1 && mined.outcome.skipped.is_empty(),
        "the batch did something else"
    );
    stage.shift(purse, Place::Balance(Who::Bob), to_bob.message.cumulative)?;
    let step = Step::new(Who::Operator, "settles Bob's payment in a batch");
    stage
        .step(
            step.mined(&mined)
                .note("The merchant's is in it again: settled already, so nothing happens."),
        )
        .await?;

    stage.finalize().await?;
    prove(stage, Who::Merchant, newest).await?;
    prove(stage, Who::Bob, to_bob).await
}

/// Proves that a payment took place.
pub(in crate::demo) async fn prove(
    stage: &mut Stage,
    who: Who,
    payment: &Signed<Payment>,
) -> Result<()> {
    let purse = payment.signer()?;
    let Payment {
        payee, cumulative, ..
    } = payment.message;
    let node = stage.chain.node();
    let proof = prove_payment(
        node,
        None,
        stage.contract.address(),
        purse,
        payee,
        ProofBlock::Finalized,
    )
    .await?;
    ensure!(
        proof.covers(cumulative),
        "the proof says {}, not {cumulative}",
        proof.paid
    );
    let more = cumulative
        .checked_add(Amount::from_u64(1))
        .unwrap_or(Amount::MAX);
    ensure!(!proof.covers(more), "the proof says more than was paid");
    let nodes = proof
        .nodes
        .account_proof
        .len()
        .saturating_add(proof.nodes.storage_proof.len());
    let step = Step::new(
        who,
        format!(
            "checks a proof that it was paid {}",
            show(cumulative, DECIMALS)
        ),
    );
    let note = format!(
        "One storage slot, {nodes} trie nodes, verified here against the state root of final block {}.",
        proof.anchor.header.number
    );
    stage.step(step.note(note)).await
}
