//! A process that pays in a loop and is killed in the middle of it, again and again.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};

use offpay_protocol::Amount;
use offpay_store::WalletFile;
use offpay_wallet::{storage::Storage, use_case::UseCase};

use crate::entries::{create, made, purse, units, write};

const PATH: &str = "OFFPAY_STORE_TEST_PAYS";

/// Not a test: pays one unit after another, and says each start only after it is stored.
#[test]
fn other_process_pays() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    let mut file = WalletFile::open(path).unwrap();
    let mut out = std::io::stdout();
    loop {
        let records = file.load().unwrap();
        let next = u64::try_from(records.purses[&purse(1).key].next_serial.get()).unwrap();
        let mut payment = made(0, 1, next, 1);
        payment.id = alloy_primitives::keccak256(next.to_be_bytes()).into();
        write(&mut file, UseCase::RecordPayment(Box::new(payment))).unwrap();
        writeln!(out, "shown {next}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_shown_is_stored_and_no_serial_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    {
        let mut file = WalletFile::open(&path).unwrap();
        write(&mut file, create()).unwrap();
        write(&mut file, UseCase::PreparePurse(purse(1))).unwrap();
    }
    let mut shown: Vec<u64> = Vec::new();
    for round in 0u64..12 {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["killed::other_process_pays", "--exact", "--nocapture"])
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = process.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines
                .filter_map(|line| line.split_once("shown ")?.1.parse().ok())
                .collect::<Vec<u64>>()
        });
        std::thread::sleep(Duration::from_millis(150 + 23 * round));
        process.kill().unwrap();
        process.wait().unwrap();
        shown.extend(reader.join().unwrap());
    }
    assert!(shown.len() > 12, "it paid: {}", shown.len());
    assert!(
        shown.is_sorted_by(|one, next| one < next),
        "a serial was shown twice"
    );
    let records = WalletFile::open(&path).unwrap().load().unwrap();
    let stored: std::collections::BTreeSet<Amount> = records
        .made
        .values()
        .map(|made| made.payment.start)
        .collect();
    assert!(
        shown.iter().all(|start| stored.contains(&units(*start))),
        "shown and not stored"
    );
    let next = records.purses[&purse(1).key].next_serial;
    assert_eq!(next, units(u64::try_from(stored.len()).unwrap()));
}
