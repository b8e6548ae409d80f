//! `offpay settle`, with everything that can be wrong: a clear message, a non-zero exit, nothing half done.
#![allow(missing_docs)]

mod support;

use std::{fs, path::Path};

use offpay_chain::{LocalChain, LocalChainOptions};
use offpay_protocol::{Amount, Signed, messages::Payment};
use serde_json::{Value, json};
use support::{Ran, World, key, offpay, payee, read, units, write};

/// A failed run that left the file as it was.
#[track_caller]
fn refused(ran: &Ran, code: &str, says: &str, file: &Path, before: &Value) {
    assert_eq!(ran.failed(), code, "{ran:?}");
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(says), "{message:?} does not say {says:?}");
    assert_eq!(&read(file), before, "the file was changed");
}

#[tokio::test]
async fn a_record_that_does_not_agree_with_itself() {
    let world = World::new().await;
    let purse_key = key("purse");
    world.purse(&purse_key, 100, 50).await;
    let file = world.record("1.json", &purse_key, payee(1), 30);
    let good = read(&file);
    let stranger = key("stranger");
    let checks: [(&str, Value, &str, &str); 10] = [
        (
            "/wallet/private_key",
            json!("0x1234"),
            "record_private_key",
            "64 hex digits",
        ),
        (
            "/wallet/private_key",
            json!(support::hex(&stranger)),
            "record_public_key",
            "wallet.public_key",
        ),
        (
            "/wallet/public_key",
            json!(stranger.address().to_string()),
            "record_public_key",
            "wallet.public_key",
        ),
        (
            "/wallet/public_key",
            json!("no key"),
            "record_public_key",
            "wallet.public_key",
        ),
        (
            "/transaction/amount",
            json!("1"),
            "record_two_amounts",
            "two amounts",
        ),
        (
            "/transaction/amount",
            json!(30),
            "record_malformed",
            "invalid type",
        ),
        (
            "/transaction/amount",
            json!("1.5"),
            "record_malformed",
            "not a decimal number",
        ),
        (
            "/transaction/to",
            json!("0x12"),
            "record_malformed",
            "40 hex digits",
        ),
        (
            "/transaction/to",
            json!(payee(0).to_string()),
            "record_pays_nothing",
            "must not be zero",
        ),
        (
            "/transaction/from",
            json!(stranger.address().to_string()),
            "record_not_the_purses",
            "neither the purse's key",
        ),
    ];
    for (place, value, code, says) in checks {
        let mut record = good.clone();
        *record.pointer_mut(place).unwrap() = value;
        write(&file, &record);
        refused(&world.settle(&file), code, says, &file, &record);
    }
    fs::write(&file, "{ not json").unwrap();
    assert_eq!(world.settle(&file).failed(), "record_malformed");
    let missing = world.settle(&world.path("missing.json"));
    assert_eq!(missing.code, 2);
    assert!(missing.stdout.contains("missing.json"), "{missing:?}");
}

#[tokio::test]
async fn every_form_of_a_public_key_is_understood() {
    let world = World::new().await;
    let purse_key = key("purse");
    world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let compressed = offpay_chain::sender::compressed_public_key(&purse_key).unwrap();
    let compressed = compressed
        .iter()
        .fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    for (id, public_key) in [compressed, purse_key.address().to_string().to_lowercase()]
        .iter()
        .enumerate()
    {
        let file = world.record(&format!("{id}.json"), &purse_key, payee(1), 10);
        let mut record = read(&file);
        record["wallet"]["public_key"] = json!(public_key);
        // The owner's address names the purse as well as its key.
        record["transaction"]["from"] = json!(world.owner.address().to_string());
        write(&file, &record);
        assert_eq!(world.settle(&file).code, 0, "{public_key}");
    }
}

#[tokio::test]
async fn the_wrong_chain_contract_or_purse() {
    let world = World::new().await;
    let purse_key = key("purse");
    let file = world.record("1.json", &purse_key, payee(1), 30);
    let before = read(&file);
    refused(
        &world.settle(&file),
        "UnknownPurse",
        "unknown purse",
        &file,
        &before,
    );
    world.purse(&purse_key, 100, 50).await;

    let path = file.display().to_string();
    let at = |contract: &str| {
        offpay(&[
            "settle",
            "--file",
            &path,
            "--rpc-url",
            world.url(),
            "--contract",
            contract,
            "--json",
        ])
    };
    let token = world.token.address().to_string();
    refused(
        &at(&token),
        "not_offpay",
        "no OffPay contract",
        &file,
        &before,
    );
    let nothing = payee(0x55).to_string();
    refused(
        &at(&nothing),
        "no_contract",
        "there is no contract",
        &file,
        &before,
    );

    let other = LocalChainOptions {
        chain_id: Some(4242),
        ..Default::default()
    };
    let other = LocalChain::start(&other).await.unwrap();
    let deployment = world.deployment_file();
    let ran = offpay(&[
        "settle",
        "--file",
        &path,
        "--rpc-url",
        other.url(),
        "--deployment",
        &deployment,
        "--json",
    ]);
    refused(
        &ran,
        "wrong_chain",
        "on chain 4242, not on chain 31337",
        &file,
        &before,
    );

    let url = other.url().to_owned();
    drop(other);
    let ran = offpay(&[
        "settle",
        "--file",
        &path,
        "--rpc-url",
        &url,
        "--deployment",
        &deployment,
        "--json",
    ]);
    refused(&ran, "node_unreachable", "is it running", &file, &before);
    assert_eq!(ran.json()["error"]["retryable"], true);
    let ran = offpay(&[
        "settle",
        "--file",
        &path,
        "--rpc-url",
        "here",
        "--deployment",
        &deployment,
        "--json",
    ]);
    refused(&ran, "not_a_url", "http", &file, &before);
}

