//! The wallet of the real program and the real server of its operator: certificates, keys, revocations, clearance; and
//! what happens when the server is gone.
#![allow(missing_docs)]

mod devices;

use devices::Device;
use std::time::{SystemTime, UNIX_EPOCH};

use offpay_chain::{Sender, local};
use offpay_protocol::{
    AccountId, Amount, Circle, OperatorId, PurseKey, Seconds, Signable as _, Timestamp,
};
use offpay_server::{
    keys::Keys,
    testing::{TestServer, eventually},
};
use offpay_store::testing::Engine;
use offpay_wallet::Wallet;
use serde_json::Value;

const DECIMALS: u8 = 18;

fn tokens(text: &str) -> Amount {
    Amount::parse_units(text, DECIMALS).unwrap()
}

/// An operator's server, a payer and a shop, each with gas and tokens.
struct Market {
    server: TestServer,
    alice: Device,
    shop: Device,
    circle: Circle,
}

impl Market {
    async fn new() -> Self {
        Self::on(TestServer::start().await.unwrap()).await
    }

    async fn on(server: TestServer) -> Self {
        let keys = Keys::read(&server.local.config.keys).unwrap();
        let circle_admin = Sender::new((*keys.circle).clone());
        let bank = keys.token_owner.unwrap();
        let alice = device(&server, &bank, "alice").await;
        let shop = device(&server, &bank, "shop").await;
        let admit = server.contract().admit(shop.account());
        admit.send(&circle_admin).await.unwrap();
        server.pass(Seconds::days(7)).await.unwrap();
        Self {
            server,
            alice,
            shop,
            circle: Circle::new(circle_admin.address()),
        }
    }

    /// Both trust the operator; Alice has a purse that is certified; the shop has joined the circle.
    async fn set_up(&self) -> PurseKey {
        let (url, circle) = (self.server.url(""), self.circle.to_string());
        for device in [&self.alice, &self.shop] {
            let listed = device.done(&["operator", "add", &url, "--yes"]);
            assert_eq!(listed["operators"][0]["server"], url.as_str());
        }
        self.shop
            .done(&["circle", "join", &circle, "--name", "Market"]);
        let opened = self.alice.done(&[
            "purse", "open", "--funds", "100", "--pledge", "200", "--covers", "4", "--circle",
            &circle,
        ]);
        self.server.finalize().await.unwrap();
        self.server.finalize().await.unwrap();
        eventually("a certificate", || async {
            let synced = self.alice.run(&["sync"]).json();
            (synced["readiness"]["ready"] == true).then_some(())
        })
        .await;
        self.shop.done(&["sync"]);
        opened["purse"].as_str().unwrap().parse().unwrap()
    }

    /// A payment, with no network on either side. Gives its id.
    fn pay_offline(&self, amount: &str) -> String {
        let (request, payment) = (
            self.shop.file("request.png"),
            self.alice.file("payment.png"),
        );
        let nowhere = "http://127.0.0.1:1";
        let offline = |device: &Device, arguments: &[&str]| -> Value {
            let mut command = device.command();
            let command = command.env("OFFPAY_RPC_URL", nowhere).arg("--json");
            let output = command.args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            serde_json::from_slice(&output.stdout).unwrap()
        };
        offline(&self.shop, &["request", amount, "--png", &request]);
        offline(&self.alice, &["pay", &request, "--yes", "--png", &payment]);
        let taken = offline(&self.shop, &["accept", &payment]);
        assert_eq!(
            taken["acceptance"]["verdict"]["verdict"], "guaranteed",
            "{taken}"
        );
        taken["id"].as_str().unwrap().to_owned()
    }

    async fn paid(&self, purse: PurseKey) -> Amount {
        let payee = self.shop.account();
        self.server.contract().paid_to(purse, payee).await.unwrap()
    }
}

