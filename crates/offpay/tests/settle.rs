//! `offpay settle`, as it should go.
#![allow(missing_docs)]

mod support;

use std::{fs, process::Stdio, time::Duration};

use offpay_protocol::{Amount, Seconds, Signed, conflict::conflict, messages::Payment};
use serde_json::Value;
use support::{World, key, payee, program, read, units};

#[tokio::test]
async fn a_record_is_settled_once() {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    let purse = world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let file = world.record("1.json", &purse_key, shop, 30);

    let ran = world.settle(&file);
    assert_eq!(
        (ran.code, ran.json()["state"]["state"].as_str()),
        (0, Some("settled")),
        "{ran:?}"
    );
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        units(30)
    );
    let record = read(&file);
    assert_eq!(record["transaction"]["is_settled"], true);
    assert_eq!(
        record["transaction"]["tx_hash"],
        ran.json()["transactions"][0]
    );
    assert_eq!(
        record["signed_payment"]["message"]["cumulative"],
        units(30).to_string()
    );

    let again = world.settle(&file);
    assert_eq!(
        (again.code, again.json()["state"]["state"].as_str()),
        (0, Some("settledBefore")),
        "{again:?}"
    );
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        units(30)
    );
    assert_eq!(read(&file), record);
}

#[tokio::test]
async fn what_was_signed_is_stored_before_it_is_sent() {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    let purse = world.purse(&purse_key, 100, 50).await;
    let file = world.record("1.json", &purse_key, shop, 30);

    // Nobody pays for the gas: signed and stored, and not sent.
    let ran = world.settle(&file);
    assert_eq!(ran.failed(), "no_gas");
    let stored = read(&file)["signed_payment"].clone();
    assert!(stored["signature"].is_string());
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        Amount::ZERO
    );

    // Another record of the purse does not take the same serials.
    let other = world.record("2.json", &purse_key, payee(2), 20);
    let gas = support::hex(world.owner.key());
    assert_eq!(world.settle_with(&other, &["--private-key", &gas]).code, 0);
    assert_eq!(
        read(&other)["signed_payment"]["message"]["start"],
        units(30).to_string()
    );

    let ran = world.settle_with(&file, &["--private-key", &gas]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(read(&file)["signed_payment"], stored);
    let (first, second) = (
        world.contract.paid_to(purse, shop),
        world.contract.paid_to(purse, payee(2)),
    );
    assert_eq!(
        (first.await.unwrap(), second.await.unwrap()),
        (units(30), units(20))
    );
}

#[tokio::test]
async fn records_of_one_payee_add_up_in_any_order() {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    let purse = world.purse(&purse_key, 100, 50).await;
    let early = world.record("1.json", &purse_key, shop, 10);
    assert_eq!(world.settle(&early).failed(), "no_gas");
    world.fund(&purse_key).await;

    // The later one names the sum of both, and settles the earlier one, too.
    let late = world.record("2.json", &purse_key, shop, 15);
    assert_eq!(world.settle(&late).code, 0);
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        units(25)
    );
    let ran = world.settle(&early);
    assert_eq!(
        (ran.code, ran.json()["state"]["state"].as_str()),
        (0, Some("settledBefore"))
    );

    let third = world.record("3.json", &purse_key, payee(3), 75);
    assert_eq!(world.settle(&third).code, 0);
    let state = world.contract.purse(purse).await.unwrap().unwrap();
    assert_eq!((state.paid, state.rest()), (units(100), Amount::ZERO));
}

#[tokio::test]
async fn a_copy_of_a_record_is_the_same_payment() {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    let purse = world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let file = world.record("1.json", &purse_key, shop, 30);
    let copy = world.path("copy.json");
    fs::copy(&file, &copy).unwrap();
    assert_eq!(world.settle(&file).code, 0);
    let ran = world.settle(&copy);
    assert_eq!(
        (ran.code, ran.json()["state"]["state"].as_str()),
        (0, Some("settledBefore")),
        "{ran:?}"
    );
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        units(30)
    );
}

