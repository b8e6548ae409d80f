//! Acting without gas money.

use alloy_primitives::U256;
use anyhow::{Result, ensure};
use offpay_protocol::{Seconds, Signable, messages::Relay};

use super::offline::Devices;
use crate::{
    demo::{books::Place, cast::Who, report::Step, stage::Stage},
    money::offpay,
};

/// Alice signs what is to be done, fee included; the operator sends it.
pub(in crate::demo) async fn play(stage: &mut Stage, devices: &Devices) -> Result<()> {
    stage.report.chapter("6  No gas money needed")?;
    let fee = offpay("0.25")?;
    let operator = stage.account(Who::Operator)?;
    let close = stage.contract.request_purse_close(devices.alice.purse());
    let pay = stage.contract.transfer(operator, fee);
    let relay = Relay {
        account: stage.account(Who::Alice)?,
        calls: vec![close.calldata().clone(), pay.calldata().clone()],
        nonce: U256::from(1),
        deadline: stage.now().await?.saturating_add(Seconds::HOUR),
    };
    let signature = relay.sign(&stage.domain(), stage.cast.key(Who::Alice)?)?;
    stage
        .step(Step::new(
            Who::Alice,
            "signs: close my purse, and pay the sender 0.25",
        ))
        .await?;

    let mined = stage
        .contract
        .relay(&relay, &signature.into())
        .send(stage.sender(Who::Operator)?)
        .await?;
    ensure!(
        stage
            .contract
            .is_nonce_used(relay.account, relay.nonce)
            .await?,
        "the nonce is still unused"
    );
    stage.shift(
        Place::Balance(Who::Alice),
        Place::Balance(Who::Operator),
        fee,
    )?;
    let step = Step::new(Who::Operator, "sends it, pays the gas and gets the fee");
    stage
        .step(step.mined(&mined).note("All of the signed calls, or none."))
        .await
}
