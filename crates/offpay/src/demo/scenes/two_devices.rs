//! Two wallet processes that provably have no network pay each other with pictures.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use offpay_chain::{
    Configuration, Contract, LocalChain, LocalChainOptions, ProofBlock, Sender, Token,
    deploy_contract, deploy_token, local::key, prove_payment,
};
use offpay_protocol::{PurseKey, Seconds, cover::Parameters};
use serde_json::Value;

use crate::{
    clock,
    demo::{cast::Who, report::Step, stage::Stage},
    money::offpay,
};

mod device;
mod isolation;

use device::Device;
use isolation::Isolation;

/// A membership takes a week to count: the chain begins that long ago, and a minute more for the clocks.
const BEGINS_AGO: Seconds = match Seconds::new(7 * 86_400 + 60) {
    Some(ago) => ago,
    None => Seconds::ZERO,
};

/// The two devices, and the chain that they come from and go back to.
struct World {
    chain: LocalChain,
    contract: Contract,
    operator: Device,
    alice: Device,
    shop: Device,
}

/// Plays it, on a chain of its own.
pub(in crate::demo) async fn play(stage: &mut Stage) -> Result<()> {
    stage
        .report
        .chapter("10  Two devices with no network at all")?;
    let folder = tempfile::tempdir().context("no folder for the wallets")?;
    let isolation = Isolation::find();
    let (world, purse) = prepare(folder.path(), isolation).await?;
    let note = "Two wallets in folders of their own, each run by the real `offpay` program.\n\
                A purse of 100, its pledge certain for every member of the circle; one certificate; one sync each.";
    let step = Step::new(
        Who::Operator,
        "certifies Alice's purse, and everybody goes out",
    );
    stage.step(step.note(note)).await?;
    offline(stage, folder.path(), &world, isolation).await?;
    online(stage, &world, purse).await
}

/// Request, payment and receipt: three pictures, and no network on either side.
async fn offline(
    stage: &mut Stage,
    folder: &Path,
    world: &World,
    isolation: Isolation,
) -> Result<()> {
    let World { alice, shop, .. } = world;
    let picture = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (request, payment, receipt) = (
        picture("request.png"),
        picture("payment.png"),
        picture("receipt.png"),
    );

    let interfaces = shop.interfaces()?;
    if isolation.is_isolated() {
        ensure!(
            interfaces.iter().all(|name| name == "lo"),
            "the namespace has interfaces: {interfaces:?}"
        );
        ensure!(shop.has_no_network()?, "the namespace reaches the chain");
    }
    let step = Step::new(Who::Watcher, "takes the network away from both");
    stage.step(step.note(isolation.said(&interfaces))).await?;

    shop.offline(&["request", "12.50", "--memo", "coffee", "--png", &request])?;
    let paid = alice.offline(&["pay", &request, "--yes", "--png", &payment])?;
    let qr = &paid["code"]["qrVersion"];
    let step = Step::new(Who::Alice, "pays 12.5 for what the picture asks").payments(1);
    stage
        .step(step.note(format!(
            "request.png in, payment.png out: a QR code of version {qr}"
        )))
        .await?;

    let accepted = shop.offline(&["accept", &payment, "--receipt", "--png", &receipt])?;
    let acceptance = &accepted["acceptance"];
    ensure!(
        acceptance["verdict"]["verdict"] == "guaranteed",
        "the verdict is {}",
        acceptance["verdict"]
    );
    let by = acceptance["handInBy"]
        .as_u64()
        .and_then(offpay_protocol::Timestamp::new);
    let by = by.context("no hand-in date")?;
    let step = Step::new(Who::Merchant, "reads payment.png: GUARANTEED");
    stage
        .step(step.note(format!("if it is handed in by {}", clock::show(by))))
        .await?;

    alice.offline(&["receipt", &receipt])?;
    let history = alice.offline(&["history"])?;
    ensure!(
        history["history"][0]["hasReceipt"] == true,
        "Alice has no receipt"
    );
    stage
        .step(Step::new(
            Who::Alice,
            "reads receipt.png: the merchant has accepted",
        ))
        .await
}