#[tokio::test]
async fn another_deployments_file() {
    let world = World::new().await;
    let purse_key = key("purse");
    world.purse(&purse_key, 100, 50).await;
    let file = world.record("1.json", &purse_key, payee(1), 30);
    let before = read(&file);
    let deployment = world.path("deployment.json");
    let mut changed = read(&deployment);
    changed["parameters"]["closeDelay"] = json!(7);
    write(&deployment, &changed);
    refused(
        &world.settle(&file),
        "other_configuration",
        "another token, treasury or parameters",
        &file,
        &before,
    );
    fs::write(&deployment, "{}").unwrap();
    refused(
        &world.settle(&file),
        "malformed_deployment",
        "no deployment file",
        &file,
        &before,
    );
}

#[tokio::test]
async fn more_than_the_purse_has() {
    let world = World::new().await;
    let purse_key = key("purse");
    world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let first = world.record("1.json", &purse_key, payee(1), 70);
    assert_eq!(world.settle(&first).code, 0);
    let second = world.record("2.json", &purse_key, payee(2), 31);
    let before = read(&second);
    refused(
        &world.settle(&second),
        "purse_too_little_left",
        "top it up first",
        &second,
        &before,
    );
    world
        .contract
        .top_up_purse(purse_key.address().into(), units(1))
        .send(&world.owner)
        .await
        .unwrap();
    assert_eq!(world.settle(&second).code, 0);
}

#[tokio::test]
async fn a_signed_payment_that_was_changed_or_is_for_elsewhere() {
    let world = World::new().await;
    let purse_key = key("purse");
    let purse = world.purse(&purse_key, 100, 50).await;
    let file = world.record("1.json", &purse_key, payee(1), 30);
    assert_eq!(world.settle(&file).failed(), "no_gas");
    world.fund(&purse_key).await;
    let good = read(&file);
    for (place, value) in [
        (
            "/signed_payment/message/cumulative",
            json!(units(31).to_string()),
        ),
        ("/signed_payment/message/start", json!(units(5).to_string())),
        ("/transaction/to", json!(payee(2).to_string())),
        ("/transaction/id", json!("2")),
    ] {
        let mut record = good.clone();
        *record.pointer_mut(place).unwrap() = value;
        write(&file, &record);
        refused(
            &world.settle(&file),
            "record_tampered",
            "changed after signing",
            &file,
            &record,
        );
    }

    // Signed as it should be, for the same contract on another chain.
    let signed: Signed<Payment> = serde_json::from_value(good["signed_payment"].clone()).unwrap();
    let elsewhere = offpay_protocol::Domain::new(1, world.contract.address());
    let signature =
        offpay_protocol::Signable::sign(&signed.message, &elsewhere, &purse_key).unwrap();
    let mut record = good.clone();
    record["signed_payment"] = json!(Signed {
        domain: elsewhere,
        message: signed.message,
        signature
    });
    write(&file, &record);
    refused(
        &world.settle(&file),
        "foreign_domain",
        "on chain 1, and this is",
        &file,
        &record,
    );
    assert_eq!(
        world.contract.paid_to(purse, payee(1)).await.unwrap(),
        Amount::ZERO
    );
}

#[tokio::test]
async fn a_broken_record_beside_it() {
    let world = World::new().await;
    let purse_key = key("purse");
    world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let file = world.record("1.json", &purse_key, payee(1), 30);
    let sibling = world.record("2.json", &purse_key, payee(1), 30);
    let mut broken = read(&sibling);
    broken["transaction"]["amount"] = json!("1");
    write(&sibling, &broken);
    let before = read(&file);
    refused(
        &world.settle(&file),
        "record_sibling",
        "2.json",
        &file,
        &before,
    );
    // What is of no purse, or of another one, may lie there.
    fs::remove_file(&sibling).unwrap();
    fs::write(world.path("notes.json"), "[]").unwrap();
    world.record("3.json", &key("another purse"), payee(1), 30);
    assert_eq!(world.settle(&file).code, 0);
}