async fn device(server: &TestServer, bank: &Sender, name: &str) -> Device {
    let (chain, contract) = (&server.local.chain, server.contract());
    let owner = chain.sender(name).await.unwrap();
    let (token, all) = (server.token(), tokens("1000"));
    token.mint(bank, owner.address(), all).await.unwrap();
    token
        .approve(&owner, contract.address(), Amount::MAX)
        .await
        .unwrap();
    contract.register(tokens("300")).send(&owner).await.unwrap();
    contract.deposit(tokens("300")).send(&owner).await.unwrap();
    let folder = server.folder.path().join(name);
    Device::of(chain, contract, &owner, &folder, DECIMALS)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_does_for_its_wallets() {
    let market = Market::new().await;
    let purse = market.set_up().await;
    let id = market.pay_offline("12.5");

    // Cleared, and left to the operator: the shop sends nothing.
    let before = gas(&market.server, market.shop.account()).await;
    let synced = market.shop.done(&["sync"]);
    assert_eq!(synced["cleared"], serde_json::json!([id]), "{synced}");
    assert_eq!(synced["handedIn"], serde_json::json!([]), "{synced}");
    assert_eq!(gas(&market.server, market.shop.account()).await, before);
    let history = market.shop.done(&["history"]);
    assert_eq!(
        history["history"][0]["standing"]["standing"], "handedIn",
        "{history}"
    );
    // The clearance is kept, and shown.
    let clearance = &history["history"][0]["clearance"];
    assert_eq!(clearance["payment"], id.as_str(), "{history}");
    let shown = market.shop.command().arg("history").output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(", cleared at "), "{shown}");
    // The payer's wallet posts it as well; the operator knows it, and says the same again.
    assert_eq!(
        market.alice.done(&["sync"])["cleared"],
        serde_json::json!([id])
    );
    // Who wants it on the chain now, sends it.
    let second = market.pay_offline("1");
    let synced = market.shop.done(&["sync", "--on-chain"]);
    assert_eq!(synced["cleared"], serde_json::json!([]), "{synced}");
    assert_eq!(synced["handedIn"], serde_json::json!([second]), "{synced}");
    assert_eq!(market.paid(purse).await, tokens("13.5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purse_that_closes_is_on_the_list() {
    let market = Market::new().await;
    let purse = market.set_up().await;
    let name = purse.to_string();
    market.alice.done(&["purse", "close", &name, "--yes"]);
    market.server.finalize().await.unwrap();
    eventually("the purse on the shop's list", || async {
        market.shop.done(&["sync"]);
        let wallet = Wallet::open(market.shop.storage()).unwrap();
        let lists = &wallet.state().records().revocations;
        lists
            .values()
            .any(|list| list.purses.contains(&purse))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_stops_nobody() {
    let mut market = Market::new().await;
    let purse = market.set_up().await;
    let contract = market.server.contract().clone();
    market.pay_offline("12.5");
    market.server.stop().await;

    let ran = market.shop.run(&["sync"]);
    let synced = ran.json();
    // Not all of it was done, and what protects the money was.
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("does not answer"), "{ran:?}");
    assert_eq!(synced["handedIn"].as_array().unwrap().len(), 1, "{synced}");
    let paid = contract
        .paid_to(purse, market.shop.account())
        .await
        .unwrap();
    assert_eq!(paid, tokens("12.5"));

    // With the server back and no node, the operator still takes what is held.
    market.server.start_again().await.unwrap();
    let url = market.server.url("");
    market.shop.done(&["operator", "add", &url, "--yes"]);
    let id = market.pay_offline("2");
    let mut command = market.shop.command();
    let command = command.env("OFFPAY_RPC_URL", "http://127.0.0.1:1");
    let output = command.args(["--json", "sync"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let synced: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(synced["cleared"], serde_json::json!([id]), "{synced}");
}

/// What an account has to pay for gas with.
async fn gas(server: &TestServer, account: AccountId) -> Value {
    let address = account.address().to_string();
    let chain = &server.local.chain;
    chain
        .request("eth_getBalance", (address, "latest"))
        .await
        .unwrap()
}

/// **O116**: both wallets follow the operator to its next key, by syncing alone, and what either key signed counts.
#[tokio::test(flavor = "multi_thread")]
async fn o116_wallets_follow_the_operator_to_its_next_key() {
    let next = local::key("the operator's next key").unwrap();
    let second = OperatorId::new(next.address());
    let mut from = Timestamp::ZERO;
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        let hex: String = next
            .expose_secret()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        from = Timestamp::new(now + 30 * 86_400).unwrap();
        config.keys.operator_next = Some(hex.as_str().into());
        config.keys.operator_next_from = Some(from.get());
    })
    .await
    .unwrap();
    let market = Market::on(server).await;
    market.set_up().await;
    let before = market.pay_offline("5");
    let synced = market.shop.done(&["sync"]);
    assert_eq!(synced["cleared"], serde_json::json!([before]), "{synced}");
    for device in [&market.alice, &market.shop] {
        device.done(&["sync"]);
        let wallet = Wallet::open(device.storage()).unwrap();
        let trusted = &wallet.state().records().trusted;
        assert!(trusted.trusts(second, from), "it learned of the next key");
        let earlier = from.saturating_sub(Seconds::HOUR);
        assert!(!trusted.trusts(second, earlier), "whose time has not come");
    }

    // Its time comes; Alice gets a certificate of the new key, and the shop takes it offline.
    market.server.pass(Seconds::days(31)).await.unwrap();
    market
        .server
        .app()
        .clock
        .see(from.saturating_add(Seconds::DAY));
    eventually("a certificate of the new key", || async {
        market.server.finalize().await.unwrap();
        market.alice.run(&["sync"]);
        let wallet = Wallet::open(market.alice.storage()).unwrap();
        let state = wallet.state();
        let domain = state.deployment().domain;
        let purse = state.records().purses.values().next()?.clone();
        let held = purse.certificate?;
        let signer = held.certificate.recover(&domain, &held.signature).ok()?;
        (signer == second).then_some(())
    })
    .await;
    // What is owed since a month is on-chain by now: else the shop would bring the next payment there itself.
    eventually("the first payment is settled", || async {
        market.server.finalize().await.unwrap();
        let synced = market.shop.done(&["sync"]);
        (synced["notSettled"] == serde_json::json!([])).then_some(())
    })
    .await;
    let after = market.pay_offline("7");
    let synced = market.shop.done(&["sync"]);
    assert_eq!(synced["cleared"], serde_json::json!([after]), "{synced}");
    let history = market.shop.done(&["history"]);
    let operators: Vec<_> = (0..2)
        .map(|place| history["history"][place]["clearance"]["operator"].clone())
        .collect();
    assert_eq!(operators[0], serde_json::json!(second), "{history}");
    assert_ne!(
        operators[0], operators[1],
        "one of each key, and both are kept"
    );
}
