//! Two wallets of the real program, with pictures between them: verdicts, exit codes, and what is refused.
#![allow(missing_docs)]

mod wallets;

use std::fs;

use offpay_wallet::keys::{Password, import_keystore};
use wallets::{PIN, Wallets, text};

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

#[test]
fn another_pin_opens_the_same_wallet() {
    let wallets = Wallets::new();
    let change = |new: &str| {
        let mut command = wallets.command("alice", &["pin", "change", "--cheap-pin"]);
        let output = command.env("OFFPAY_NEW_PIN", new).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), said)
    };
    let (code, said) = change("12");
    assert_eq!(code, Some(2));
    assert!(said.contains("password_too_short"), "{said}");
    let (code, said) = change("thirteen 5790");
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("5790"), "{said}");
    // The old one opens nothing any more, and changes nothing.
    let (code, said) = change("2468");
    assert_eq!(code, Some(2));
    assert!(said.contains("wrong_password"), "{said}");

    let request = ask(&wallets, "5");
    assert_eq!(wallets.run("alice", &["pay", &request, "--yes"]).1, 2);
    let mut pay = wallets.command("alice", &["pay", &request, "--yes"]);
    let output = pay.env("OFFPAY_PIN", "thirteen 5790").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_owner_key_leaves_in_a_keystore() {
    let wallets = Wallets::new();
    let file = wallets.file("owner.json");
    let export = |name: &str, pin: &str| {
        let mut command = wallets.command(name, &["export", text(&file)]);
        command
            .env("OFFPAY_PIN", pin)
            .env("OFFPAY_KEYSTORE_PASSWORD", "of the keystore")
            .output()
            .unwrap()
    };
    assert_eq!(export("alice", "0000").status.code(), Some(2));
    assert!(!file.exists());
    let output = export("alice", PIN);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let keystore = fs::read_to_string(&file).unwrap();
    let password = Password::new("of the keystore");
    let key = import_keystore(&keystore, &password).unwrap();
    let account = wallets.open("alice").state().account();
    assert_eq!(account.address(), key.address());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others can read it");
    }

    // A file that exists is somebody's key: it is not written over.
    assert_eq!(export("shop", PIN).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), keystore);

    fs::remove_file(&file).unwrap();
    wallets.add_till();
    let output = export("till", PIN);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("no_owner_key"), "{said}");
    assert!(!file.exists());
}