/// The network is back: hand in, settle, prove.
async fn online(stage: &mut Stage, world: &World, purse: PurseKey) -> Result<()> {
    let World {
        chain,
        contract,
        alice,
        shop,
        ..
    } = world;
    shop.online(&["sync"])?;
    chain.mine(3).await?;
    for device in [shop, alice] {
        device.online(&["sync"])?;
        let history = device.online(&["history"])?;
        let standing = &history["history"][0]["standing"];
        ensure!(
            standing["standing"] == "final",
            "the payment is not final: {standing}"
        );
    }
    let payee = shop.account()?;
    let node = chain.node();
    let proof = prove_payment(
        node,
        None,
        contract.address(),
        purse,
        payee,
        ProofBlock::Finalized,
    )
    .await?;
    ensure!(
        proof.paid == offpay("12.5")?,
        "the proof says {}",
        proof.paid
    );
    let balance = contract.account(payee).await?.balance;
    ensure!(balance == proof.paid, "the merchant has {balance}");
    let step = Step::new(
        Who::Merchant,
        "syncs: settled on the chain, and proven in both wallets",
    );
    let number = proof.anchor.header.number;
    stage
        .step(step.note(format!(
            "a storage proof against the state of block {number}"
        )))
        .await
}

/// A chain that began a week ago, a purse, and two wallets that are ready for the road.
async fn prepare(folder: &Path, isolation: Isolation) -> Result<(World, PurseKey)> {
    let options = LocalChainOptions {
        slots_in_an_epoch: Some(1),
        timestamp: Some(clock::now()?.saturating_sub(BEGINS_AGO).get()),
        ..Default::default()
    };
    let chain = LocalChain::start(&options).await?;
    let bank = chain.sender("Operator").await?;
    let (contract, token) = deploy(&chain, &bank, folder).await?;
    let device = |name: &str| Device::new(folder, name, chain.url(), isolation);
    let (operator, alice, shop) = (device("operator")?, device("alice")?, device("shop")?);
    let world = World {
        chain,
        contract,
        operator,
        alice,
        shop,
    };
    for device in [&world.alice, &world.shop] {
        device.online(&["new", "--name", device.name(), "--cheap-pin"])?;
        world
            .chain
            .give_gas_money(device.account()?.address())
            .await?;
    }
    let owner = world.alice.account()?.address();
    token.mint(&bank, owner, offpay("1000")?).await?;
    let purse = set_out(folder, &world).await?;
    Ok((world, purse))
}

async fn deploy(chain: &LocalChain, bank: &Sender, folder: &Path) -> Result<(Contract, Token)> {
    let token = deploy_token(chain.node(), bank, bank.address())
        .await?
        .address;
    let parameters = Parameters::standard(offpay("10")?);
    let configuration = Configuration {
        token,
        treasury: bank.account(),
        parameters,
    };
    let (contract, deployment) = deploy_contract(chain.node(), bank, &configuration).await?;
    deployment.write(&folder.join("deployment.json"))?;
    // A key for play, which everybody can make.
    let secret = alloy_primitives::hex::encode(key("Operator")?.expose_secret());
    std::fs::write(folder.join("operator.key"), secret)?;
    Ok((contract, Token::new(chain.node(), token)))
}

/// What is done while there is a network.
async fn set_out(folder: &Path, world: &World) -> Result<PurseKey> {
    let World {
        chain,
        operator,
        alice,
        shop,
        ..
    } = world;
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (card, certificate, operator_key) = (
        file("card.png"),
        file("certificate.txt"),
        file("operator.key"),
    );

    let said = operator.operator(&[
        "card",
        "--name",
        "Old Market",
        "--key-file",
        &operator_key,
        "--png",
        &card,
    ])?;
    let circle = text(&said["operator"])?.to_owned();
    let payee = shop.account()?.to_string();
    operator.operator(&["admit", &payee, "--key-file", &operator_key])?;
    chain.pass(Seconds::days(7)).await?;
    alice.online(&["deposit", "300"])?;
    alice.online(&["register", "200"])?;
    let opened = alice.online(&[
        "purse", "open", "--funds", "100", "--pledge", "200", "--covers", "4", "--circle", &circle,
    ])?;
    let purse: PurseKey = text(&opened["purse"])?.parse().context("no purse")?;
    chain.mine(3).await?;
    for device in [alice, shop] {
        device.online(&["operator", "add", &card, "--yes"])?;
    }
    shop.online(&["circle", "join", &circle, "--name", "Old Market"])?;
    operator.operator(&[
        "certify",
        &purse.to_string(),
        "--key-file",
        &operator_key,
        "--out",
        &certificate,
    ])?;
    alice.online(&["sync", "--take", &certificate])?;
    shop.online(&["sync"])?;
    Ok(purse)
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("the answer lacks something")
}
