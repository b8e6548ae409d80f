//! What a wallet of the real program makes of its operator's server: it takes what is signed, and needs none of it.
#![allow(missing_docs)]

mod devices;
mod operators;
mod support;

use devices::Device;
use offpay_protocol::{Amount, PurseKey, Seconds, SigningKey, messages::Certificate};
use offpay_wallet::Wallet;
use operators::{Mood, Operator};
use serde_json::{Value, json};
use support::{World, units};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// An operator, a payer with a certified purse, and a shop that is certainly covered.
struct Market {
    world: World,
    operator: Operator,
    alice: Device,
    shop: Device,
    purse: PurseKey,
}

impl Market {
    async fn new() -> Self {
        let world = World::new().await;
        let (alice, shop) = (device(&world, "alice").await, device(&world, "shop").await);
        let contract = &world.contract;
        contract
            .admit(shop.account())
            .send(&world.owner)
            .await
            .unwrap();
        world.chain.pass(Seconds::days(7)).await.unwrap();
        let time = world.chain.now().await.unwrap();
        let operator = Operator::start(*contract.domain(), time);
        for device in [&alice, &shop] {
            let listed = device.done(&["operator", "add", &operator.url(), "--yes"]);
            assert_eq!(listed["operators"][0]["server"], operator.url());
        }
        let circle = world.owner.address().to_string();
        shop.done(&["circle", "join", &circle, "--name", "Market"]);
        let opened = alice.done(&[
            "purse", "open", "--funds", "100", "--pledge", "200", "--covers", "4", "--circle",
            &circle,
        ]);
        let purse: PurseKey = opened["purse"].as_str().unwrap().parse().unwrap();
        world.chain.mine(3).await.unwrap();
        let terms = contract.purse(purse).await.unwrap().unwrap();
        operator.says.lock().unwrap().certificate = Some(Certificate {
            purse,
            owner: terms.owner,
            circle: terms.circle,
            funds: terms.funds,
            pledge: terms.pledge,
            cover_count: terms.cover_count,
            circle_size: 1,
            as_of: time,
        });
        let synced = alice.done(&["sync"]);
        assert_eq!(synced["certified"], json!([purse]), "{synced}");
        assert_eq!(synced["readiness"]["ready"], true, "{synced}");
        shop.done(&["sync"]);
        Self {
            world,
            operator,
            alice,
            shop,
            purse,
        }
    }

    /// A payment while neither node nor operator answers. Gives its id.
    fn pay_offline(&self, amount: &str) -> String {
        let (request, payment) = (
            self.shop.file("request.png"),
            self.alice.file("payment.png"),
        );
        let asked = self.operator.says.lock().unwrap().asked.len();
        without_node(&self.shop, &["request", amount, "--png", &request], 0);
        without_node(
            &self.alice,
            &["pay", &request, "--yes", "--png", &payment],
            0,
        );
        let taken = without_node(&self.shop, &["accept", &payment], 0);
        assert_eq!(
            taken["acceptance"]["verdict"]["verdict"], "guaranteed",
            "{taken}"
        );
        assert_eq!(self.operator.says.lock().unwrap().asked.len(), asked);
        taken["id"].as_str().unwrap().to_owned()
    }

    async fn paid(&self) -> Amount {
        let payee = self.shop.account();
        self.world
            .contract
            .paid_to(self.purse, payee)
            .await
            .unwrap()
    }
}

async fn device(world: &World, name: &str) -> Device {
    let owner = world.chain.sender(name).await.unwrap();
    let contract = &world.contract;
    let minted = world
        .token
        .mint(&world.owner, owner.address(), units(1_000));
    minted.await.unwrap();
    let approved = world.token.approve(&owner, contract.address(), Amount::MAX);
    approved.await.unwrap();
    contract.register(units(300)).send(&owner).await.unwrap();
    contract.deposit(units(300)).send(&owner).await.unwrap();
    Device::of(&world.chain, contract, &owner, &world.path(name), 6)
}

