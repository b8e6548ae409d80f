//! A fresh chain, the contract, and people who register.

use alloy_primitives::U256;
use anyhow::Result;
use offpay_chain::{Configuration, LocalChain, LocalChainOptions, deploy_contract, deploy_token};
use offpay_protocol::{AccountId, Amount, Seconds, cover::Parameters};

use crate::{
    demo::{
        books::Place,
        cast::{Cast, Who},
        report::{Report, Step},
        stage::Stage,
    },
    money::offpay,
    output::Output,
};

/// Starts the chain and deploys.
pub(in crate::demo) async fn deploy(output: &Output, json: bool) -> Result<Stage> {
    let mut report = Report::new(output, json);
    report.chapter("1  A contract that nobody owns")?;
    let options = LocalChainOptions {
        slots_in_an_epoch: Some(1),
        ..Default::default()
    };
    let chain = LocalChain::start(&options).await?;
    let cast = Cast::gather(&chain).await?;
    let operator = cast.sender(Who::Operator)?.clone();

    let token = deploy_token(chain.node(), &operator, operator.address()).await?;
    let treasury = cast.account(Who::Treasury)?;
    let parameters = Parameters::standard(offpay("10")?);
    let configuration = Configuration {
        token: token.address,
        treasury,
        parameters,
    };
    let (contract, deployment) = deploy_contract(chain.node(), &operator, &configuration).await?;

    let mut stage = Stage::new(chain, contract, cast, report);
    let mut step = Step::new(
        Who::Operator,
        "deploys the token $OFFPAY, and OffPay for it",
    );
    for tx in [token.tx, deployment.tx].into_iter().flatten() {
        let receipt = stage.chain.node().mined(tx).await?;
        step = step.transaction(tx, receipt.gas_used);
    }
    let step = step.note(format!(
        "at {}, an address that depends on the parameters alone: to make good 1 day,\n\
         to close 7 days, penalty 50 % (circle 10 %). No owner, no pause, no upgrade.",
        deployment.contract
    ));
    stage.step(step).await?;
    Ok(stage)
}

/// People get tokens, register with collateral, and add balance; the circle is filled.
pub(in crate::demo) async fn register(stage: &mut Stage) -> Result<()> {
    for who in [Who::Alice, Who::Bob, Who::Mallory, Who::Merchant] {
        give(stage, who, offpay("1000")?).await?;
    }
    for (who, collateral, balance) in [
        (Who::Alice, "200", "300"),
        (Who::Bob, "50", "200"),
        (Who::Mallory, "200", "200"),
    ] {
        join(stage, who, offpay(collateral)?, offpay(balance)?).await?;
    }
    join_with_permit(stage, Who::Merchant, offpay("50")?, offpay("20")?).await?;
    for who in [Who::Merchant, Who::Bob] {
        admit(stage, who).await?;
    }
    stage
        .pass(Seconds::days(7), "7 days pass: the memberships count")
        .await
}

async fn give(stage: &mut Stage, who: Who, amount: Amount) -> Result<()> {
    let to = stage.account(who)?.address();
    let moved = stage
        .token
        .mint(stage.sender(Who::Operator)?, to, amount)
        .await?;
    stage.books.mint(who, amount)?;
    stage
        .step(Step::new(Who::Operator, format!("gives {who} play money")).moved(&moved))
        .await
}

/// Approves once, registers, deposits.
async fn join(stage: &mut Stage, who: Who, collateral: Amount, balance: Amount) -> Result<()> {
    let sender = stage.sender(who)?.clone();
    let both = collateral.checked_add(balance).unwrap_or(Amount::MAX);
    let approved = stage
        .token
        .approve(&sender, stage.contract.address(), both)
        .await?;
    let registered = stage.contract.register(collateral).send(&sender).await?;
    let deposited = stage.contract.deposit(balance).send(&sender).await?;
    enter(stage, who, collateral, balance)?;
    let step = Step::new(who, "registers with collateral and adds balance");
    stage
        .step(step.moved(&approved).mined(&registered).mined(&deposited))
        .await
}

/// The same without an approval for the deposit: a signed permit, which anyone may bring.
async fn join_with_permit(
    stage: &mut Stage,
    who: Who,
    collateral: Amount,
    balance: Amount,
) -> Result<()> {
    let sender = stage.sender(who)?.clone();
    let approved = stage
        .token
        .approve(&sender, stage.contract.address(), collateral)
        .await?;
    let registered = stage.contract.register(collateral).send(&sender).await?;
    let permit = stage
        .token
        .permit(sender.key(), stage.contract.address(), balance, U256::MAX)
        .await?;
    let deposit = stage
        .contract
        .deposit_with_permit(sender.account(), balance, U256::MAX, &permit);
    let deposited = deposit.send(stage.sender(Who::Operator)?).await?;
    enter(stage, who, collateral, balance)?;
    let step = Step::new(who, "registers, and adds balance by a signed permit");
    stage
        .step(step.moved(&approved).mined(&registered).mined(&deposited))
        .await
}

fn enter(stage: &mut Stage, who: Who, collateral: Amount, balance: Amount) -> Result<()> {
    stage.shift(Place::Tokens(who), Place::Collateral(who), collateral)?;
    stage.shift(Place::Tokens(who), Place::Balance(who), balance)
}

async fn admit(stage: &mut Stage, who: Who) -> Result<()> {
    let payee: AccountId = stage.account(who)?;
    let mined = stage
        .contract
        .admit(payee)
        .send(stage.sender(Who::Operator)?)
        .await?;
    let step = Step::new(Who::Operator, format!("admits {who} to its circle")).mined(&mined);
    stage
        .step(step.note("Counts in 7 days: nobody joins behind the back of who is offline."))
        .await
}
