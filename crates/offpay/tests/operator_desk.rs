//! `offpay operator …` over the admin API of a real server.
#![allow(missing_docs)]

mod support;

use std::{fs, path::PathBuf};

use offpay_operator::{
    outbox::{NewTransaction, Purpose},
    storage::OutboxStorage as _,
};
use offpay_protocol::Amount;
use offpay_server::{config::AdminToken, local, testing::TestServer};
use offpay_store::testing::Engine;
use serde_json::{Value, json};
use support::{Ran, program};

struct Desk {
    server: TestServer,
    token: PathBuf,
}

impl Desk {
    async fn new() -> Self {
        let server = TestServer::start_with(Engine::Sqlite, |config| {
            config.money.faucet_amount = Some(Amount::ZERO);
        })
        .await
        .unwrap();
        let (token, named) = local::admin_token(server.folder.path()).unwrap();
        let mut desk = Self { server, token };
        desk.restart_with(named).await;
        desk
    }

    async fn restart_with(&mut self, token: AdminToken) {
        self.server.stop().await;
        self.server.local.config.admin.tokens = vec![token];
        self.server.start_again().await.unwrap();
    }

    /// Runs `offpay operator` as an operator does.
    fn run(&self, arguments: &[&str]) -> Ran {
        let token = self.token.display().to_string();
        self.run_with(&self.server.url(""), &token, arguments)
    }

    fn run_with(&self, server: &str, token: &str, arguments: &[&str]) -> Ran {
        program()
            .arg("operator")
            .args(arguments)
            .args(["--server", server, "--token-file", token])
            .output()
            .unwrap()
            .into()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.json()
    }

    /// What people read.
    fn said(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        assert_eq!(ran.stderr, "");
        ran.stdout
    }

