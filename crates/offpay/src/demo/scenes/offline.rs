//! Paying with no network.

use anyhow::{Context, Result};
use offpay_protocol::{
    Signed,
    acceptance::{Accepted, Verdict},
    messages::Payment,
};

use crate::{
    demo::{
        books::Place,
        cast::Who,
        report::Step,
        stage::Stage,
        wallets::{PayeeDevice, PayerDevice, certify, consent, terms},
    },
    money::{DECIMALS, offpay, show},
};

/// The phones, and what they hold.
pub(in crate::demo) struct Devices {
    pub(in crate::demo) alice: PayerDevice,
    pub(in crate::demo) merchant: PayeeDevice,
    pub(in crate::demo) bob: PayeeDevice,
    /// Alice's payments to the merchant.
    pub(in crate::demo) to_merchant: Vec<Signed<Payment>>,
    /// Alice's payment to Bob.
    pub(in crate::demo) to_bob: Vec<Signed<Payment>>,
    /// Mallory's purses, for closing them.
    pub(in crate::demo) mallory: Vec<(PayerDevice, Place)>,
}

/// Alice opens a purse; then three payments to the merchant and one to Bob, with no transaction.
pub(in crate::demo) async fn play(stage: &mut Stage) -> Result<Devices> {
    stage.report.chapter("2  Pay with no network")?;
    let mut alice = PayerDevice::new("Alice's phone", stage.domain())?;
    open_purse(stage, &alice, Who::Alice, "Alice's purse", "100", "100").await?;
    stage.finalize().await?;
    let certificate = certify(stage, alice.purse()).await?;
    let mut merchant = PayeeDevice::new(stage, Who::Merchant)?;
    let mut bob = PayeeDevice::new(stage, Who::Bob)?;
    merchant.sync(stage).await?;
    bob.sync(stage).await?;
    stage
        .step(
            Step::new(Who::Operator, "signs a certificate of the purse's terms")
                .note("Alice's phone holds it. From here on nobody has a network."),
        )
        .await?;

    let mut to_merchant = Vec::new();
    for (amount, memo) in [("5", "bread"), ("12.5", "cheese"), ("8", "wine")] {
        let request = merchant.request(amount, memo)?;
        let payment = alice.pay(&request)?;
        let now = stage.now().await?;
        let accepted = merchant.take(stage, &request, &payment, &certificate, now)?;
        let accepted = accepted.context("the merchant refused an honest payment")?;
        to_merchant.push(payment);
        let what = format!("pays the merchant {amount} for {memo}");
        stage
            .step(
                Step::new(Who::Alice, what)
                    .payments(1)
                    .note(knew("The merchant", &accepted)),
            )
            .await?;
    }
    let request = bob.request("10", "a ride")?;
    let payment = alice.pay(&request)?;
    let now = stage.now().await?;
    let accepted = bob.take(stage, &request, &payment, &certificate, now)?;
    let accepted = accepted.context("Bob refused an honest payment")?;
    let step = Step::new(Who::Alice, "pays Bob 10 for a ride").payments(1);
    stage.step(step.note(knew("Bob", &accepted))).await?;
    Ok(Devices {
        alice,
        merchant,
        bob,
        to_merchant,
        to_bob: vec![payment],
        mallory: Vec::new(),
    })
}

/// Opens a purse in the operator's circle, with a cover for each of its members.
pub(in crate::demo) async fn open_purse(
    stage: &mut Stage,
    device: &PayerDevice,
    owner: Who,
    name: &'static str,
    funds: &str,
    pledge: &str,
) -> Result<Place> {
    let terms = terms(stage, device, funds, pledge)?;
    let consent = consent(device, stage.account(owner)?)?;
    let mined = stage
        .contract
        .open_purse(&terms, &consent)
        .send(stage.sender(owner)?)
        .await?;
    let place = Place::Purse(device.purse(), name);
    stage.shift(Place::Balance(owner), place, offpay(funds)?)?;
    stage.books.pledge(owner, offpay(pledge)?);
    let purse = stage
        .contract
        .purse(device.purse())
        .await?
        .context("the purse is not there")?;
    let cover = show(stage.contract.cover_of(&purse), DECIMALS);
    let step = Step::new(
        owner,
        format!("opens a purse of {funds}, pledging {pledge} of its collateral"),
    );
    let note =
        format!("2 covers of {cover}, and the circle has 2 members: each is certain of its own.");
    stage.step(step.mined(&mined).note(note)).await?;
    Ok(place)
}

/// What a payee knew, in words.
pub(in crate::demo) fn knew(payee: &str, accepted: &Accepted) -> String {
    let (exposure, cover) = (
        show(accepted.exposure, DECIMALS),
        show(accepted.cover, DECIMALS),
    );
    match accepted.verdict {
        Verdict::Guaranteed => format!(
            "{payee}'s phone, offline: guaranteed. {exposure} of {cover} covered, whatever anybody else does."
        ),
        Verdict::CoveredUpTo {
            up_to,
            while_at_most,
            ..
        } => format!(
            "{payee}'s phone, offline: covered up to {} while at most {while_at_most} payees claim.",
            show(up_to, DECIMALS)
        ),
        Verdict::NotCovered { why } => format!("{payee}'s phone, offline: not covered, {why}."),
    }
}
