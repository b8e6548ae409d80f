//! Two payments of the same money, and a purse that is stopped before it does harm.

use anyhow::{Context, Result, bail, ensure};
use offpay_protocol::{acceptance::Refusal, messages::Payment};

use super::offline::{Devices, knew, open_purse};
use crate::{
    demo::{
        books::Place,
        cast::Who,
        report::Step,
        stage::Stage,
        wallets::{PayerDevice, certify},
    },
    money::offpay,
};

/// Signed twice, reported by a stranger, refused by the next payee, and both payees are paid.
pub(in crate::demo) async fn play(stage: &mut Stage, devices: &mut Devices) -> Result<()> {
    stage.report.chapter("5  A double spend is stopped")?;
    let mut mallory = PayerDevice::new("Mallory's other phone", stage.domain())?;
    let purse = open_purse(
        stage,
        &mallory,
        Who::Mallory,
        "Mallory's other purse",
        "40",
        "60",
    )
    .await?;
    stage.finalize().await?;
    devices.merchant.sync(stage).await?;
    devices.bob.sync(stage).await?;
    let certificate = certify(stage, mallory.purse()).await?;
    let now = stage.now().await?;

    let request = devices.merchant.request("20", "a lamp")?;
    let first = mallory.pay(&request)?;
    let accepted = devices
        .merchant
        .take(stage, &request, &first, &certificate, now)?;
    let note = knew("The merchant", &accepted.context("the merchant refused")?);
    stage
        .step(
            Step::new(Who::Mallory, "pays the merchant 20 for a lamp")
                .payments(1)
                .note(note),
        )
        .await?;

    let request = devices.bob.request("20", "a chair")?;
    let reference = request.reference(&stage.domain());
    let second = mallory.sign(Payment {
        payee: request.payee,
        reference,
        ..first.message
    })?;
    let accepted = devices
        .bob
        .take(stage, &request, &second, &certificate, now)?;
    let note = knew("Bob", &accepted.context("Bob refused")?);
    let step = Step::new(Who::Mallory, "pays Bob 20 with the same serials").payments(1);
    stage.step(step.note(note)).await?;

    let report = stage.contract.report_double_spend(&first, &second)?;
    let mined = report.send(stage.sender(Who::Watcher)?).await?;
    ensure!(mined.outcome.is_some(), "the purse did not begin to close");
    let step = Step::new(
        Who::Watcher,
        "reports the two payments: the purse is stopped",
    );
    stage
        .step(
            step.mined(&mined)
                .note("The signatures are the evidence: no clock, no order, no witness."),
        )
        .await?;

    stage.finalize().await?;
    devices.merchant.sync(stage).await?;
    let request = devices.merchant.request("15", "a clock")?;
    let third = mallory.pay(&request)?;
    let now = stage.now().await?;
    match devices
        .merchant
        .take(stage, &request, &third, &certificate, now)?
    {
        Err(Refusal::Revoked) => {}
        other => bail!("the merchant should have refused a stopped purse: {other:?}"),
    }
    stage
        .step(Step::new(
            Who::Merchant,
            "refuses Mallory's next payment: the purse is revoked",
        ))
        .await?;

    let mined = stage
        .contract
        .settle_all(&[first, second])?
        .send(stage.sender(Who::Operator)?)
        .await?;
    ensure!(
        mined.outcome.defaults.is_empty(),
        "there should have been money for both"
    );
    for who in [Who::Merchant, Who::Bob] {
        stage.shift(purse, Place::Balance(who), offpay("20")?)?;
    }
    let step = Step::new(
        Who::Operator,
        "settles both in a batch: there was still money for both",
    );
    stage.step(step.mined(&mined)).await?;
    devices.mallory.push((mallory, purse));
    Ok(())
}