#[tokio::test]
async fn a_default_is_collected_after_the_settlement_period() {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    world.contract.admit(shop).send(&world.owner).await.unwrap();
    world.chain.pass(Seconds::days(7)).await.unwrap();
    let purse = world.purse(&purse_key, 100, 50).await;
    let file = world.record("1.json", &purse_key, shop, 60);
    assert_eq!(world.settle(&file).failed(), "no_gas");
    world.fund(&purse_key).await;

    // The payer drains its purse behind the record's back.
    let all = units(80);
    let drain = Payment {
        payee: payee(9),
        start: Amount::ZERO,
        amount: all,
        cumulative: all,
        reference: Default::default(),
    };
    let drain = world.sign(&purse_key, drain);
    world
        .contract
        .settle(&drain)
        .unwrap()
        .send(&world.owner)
        .await
        .unwrap();

    let ran = world.settle(&file);
    assert_eq!(
        (ran.code, ran.json()["state"]["state"].as_str()),
        (1, Some("inDefault")),
        "{ran:?}"
    );
    assert_eq!(ran.json()["state"]["reserved"], units(40).to_string());
    assert_eq!(ran.json()["paid"], units(20).to_string());
    assert_eq!(read(&file)["transaction"]["is_settled"], false);
    let soon = world.settle(&file);
    assert_eq!(
        (
            soon.code,
            soon.json()["transactions"].as_array().unwrap().len()
        ),
        (1, 0),
        "{soon:?}"
    );

    world.chain.pass(Seconds::DAY).await.unwrap();
    let ran = world.settle(&file);
    assert_eq!(
        (ran.code, ran.json()["state"]["state"].as_str()),
        (0, Some("settled")),
        "{ran:?}"
    );
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        units(60)
    );
    assert_eq!(read(&file)["transaction"]["is_settled"], true);
}

#[tokio::test]
async fn what_is_not_covered_is_paid_in_part() {
    let world = World::new().await;
    let (purse_key, stranger) = (key("purse"), payee(1));
    world.purse(&purse_key, 100, 50).await;
    let file = world.record("1.json", &purse_key, stranger, 60);
    assert_eq!(world.settle(&file).failed(), "no_gas");
    world.fund(&purse_key).await;
    let all = units(80);
    let drain = Payment {
        payee: payee(9),
        start: Amount::ZERO,
        amount: all,
        cumulative: all,
        reference: Default::default(),
    };
    world
        .contract
        .settle(&world.sign(&purse_key, drain))
        .unwrap()
        .send(&world.owner)
        .await
        .unwrap();

    assert_eq!(world.settle(&file).code, 1);
    world.chain.pass(Seconds::DAY).await.unwrap();
    let ran = world.settle(&file);
    assert_eq!(
        (ran.code, ran.json()["state"]["state"].as_str()),
        (1, Some("paidInPart")),
        "{ran:?}"
    );
    assert_eq!(ran.json()["paid"], units(20).to_string());
    let again = world.settle(&file);
    assert_eq!(
        (
            again.code,
            again.json()["transactions"].as_array().unwrap().len()
        ),
        (1, 0),
        "{again:?}"
    );
}

/// The folder's lock keeps runs apart: no serial is taken twice, and all are paid.
#[tokio::test]
async fn many_runs_at_once() {
    let world = World::new().await;
    let purse_key = key("purse");
    let purse = world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let records: Vec<_> = (0..6u8)
        .map(|id| world.record(&format!("{id}.json"), &purse_key, payee(1 + id % 2), 10))
        .collect();
    std::thread::scope(|scope| {
        for file in &records {
            scope.spawn(|| assert_eq!(world.settle(file).code, 0));
        }
    });
    for to in [payee(1), payee(2)] {
        assert_eq!(world.contract.paid_to(purse, to).await.unwrap(), units(30));
    }
    let signed: Vec<Signed<Payment>> = records
        .iter()
        .map(|file| serde_json::from_value(read(file)["signed_payment"].clone()).unwrap())
        .collect();
    for (index, a) in signed.iter().enumerate() {
        for b in &signed[index + 1..] {
            assert_eq!(conflict(&a.message, &b.message), None, "{a:?} {b:?}");
        }
    }
}

/// A transaction that was sent and not seen mined is waited for, rather than sent again.
#[tokio::test]
async fn a_run_that_was_cut_off_goes_on() {
    let world = World::new().await;
    let (purse_key, shop) = (key("purse"), payee(1));
    let purse = world.purse(&purse_key, 100, 50).await;
    world.fund(&purse_key).await;
    let file = world.record("1.json", &purse_key, shop, 30);
    world.chain.set_automine(false).await.unwrap();
    let (path, deployment) = (file.display().to_string(), world.deployment_file());
    let arguments = [
        "settle",
        "--file",
        &path,
        "--rpc-url",
        world.url(),
        "--deployment",
        &deployment,
    ];
    let mut first = program()
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let sent = async || {
        world
            .chain
            .request::<_, Value>("txpool_status", ())
            .await
            .unwrap()["pending"]
            .clone()
    };
    while sent().await != "0x1" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let hash = read(&file)["transaction"]["tx_hash"].clone();
    assert_eq!(read(&file)["transaction"]["is_settled"], false);

    let mut second = program()
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(sent().await, "0x1", "it was sent again");
    world.chain.mine(1).await.unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(0));
    assert_eq!(read(&file)["transaction"]["tx_hash"], hash);
    assert_eq!(read(&file)["transaction"]["is_settled"], true);
    assert_eq!(
        world.contract.paid_to(purse, shop).await.unwrap(),
        units(30)
    );
}
