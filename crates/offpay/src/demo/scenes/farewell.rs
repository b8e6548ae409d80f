//! Everything is closed, everybody goes home, and nothing is left.

use anyhow::{Context, Result, ensure};
use offpay_protocol::{Amount, Seconds};

use super::{channel::Pipe, offline::Devices};
use crate::{
    demo::{books::Place, cast::Who, report::Step, stage::Stage, wallets::PayerDevice},
    money::{DECIMALS, offpay, show},
};

/// Closes purses and the channel, and withdraws all.
pub(in crate::demo) async fn play(stage: &mut Stage, devices: &Devices, pipe: &Pipe) -> Result<()> {
    stage.report.chapter("9  Everybody goes home")?;
    stage
        .pass(
            Seconds::days(7),
            "7 days pass: all that was closing can close",
        )
        .await?;

    let [(first, condemned), (second, stopped)] = devices.mallory.as_slice() else {
        anyhow::bail!("Mallory should have two purses");
    };
    let (pledge, claimed) = (offpay("100")?, offpay("30")?);
    close_condemned(stage, first, *condemned, pledge.saturating_sub(claimed)).await?;
    let note = "Nobody was harmed, so nothing is lost: the pledge of 60 is free again.";
    close_purse(stage, second, *stopped, Who::Mallory, offpay("60")?, note).await?;
    let place = Place::Purse(devices.alice.purse(), "Alice's purse");
    let note = "The rest is Alice's again, and so is the whole pledge.";
    close_purse(stage, &devices.alice, place, Who::Alice, pledge, note).await?;
    finalize_channel(stage, pipe).await?;

    for who in Who::ALL {
        withdraw(stage, who).await?;
    }
    stage.finalize().await?;
    let left = stage.token.balance(stage.contract.address()).await?;
    ensure!(left.is_zero(), "the contract still holds {left} base units");
    let payment = devices.to_merchant.last().context("no payment to prove")?;
    super::settling::prove(stage, Who::Merchant, payment).await
}

/// What is left of the pledge goes to the treasury.
async fn close_condemned(
    stage: &mut Stage,
    device: &PayerDevice,
    place: Place,
    left: Amount,
) -> Result<()> {
    let mined = stage
        .contract
        .close_purse(device.purse())
        .send(stage.sender(Who::Watcher)?)
        .await?;
    ensure!(
        mined.outcome.forfeited == left,
        "{} was forfeited instead of {left}",
        mined.outcome.forfeited
    );
    ensure!(
        mined.outcome.released.is_zero() && mined.outcome.rest.is_zero(),
        "something came back"
    );
    stage.shift(
        Place::Collateral(Who::Mallory),
        Place::Balance(Who::Treasury),
        left,
    )?;
    stage.books.unpledge(Who::Mallory, left);
    ensure!(
        stage.books.at(place).is_zero(),
        "the condemned purse still holds money"
    );
    let step = Step::new(
        Who::Watcher,
        format!(
            "closes the condemned purse: {} is forfeited",
            show(left, DECIMALS)
        ),
    );
    let note = "Handing 50 to a friend first has cost Mallory its whole pledge of 100.";
    stage.step(step.mined(&mined).note(note)).await
}

async fn close_purse(
    stage: &mut Stage,
    device: &PayerDevice,
    place: Place,
    owner: Who,
    pledge: Amount,
    note: &str,
) -> Result<()> {
    let rest = stage.books.at(place);
    let mined = stage
        .contract
        .close_purse(device.purse())
        .send(stage.sender(Who::Watcher)?)
        .await?;
    ensure!(
        mined.outcome.rest == rest,
        "{} came back instead of {rest}",
        mined.outcome.rest
    );
    ensure!(
        mined.outcome.released == pledge,
        "{} was released instead of {pledge}",
        mined.outcome.released
    );
    stage.shift(place, Place::Balance(owner), rest)?;
    stage.books.unpledge(owner, pledge);
    let Place::Purse(_, name) = place else {
        anyhow::bail!("{place:?} is no purse")
    };
    let step = Step::new(Who::Watcher, format!("closes {name}")).mined(&mined);
    stage.step(step.note(note)).await
}

async fn finalize_channel(stage: &mut Stage, pipe: &Pipe) -> Result<()> {
    let mined = stage
        .contract
        .finalize_channel(&pipe.terms)
        .send(stage.sender(Who::Merchant)?)
        .await?;
    let due = pipe
        .position
        .payout()
        .context("the channel holds 2^96 or more")?;
    ensure!(
        mined.outcome.to_a == due.to_a && mined.outcome.to_b == due.to_b,
        "the channel paid something else"
    );
    stage.shift(pipe.place, Place::Balance(Who::Mallory), due.to_a)?;
    stage.shift(pipe.place, Place::Balance(Who::Merchant), due.to_b)?;
    let step = Step::new(
        Who::Merchant,
        "finalizes Mallory's channel: 20 by the newest voucher",
    );
    stage.step(step.mined(&mined)).await
}

async fn withdraw(stage: &mut Stage, who: Who) -> Result<()> {
    let (sender, to) = (stage.sender(who)?.clone(), stage.account(who)?.address());
    let (balance, collateral) = (
        stage.books.at(Place::Balance(who)),
        stage.books.at(Place::Collateral(who)),
    );
    if balance.is_zero() && collateral.is_zero() {
        return Ok(());
    }
    let mut step = Step::new(who, "withdraws everything");
    if !balance.is_zero() {
        step = step.mined(&stage.contract.withdraw(to, balance).send(&sender).await?);
        stage.shift(Place::Balance(who), Place::Tokens(who), balance)?;
    }
    if !collateral.is_zero() {
        step = step.mined(
            &stage
                .contract
                .withdraw_collateral(to, collateral)
                .send(&sender)
                .await?,
        );
        stage.shift(Place::Collateral(who), Place::Tokens(who), collateral)?;
    }
    stage.step(step).await
}
