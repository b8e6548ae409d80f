//! A channel that is closed with an old voucher, and a stranger who corrects it.

use anyhow::{Context, Result, ensure};
use offpay_protocol::channel::Side;

use super::channel::Pipe;
use crate::{
    demo::{books::Place, cast::Who, report::Step, stage::Stage},
    money::{DECIMALS, offpay, show},
};

/// Mallory pays the merchant ten times, then closes as if it had been once.
pub(in crate::demo) async fn play(stage: &mut Stage) -> Result<Pipe> {
    stage.report.chapter("8  An old voucher gains nothing")?;
    let mut pipe = Pipe::new(stage, Who::Mallory, Who::Merchant, "Mallory's channel")?;
    let deposit = offpay("50")?;
    let mined = stage
        .contract
        .open_channel(&pipe.terms, deposit)
        .send(stage.sender(Who::Mallory)?)
        .await?;
    stage.shift(Place::Balance(Who::Mallory), pipe.place, deposit)?;
    stage
        .step(
            Step::new(
                Who::Mallory,
                "opens a two-way channel to the merchant with 50",
            )
            .mined(&mined),
        )
        .await?;
    stage.finalize().await?;
    pipe.sync(stage).await?;

    let now = stage.now().await?;
    let mut vouchers = Vec::new();
    for _ in 0..10 {
        vouchers.push(pipe.pay(Side::A, offpay("2")?, now)?);
    }
    let step = Step::new(Who::Mallory, "pays the merchant 2, ten times").payments(10);
    stage
        .step(step.note("A watcher holds the merchant's newest voucher, too."))
        .await?;

    let (oldest, newest) = (
        vouchers.first().context("no voucher")?,
        vouchers.last().context("no voucher")?,
    );
    let sender = stage.sender(Who::Mallory)?.clone();
    let requested = stage
        .contract
        .request_channel_close(&pipe.terms)
        .send(&sender)
        .await?;
    let presented = stage
        .contract
        .present_voucher(&pipe.terms, oldest)?
        .send(&sender)
        .await?;
    let step = Step::new(
        Who::Mallory,
        "begins to close it with the first voucher, of 2",
    );
    stage.step(step.mined(&requested).mined(&presented)).await?;

    let corrected = stage
        .contract
        .present_voucher(&pipe.terms, newest)?
        .send(stage.sender(Who::Watcher)?)
        .await?;
    ensure!(corrected.outcome, "the newest voucher was not newer");
    let step = Step::new(
        Who::Watcher,
        "presents the newest voucher, of 20, for the merchant",
    );
    stage
        .step(
            step.mined(&corrected)
                .note("Anyone can, until the 7 days to close are over."),
        )
        .await?;

    let again = stage
        .contract
        .present_voucher(&pipe.terms, oldest)?
        .send(&sender)
        .await?;
    ensure!(!again.outcome, "an old voucher counted");
    let due = pipe
        .position
        .payout()
        .context("the channel holds 2^96 or more")?;
    let step = Step::new(Who::Mallory, "presents the old one again: nothing happens").mined(&again);
    let note = format!(
        "The merchant will get {}, Mallory the rest of its own.",
        show(due.to_b, DECIMALS)
    );
    stage.step(step.note(note)).await?;
    Ok(pipe)
}
