//! The program is killed (`kill -9`) at random moments while it pays and accepts: nothing is spent twice, nothing that
//! was accepted is missing, and nothing was shown that is not stored.
#![allow(missing_docs, clippy::print_stdout)]

mod wallets;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use offpay_protocol::{PaymentId, Reference, wire::Code};
use offpay_wallet::State;
use wallets::{Wallets, text};

/// How many payments are made; `OFFPAY_KILLS` asks for more.
fn rounds() -> usize {
    std::env::var("OFFPAY_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(30)
}

/// Moments that are spread over a run, differently every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: Duration) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        below.mul_f64((self.0 >> 33) as f64 / f64::from(u32::MAX >> 1))
    }
}

/// Starts a command and kills it after a while. Gives what it had said until then.
fn kill_after(command: &mut Command, said: &Path, delay: Duration) -> String {
    let stdout = fs::File::create(said).unwrap();
    let mut child = command
        .stdout(stdout)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(delay);
    // SIGKILL, which no process survives or hears of. One that has ended already is fine.
    let _ = child.kill();
    child.wait().unwrap();
    fs::read_to_string(said).unwrap()
}

/// Every payment id that stands in what a killed program said.
fn ids(said: &str) -> impl Iterator<Item = PaymentId> {
    said.split("\"id\": \"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"')?.0.parse().ok())
}

fn check_payer(state: &State, shown: &BTreeSet<PaymentId>) {
    let made = &state.records().made;
    for id in shown {
        assert!(made.contains_key(id), "{id} was shown and is not stored");
    }
    let mut serials: Vec<_> = made
        .values()
        .map(|made| made.payment.serials().unwrap())
        .collect();
    serials.sort_by_key(|serials| serials.start());
    for pair in serials.windows(2) {
        assert!(
            pair[0].end() <= pair[1].start(),
            "a serial was handed out twice: {pair:?}"
        );
    }
    let mut paid: BTreeMap<Reference, usize> = BTreeMap::new();
    for made in made.values() {
        *paid.entry(made.payment.reference).or_default() += 1;
    }
    assert!(
        paid.values().all(|times| *times == 1),
        "a request was paid twice"
    );
}

#[test]
fn killed_while_paying_and_accepting() {
    let wallets = Wallets::new();
    let seed = std::process::id().into();
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let began = Instant::now();
    assert_eq!(wallets.run("alice", &["status"]).1, 0);
    let run = began.elapsed() * 3;
    let (said, request, payment) = (
        wallets.file("said"),
        wallets.file("request"),
        wallets.file("payment"),
    );
    let (mut shown, mut accepted) = (BTreeSet::new(), BTreeSet::new());
    let (mut killed_before, mut killed_after) = (0, 0);
    for _ in 0..rounds() {
        let asked = wallets.run("shop", &["request", "0.5", "--out", text(&request)]);
        assert_eq!(asked.1, 0, "{asked:?}");
        let _ = fs::remove_file(&payment);
        let pay = ["pay", text(&request), "--yes", "--out", text(&payment)];
        let printed = kill_after(&mut wallets.command("alice", &pay), &said, dice.roll(run));
        shown.extend(ids(&printed));
        let written = fs::read_to_string(&payment)
            .ok()
            .filter(|text| text.ends_with('\n'));
        if written.is_some() {
            killed_after += 1;
        } else {
            killed_before += 1;
        }

        // The payer tries again: whether the first attempt was stored or not, it pays once.
        let (paid, code) = wallets.run("alice", &pay);
        assert_eq!(code, 0, "{paid}");
        let id: PaymentId = paid["id"].as_str().unwrap().parse().unwrap();
        shown.insert(id);
        if let Some(written) = written {
            let code = Code::parse(written.trim_end_matches('\n')).unwrap();
            assert_eq!(
                Code::parse(paid["code"]["text"].as_str().unwrap()).unwrap(),
                code
            );
            assert!(
                paid["again"].as_bool().unwrap(),
                "it was written and not stored"
            );
        }

        let accept = ["accept", text(&payment)];
        let printed = kill_after(&mut wallets.command("shop", &accept), &said, dice.roll(run));
        if printed.contains("\"accepted\": true") {
            accepted.insert(id);
        }
        // The file of the wallet is whole at every moment.
        let is_stored = wallets
            .open("shop")
            .state()
            .records()
            .received
            .contains_key(&id);
        assert!(
            is_stored || !accepted.contains(&id),
            "{id} was accepted and is missing"
        );
        let (taken, code) = wallets.run("shop", &accept);
        assert_eq!(code, 0, "{taken}");
        accepted.insert(id);
    }
    check_payer(wallets.open("alice").state(), &shown);
    let shop = wallets.open("shop");
    let received: BTreeSet<PaymentId> = shop.state().records().received.keys().copied().collect();
    assert_eq!(received, accepted);
    assert_eq!(received.len(), rounds());
    println!(
        "killed {killed_before} times before a payment was written, {killed_after} times after"
    );
}

#[test]
fn two_processes_on_one_wallet() {
    let wallets = Wallets::new();
    let requests: Vec<_> = (0..6)
        .map(|number| {
            let request = wallets.file(&format!("request{number}"));
            assert_eq!(
                wallets
                    .run("shop", &["request", "1", "--out", text(&request)])
                    .1,
                0
            );
            request
        })
        .collect();
    let running: Vec<_> = requests
        .iter()
        .map(|request| {
            let mut command = wallets.command("alice", &["pay", text(request), "--yes"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut shown = BTreeSet::new();
    for child in running {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        match output.status.code() {
            Some(0) => shown.extend(ids(&said)),
            _ => assert!(said.contains("wallet_in_use"), "{said}"),
        }
    }
    assert!(!shown.is_empty());
    let alice = wallets.open("alice");
    assert_eq!(alice.state().records().made.len(), shown.len());
    check_payer(alice.state(), &shown);
}