    async fn register(&self, handle: &str) -> Value {
        let body = json!({ "handle": handle, "password": "correct horse battery" });
        let answer = self.server.post("/v1/users", None, &body).await.unwrap();
        assert!(answer.status.is_success(), "{}", answer.text);
        answer.body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_acts_and_finds_it_in_the_log() {
    let desk = Desk::new().await;
    let ana = desk.register("ana").await;

    let overview = desk.said(&["overview"]);
    assert!(overview.contains("all parts are well"), "{overview}");
    assert!(overview.contains("1 (1 hosted, 0 frozen)"), "{overview}");
    assert_eq!(desk.json(&["overview"])["users"], 1);
    assert_eq!(desk.said(&["at-risk"]), "No purse is at risk.\n");
    assert_eq!(desk.said(&["defaults"]), "Nobody is in default.\n");
    assert_eq!(desk.said(&["transactions"]), "No transaction is stuck.\n");
    assert_eq!(desk.json(&["at-risk"]), json!({ "items": [] }));
    assert!(desk.said(&["gas", "--days", "3"]).contains("3 days"));

    let reason = ["--reason", "a court order"];
    let frozen = desk.said(&[&["freeze", "ana"][..], &reason].concat());
    assert!(frozen.starts_with("@ana (0x"), "{frozen}");
    let me = desk
        .server
        .get("/v1/me", ana["token"].as_str())
        .await
        .unwrap();
    assert_eq!(me.body["frozen"], true);
    let account = ana["account"].as_str().unwrap();
    let thawed = desk.json(&[&["unfreeze", account][..], &reason].concat());
    assert_eq!(thawed.get("frozen_at"), None);
    assert_eq!(thawed["handle"], "ana");

    let keys = desk.said(&["keys"]);
    assert!(keys.contains("1 data keys are under local"), "{keys}");
    assert_eq!(desk.json(&["keys", "rotate"])["resealed"], 0);
    let audit = desk.said(&["audit"]);
    assert!(audit.starts_with("The books balance"), "{audit}");
    assert_eq!(desk.json(&["audit"])["clean"], true);

    let log = desk.said(&["log"]);
    assert!(log.contains("user.freeze"), "{log}");
    assert!(log.contains("a court order"), "{log}");
    let log = desk.json(&["log", "--limit", "2"]);
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
    assert_eq!(log["items"][0]["actor"], "operator");

    let file = desk.server.folder.path().join("events.ndjson");
    let name = file.display().to_string();
    desk.said(&["export", "events", "--out", &name]);
    let text = fs::read_to_string(&file).unwrap();
    let frozen = text.lines().find(|line| line.contains("account.frozen"));
    let line: Value = serde_json::from_str(frozen.unwrap()).unwrap();
    let cursor = line["cursor"].as_str().unwrap();
    let rest = desk.said(&["export", "events", "--cursor", cursor]);
    assert!(text.ends_with(&rest) && rest.len() < text.len());
    let again = desk.run(&["export", "events", "--out", &name]);
    assert_eq!(again.code, 2, "nothing is written over: {again:?}");
    let csv = desk.said(&["export", "ledger", "--format", "csv"]);
    assert_eq!(
        csv.lines().next(),
        Some("cursor,at,source,debit,credit,amount")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_given_up_and_one_that_failed_is_tried_again() {
    let desk = Desk::new().await;
    let app = desk.server.app();
    // Nothing is signed while the sender is not allowed to: two calls that the contract refuses.
    let work = |name: &str| NewTransaction {
        work: name.to_owned(),
        purpose: Purpose::Close,
        to: app.contract.address().into_array(),
        calldata: vec![1, 2, 3, 4],
        deadline: None,
    };
    let numbers = app
        .database
        .append_transactions(&[work("close:one")], app.now())
        .await
        .unwrap();
    let number = numbers[0].to_string();
    let failed = offpay_server::testing::eventually("it is refused", || async {
        let failed = desk.json(&["transactions", "--state", "failed"]);
        let first = failed["items"][0].clone();
        (first["number"] == number.as_str()).then_some(first)
    })
    .await;
    assert_eq!(failed["work"], "close:one");
    assert_eq!(failed["attempts"], 0);
    let table = desk.said(&["transactions", "--state", "failed"]);
    assert!(table.contains("close:one"), "{table}");

    let reason = ["--reason", "the contract was paused"];
    let retried = desk.json(&[&["transactions", "retry", &number][..], &reason].concat());
    assert_eq!(retried["outcome"], "requeued");
    let unknown = desk.run(&["transactions", "retry", "99", "--reason", "x", "--json"]);
    assert_eq!(unknown.failed(), "server_refused");
    let over = offpay_server::testing::eventually("it is refused again", || async {
        let over = desk.run(&["transactions", "abandon", &number, "--reason", "x"]);
        over.stderr.contains("over already").then_some(over)
    })
    .await;
    assert_eq!(over.code, 2, "{over:?}");
    let log = desk.json(&["log"]);
    assert_eq!(log["items"][0]["action"], "transaction.retry");
    assert_eq!(log["items"][0]["subject"], number.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_what_to_do() {
    let mut desk = Desk::new().await;
    let url = desk.server.url("");
    let wrong = desk.server.folder.path().join("wrong.token");
    fs::write(&wrong, "a wrong token that must not be repeated\n").unwrap();
    let wrong = wrong.display().to_string();
    let refused = desk.run_with(&url, &wrong, &["overview"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--token-file"), "{refused:?}");
    assert!(!refused.stderr.contains("must not be"), "{refused:?}");
    assert_eq!(
        desk.run_with(&url, &wrong, &["log", "--json"]).failed(),
        "server_refused"
    );
    let plain = desk.run_with("http://pay.example", &wrong, &["overview", "--json"]);
    assert_eq!(plain.failed(), "token_not_private");

    desk.server.stop().await;
    let down = desk.run_with(&url, &wrong, &["overview", "--json"]);
    assert_eq!(down.failed(), "server_unreachable");
    let down = desk.run_with(&url, &wrong, &["audit"]);
    assert!(down.stderr.contains("is it running"), "{down:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_servers_database_is_copied_and_brought_back() {
    let mut desk = Desk::new().await;
    desk.register("ana").await;
    let folder = desk.server.folder.path().to_owned();
    let run = |database: &str, arguments: &[&str]| -> Ran {
        let url = format!("sqlite:{}", folder.join(database).display());
        let mut program = program();
        program.env("OFFPAY_DATABASE__URL", url).args(arguments);
        program.output().unwrap().into()
    };
    let copy = folder.join("copy.db").display().to_string();
    let told = run("offpay.db", &["backup", "--to", &copy, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.json()["payments"], "0");
    assert_eq!(told.json()["bytes"], fs::metadata(&copy).unwrap().len());
    let again = run("offpay.db", &["backup", "--to", &copy, "--json"]);
    assert_eq!(again.failed(), "backup_exists");
    let onto = run("offpay.db", &["restore", "--from", &copy, "--json"]);
    assert_eq!(onto.failed(), "backup_exists", "nothing is written over");
    let back = run("back.db", &["restore", "--from", &copy]);
    assert_eq!(back.code, 0, "{back:?}");
    assert!(back.stdout.contains("its books balance"), "{back:?}");
    assert!(back.stdout.contains("sign nothing any more"), "{back:?}");

    desk.server.stop().await;
    let url = format!("sqlite:{}", folder.join("back.db").display());
    desk.server.local.config.database.url = url.as_str().into();
    desk.server.start_again().await.unwrap();
    assert_eq!(desk.json(&["overview"])["users"], 1);
    let body = json!({ "handle": "ana", "password": "correct horse battery" });
    let signed_in = desk.server.post("/v1/sessions", None, &body).await.unwrap();
    assert!(signed_in.status.is_success(), "{}", signed_in.text);
}
