//! Two wallet folders, as after a sync: a payer with a purse, and a payee whose circle certainly covers it.
#![allow(dead_code)] // Each test file uses its part.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{SystemTime, UNIX_EPOCH},
};

use offpay_protocol::{
    AccountId, Amount, Circle, Domain, PurseKey, Seconds, Signable, SigningKey, Timestamp,
    cover::Parameters, messages::Certificate, wire::OperatorCard,
};
use offpay_store::WalletFile;
use offpay_wallet::{
    Deployment, Entropy, Token, Wallet,
    keys::{KdfCost, Password},
    records::{FinalizedBlock, PurseTerms, StoredCertificate},
    settings::Settings,
    sync::{Answer, CircleOnChain, PurseOnChain, PurseView},
    wallet::{NewIdentity, NewWalletOrder},
};
use serde_json::Value;

pub(crate) const PIN: &str = "2468";

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::new(since.as_secs()).unwrap()
}

pub(crate) fn tokens(tokens: u64) -> Amount {
    Amount::new(u128::from(tokens) * 10u128.pow(18)).unwrap()
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn market() -> Circle {
    Circle::new([0xcc; 20].into())
}

pub(crate) fn deployment() -> Deployment {
    Deployment {
        domain: Domain::new(31_337, [0xff; 20].into()),
        parameters: Parameters::standard(tokens(10)),
        token: Token {
            symbol: "OFFPAY".into(),
            decimals: 18,
        },
    }
}

fn entropy() -> Entropy {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap();
    Entropy::new(bytes)
}

/// The two folders.
pub(crate) struct Wallets {
    folder: tempfile::TempDir,
}

impl Wallets {
    pub(crate) fn new() -> Self {
        let wallets = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        wallets.make("alice", NewIdentity::Owner(key(1)), open_purse);
        wallets.make("shop", NewIdentity::Owner(key(2)), join_circle);
        wallets
    }

    /// One more folder: a device that takes payments for an account, and does not have its key.
    pub(crate) fn add_till(&self) {
        let account = AccountId::new([0x71; 20].into());
        self.make("till", NewIdentity::Payee(account), join_circle);
    }

    fn make(&self, name: &str, identity: NewIdentity, prepare: fn(&mut Wallet<WalletFile>)) {
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let storage = WalletFile::open(folder.join("wallet.db")).unwrap();
        let mut settings = Settings::cautious(tokens(1));
        settings.spending = Default::default();
        settings.acceptance.limits.payments = 100_000;
        let order = NewWalletOrder {
            deployment: deployment(),
            identity,
            name: name.to_owned(),
            settings,
            cost: KdfCost::FOR_TESTS,
        };
        let mut wallet =
            Wallet::create(storage, order, &Password::new(PIN), &entropy(), now()).unwrap();
        let card = OperatorCard {
            domain: deployment().domain,
            operator: key(3).address().into(),
            url: String::new(),
            name: "Operator".into(),
        };
        wallet.trust_operator(&card, now()).unwrap();
        prepare(&mut wallet);
        wallet.learn(Answer::Synced(block()), now()).unwrap();
    }

    /// The wallet in a folder, when no process has it open.
    pub(crate) fn open(&self, name: &str) -> Wallet<WalletFile> {
        let file = self.folder.path().join(name).join("wallet.db");
        Wallet::open(WalletFile::open(file).unwrap()).unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the real program on one of the folders.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offpay"));
        let folder = self.folder.path().join(name);
        command
            .args(["wallet", "--json", "--dir"])
            .arg(folder)
            .args(arguments)
            .env("OFFPAY_PIN", PIN);
        command
    }

    /// Runs a command to its end, and gives what it said and its exit code.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) -> (Value, i32) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(name, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&stdout);
        let value = serde_json::from_str(&said)
            .unwrap_or_else(|error| panic!("{error}: {said}{}", String::from_utf8_lossy(&stderr)));
        (value, status.code().unwrap())
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn block() -> FinalizedBlock {
    FinalizedBlock {
        number: 1_000,
        hash: [7; 32].into(),
        time: now(),
        nodes: 2,
    }
}

fn open_purse(wallet: &mut Wallet<WalletFile>) {
    let terms = PurseTerms {
        circle: market(),
        cover_count: 5,
        funds: tokens(10_000),
        pledge: tokens(100_000),
    };
    let order = wallet
        .prepare_purse(terms, &entropy(), now())
        .unwrap()
        .into_inner();
    let owner = wallet.state().account();
    let on_chain = PurseOnChain {
        owner,
        circle: terms.circle,
        funds: terms.funds,
        paid: Amount::ZERO,
        pledge: terms.pledge,
        cover_count: terms.cover_count,
        closes_at: None,
        closed: false,
    };
    let view = PurseView {
        purse: order.key,
        on_chain: Some(on_chain),
        at: block(),
    };
    wallet.learn(Answer::Purse(view), now()).unwrap();
    certify(wallet, order.key, &terms);
}

fn certify(wallet: &mut Wallet<WalletFile>, purse: PurseKey, terms: &PurseTerms) {
    let certificate = Certificate {
        purse,
        owner: wallet.state().account(),
        circle: terms.circle,
        funds: terms.funds,
        pledge: terms.pledge,
        cover_count: terms.cover_count,
        circle_size: 5,
        as_of: now(),
    };
    let signature = certificate.sign(&deployment().domain, &key(3)).unwrap();
    let held = StoredCertificate {
        certificate,
        signature,
    };
    wallet.learn(Answer::Certificate(held), now()).unwrap();
}

fn join_circle(wallet: &mut Wallet<WalletFile>) {
    wallet.join_circle(market(), "Market", now()).unwrap();
    let place = CircleOnChain {
        from: now().saturating_sub(Seconds::days(30)),
        until: None,
    };
    let answer = Answer::Membership {
        circle: market(),
        place: Some(place),
        at: block(),
    };
    wallet.learn(answer, now()).unwrap();
}
