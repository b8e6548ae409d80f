//! A payer that takes its money back before the payee comes.

use anyhow::{Context, Result, ensure};
use offpay_protocol::{Reference, Seconds, messages::Payment};

use super::offline::{Devices, knew, open_purse};
use crate::{
    demo::{
        books::Place,
        cast::Who,
        report::Step,
        stage::Stage,
        wallets::{PayerDevice, certify},
    },
    money::{DECIMALS, offpay, show},
};

/// Drained, defaulted, and paid out of collateral.
pub(in crate::demo) async fn play(stage: &mut Stage, devices: &mut Devices) -> Result<()> {
    stage.report.chapter("4  A cheat pays for it")?;
    let mut mallory = PayerDevice::new("Mallory's phone", stage.domain())?;
    let purse = open_purse(
        stage,
        &mallory,
        Who::Mallory,
        "Mallory's purse",
        "60",
        "100",
    )
    .await?;
    stage.finalize().await?;
    devices.merchant.sync(stage).await?;
    let certificate = certify(stage, mallory.purse()).await?;

    let request = devices.merchant.request("40", "a radio")?;
    let payment = mallory.pay(&request)?;
    let now = stage.now().await?;
    let accepted = devices
        .merchant
        .take(stage, &request, &payment, &certificate, now)?;
    let accepted = accepted.context("the merchant refused")?;
    let step = Step::new(Who::Mallory, "pays the merchant 40 for a radio").payments(1);
    stage
        .step(step.note(knew("The merchant", &accepted)))
        .await?;

    // The same serials again, to a friend.
    let drain = offpay("50")?;
    let drained = mallory.sign(Payment {
        payee: stage.account(Who::Friend)?,
        start: payment.message.start,
        amount: drain,
        cumulative: drain,
        reference: Reference::ZERO,
    })?;
    let mined = stage
        .contract
        .settle(&drained)?
        .send(stage.sender(Who::Mallory)?)
        .await?;
    stage.shift(purse, Place::Balance(Who::Friend), drain)?;
    let step = Step::new(
        Who::Mallory,
        "drains the purse: signs 50 to a friend and settles it first",
    );
    stage.step(step.payments(1).mined(&mined)).await?;

    let mined = stage
        .contract
        .settle(&payment)?
        .send(stage.sender(Who::Merchant)?)
        .await?;
    let credited = mined
        .outcome
        .credited
        .and_then(|row| row.amount)
        .context("nothing was credited")?;
    let default = mined
        .outcome
        .default
        .context("the purse is not in default")?;
    let owed = payment.message.cumulative.saturating_sub(credited);
    ensure!(
        default.reserved == owed,
        "{} is reserved, {owed} is owed",
        default.reserved
    );
    stage.shift(purse, Place::Balance(Who::Merchant), credited)?;
    let step = Step::new(Who::Merchant, "settles and gets only what was left");
    let note = format!(
        "{} of 40: the rest, {}, is reserved for it out of Mallory's pledge. Mallory has a day to make good.",
        show(credited, DECIMALS),
        show(default.reserved, DECIMALS),
    );
    stage.step(step.mined(&mined).note(note)).await?;

    stage
        .pass(Seconds::DAY, "1 day passes: Mallory does not make good")
        .await?;
    let (key, payee) = (mallory.purse(), stage.account(Who::Merchant)?);
    let claim = stage.contract.settle_after_settlement_period(key, payee);
    let mined = claim.send(stage.sender(Who::Merchant)?).await?;
    ensure!(
        mined.outcome.amount == owed && mined.outcome.condemned,
        "the claim did something else"
    );
    stage.shift(
        Place::Collateral(Who::Mallory),
        Place::Balance(Who::Merchant),
        owed,
    )?;
    stage.books.unpledge(Who::Mallory, owed);
    let step = Step::new(
        Who::Merchant,
        format!(
            "is paid {} out of Mallory's collateral",
            show(owed, DECIMALS)
        ),
    );
    let note = "It has its 40, as its phone had said. The purse is condemned: the rest of the pledge is lost.";
    stage.step(step.mined(&mined).note(note)).await?;

    stage.finalize().await?;
    super::settling::prove(stage, Who::Merchant, &payment).await?;
    devices.mallory.push((mallory, purse));
    Ok(())
}
