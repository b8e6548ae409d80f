//! Two wallets of the real program, with pictures between them: verdicts, exit codes, and what is refused.
#![allow(missing_docs)]

mod wallets;

use std::fs;

use wallets::{Wallets, text};

fn ask(wallets: &Wallets, amount: &str) -> String {
    let request = wallets.file("request.png");
    let (asked, code) = wallets.run("shop", &["request", amount, "--png", text(&request)]);
    assert_eq!(code, 0, "{asked}");
    request.to_str().unwrap().to_owned()
}

#[test]
fn a_payment_in_three_pictures() {
    let wallets = Wallets::new();
    let request = ask(&wallets, "12.5");
    let (payment, receipt) = (wallets.file("payment.png"), wallets.file("receipt.png"));
    let (paid, code) = wallets.run(
        "alice",
        &["pay", &request, "--yes", "--png", text(&payment)],
    );
    assert_eq!(code, 0, "{paid}");
    let version = paid["code"]["qrVersion"].as_u64().unwrap();
    assert!((7..=11).contains(&version), "{version}");

    let accept = [
        "accept",
        text(&payment),
        "--receipt",
        "--png",
        text(&receipt),
    ];
    let (taken, code) = wallets.run("shop", &accept);
    assert_eq!(code, 0, "{taken}");
    assert_eq!(taken["acceptance"]["verdict"]["verdict"], "guaranteed");
    assert_eq!(taken["id"], paid["id"]);
    let (again, code) = wallets.run("shop", &accept);
    assert_eq!((code, again["again"].as_bool()), (0, Some(true)));

    assert_eq!(wallets.run("alice", &["receipt", text(&receipt)]).1, 0);
    let (history, _) = wallets.run("alice", &["history", "shop"]);
    assert_eq!(history["history"][0]["hasReceipt"], true);
    let (again, code) = wallets.run("alice", &["pay", &request, "--yes"]);
    assert_eq!((code, &again["id"]), (0, &paid["id"]));
}

#[test]
fn refusals_end_with_one_and_errors_with_two() {
    let wallets = Wallets::new();
    let request = ask(&wallets, "20000");
    let (refused, code) = wallets.run("alice", &["pay", &request, "--yes"]);
    assert_eq!(
        (code, refused["refused"]["code"].as_str()),
        (1, Some("not_enough"))
    );

    // Nobody confirmed.
    assert_eq!(wallets.run("alice", &["pay", &ask(&wallets, "1")]).1, 2);
    // A request is no payment.
    let (refused, code) = wallets.run("shop", &["accept", &ask(&wallets, "1")]);
    assert_eq!(
        (code, refused["refused"]["code"].as_str()),
        (1, Some("not_a_payment"))
    );

    let (request, payment) = (ask(&wallets, "1"), wallets.file("payment.txt"));
    assert_eq!(
        wallets
            .run(
                "alice",
                &["pay", &request, "--yes", "--out", text(&payment)]
            )
            .1,
        0
    );
    // It is for the shop, not for the payer itself.
    assert_eq!(wallets.run("alice", &["accept", text(&payment)]).1, 1);
    // Closed before the program opens it.
    let shop = wallets.open("shop");
    let references: Vec<_> = shop
        .state()
        .records()
        .requests
        .keys()
        .map(ToString::to_string)
        .collect();
    drop(shop);
    for reference in references {
        assert_eq!(
            wallets
                .run("shop", &["request", "--withdraw", &reference])
                .1,
            0
        );
    }
    let (refused, code) = wallets.run("shop", &["accept", text(&payment)]);
    assert_eq!(
        (code, refused["refused"]["code"].as_str()),
        (1, Some("request_withdrawn"))
    );

    let damaged = wallets.file("damaged.png");
    fs::write(&damaged, b"\x89PNG\r\n\x1a\n and no more").unwrap();
    assert_eq!(wallets.run("shop", &["accept", text(&damaged)]).1, 2);
    let output = wallets
        .command("alice", &["request", "1"])
        .env("OFFPAY_PIN", "0000")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("wrong_password")
    );
}

#[test]
fn a_printed_request_is_paid_again_and_again() {
    let wallets = Wallets::new();
    let poster = wallets.file("poster.png");
    assert_eq!(
        wallets.run("shop", &["request", "--png", text(&poster)]).1,
        0
    );
    let payment = wallets.file("payment.txt");
    for amount in ["1", "2.25"] {
        let pay = [
            "pay",
            text(&poster),
            "--amount",
            amount,
            "--yes",
            "--out",
            text(&payment),
        ];
        assert_eq!(wallets.run("alice", &pay).1, 0);
        assert_eq!(wallets.run("shop", &["accept", text(&payment)]).1, 0);
    }
    assert_eq!(wallets.open("shop").state().records().received.len(), 2);
    // The amount is the payer's to say.
    assert_eq!(wallets.run("alice", &["pay", text(&poster), "--yes"]).1, 1);
}

#[test]
fn a_backup_brings_back_what_was_received() {
    let wallets = Wallets::new();
    let (request, payment) = (ask(&wallets, "3"), wallets.file("payment.txt"));
    assert_eq!(
        wallets
            .run(
                "alice",
                &["pay", &request, "--yes", "--out", text(&payment)]
            )
            .1,
        0
    );
    assert_eq!(wallets.run("shop", &["accept", text(&payment)]).1, 0);
    let backup = wallets.file("backup");
    for arguments in [["backup", text(&backup)], ["restore-backup", text(&backup)]] {
        let mut command = wallets.command("shop", &arguments);
        let output = command
            .env("OFFPAY_BACKUP_PASSWORD", "long enough")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    assert_eq!(wallets.open("shop").state().records().received.len(), 1);
}