fn without_node(device: &Device, arguments: &[&str], code: i32) -> Value {
    let mut command = device.command();
    let command = command.env("OFFPAY_RPC_URL", NOWHERE).arg("--json");
    let output = command.args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_cleared_is_left_to_it() {
    let market = Market::new().await;
    let id = market.pay_offline("12.5");
    let synced = market.shop.done(&["sync"]);
    assert_eq!(synced["cleared"], json!([id]), "{synced}");
    assert_eq!(synced["handedIn"], json!([]), "{synced}");
    assert_eq!(market.paid().await, Amount::ZERO);
    let history = market.shop.done(&["history"]);
    assert_eq!(
        history["history"][0]["standing"]["standing"], "handedIn",
        "{history}"
    );
    // The payer's wallet posts it too.
    assert_eq!(market.alice.done(&["sync"])["cleared"], json!([id]));

    // With no node, what the operator can do is done.
    let second = market.pay_offline("1");
    let synced = without_node(&market.shop, &["sync"], 1);
    assert_eq!(synced["cleared"], json!([second]), "{synced}");
    assert!(synced["block"].is_null(), "{synced}");

    // Who wants it on the chain now sends it.
    let third = market.pay_offline("2");
    let synced = market.shop.done(&["sync", "--on-chain"]);
    assert_eq!(synced["handedIn"], json!([third]), "{synced}");
    assert_eq!(
        market.paid().await,
        units(15).checked_add(Amount::from_u64(500_000)).unwrap()
    );
    // Nothing is posted by one who only reads.
    market.pay_offline("3");
    let synced = market.shop.done(&["sync", "--read-only"]);
    assert_eq!(synced["cleared"], json!([]), "{synced}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_lies_or_is_gone_stops_nobody() {
    let market = Market::new().await;
    let mut paid = Amount::ZERO;
    for (mood, complaint) in [
        (Mood::Stranger, "not an operator that you trust"),
        (Mood::OtherPayment, "is for other payments"),
        (Mood::Overloaded, "come back later"),
        (Mood::Silent, "does not answer"),
    ] {
        market.operator.is(mood);
        let id = market.pay_offline("5");
        let ran = market.shop.run(&["sync"]);
        let synced = ran.json();
        assert_eq!(synced["handedIn"], json!([id]), "{mood:?}: {synced}");
        assert_eq!(synced["cleared"], json!([]), "{mood:?}: {synced}");
        assert!(
            ran.code == 1 && ran.stdout.contains(complaint),
            "{mood:?}: {ran:?}"
        );
        paid = paid.checked_add(units(5)).unwrap();
        assert_eq!(market.paid().await, paid, "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_whole_and_then_as_changes_also_under_the_next_key() {
    let market = Market::new().await;
    let (a, b) = (
        PurseKey::new([0xa; 20].into()),
        PurseKey::new([0xb; 20].into()),
    );
    let listed = || {
        let wallet = Wallet::open(market.shop.storage()).unwrap();
        let lists = wallet.state().records().revocations.values().cloned();
        let newest = lists.max_by_key(|list| list.version).unwrap();
        (
            newest.version,
            newest.purses.into_iter().collect::<Vec<_>>(),
        )
    };
    assert_eq!(listed(), (1, vec![]));
    let says = || market.operator.says.lock().unwrap();
    says().lists.push([a, b].into());
    market.shop.done(&["sync"]);
    assert_eq!(listed(), (2, vec![a, b]));
    assert!(says().asked.contains(&"/v1/revocations?since=1".to_owned()));

    // The operator moves on to its next key, which signs from now on.
    let now = says().time;
    says().next = Some((SigningKey::from_bytes(&[7; 32]).unwrap(), now));
    says().lists.push([b].into());
    let id = market.pay_offline("1");
    let synced = market.shop.done(&["sync"]);
    assert_eq!(synced["cleared"], json!([id]), "{synced}");
    assert_eq!(listed(), (3, vec![b]));

    // A list that nobody the wallet trusts has signed changes nothing.
    says().lists.push([a].into());
    market.operator.is(Mood::Stranger);
    assert_eq!(market.shop.run(&["sync"]).code, 1);
    assert_eq!(listed(), (3, vec![b]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_comes_over_a_private_line() {
    let world = World::new().await;
    let device = device(&world, "alice").await;
    for (address, code) in [
        ("http://192.0.2.1:8080", "server_not_private"),
        ("https://name:secret@192.0.2.1", "server_address"),
        (NOWHERE, "server_unreachable"),
    ] {
        let ran = device.run(&["operator", "add", address, "--yes"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert_eq!(ran.json()["error"]["code"], code, "{ran:?}");
        assert!(!ran.stdout.contains("secret"), "{ran:?}");
    }
}
