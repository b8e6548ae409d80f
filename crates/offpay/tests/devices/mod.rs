//! Devices with wallets of the real program, on a local chain.
#![allow(dead_code)] // Each test file uses its part.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use offpay_chain::{Contract, LocalChain, Sender};
use offpay_protocol::{AccountId, Timestamp};
use offpay_store::WalletFile;
use offpay_wallet::{
    Deployment, Entropy, Token, Wallet,
    keys::{KdfCost, Password},
    settings::Settings,
    wallet::{NewIdentity, NewWalletOrder},
};
use serde_json::Value;

pub(crate) const PIN: &str = "2468";

/// A device with the wallet of an account.
pub(crate) struct Device {
    folder: PathBuf,
    node: String,
    account: AccountId,
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Device {
    /// A wallet with the owner's key and no purse, as if it was just restored from the phrase.
    pub(crate) fn of(
        chain: &LocalChain,
        contract: &Contract,
        owner: &Sender,
        folder: &Path,
        decimals: u8,
    ) -> Self {
        fs::create_dir(folder).unwrap();
        let unit = offpay_protocol::Amount::parse_units("1", decimals).unwrap();
        let mut settings = Settings::cautious(unit);
        settings.spending = Default::default();
        let order = NewWalletOrder {
            deployment: Deployment {
                domain: *contract.domain(),
                parameters: contract.configuration().parameters,
                token: Token {
                    symbol: "OFFPAY".into(),
                    decimals,
                },
            },
            identity: NewIdentity::Owner(owner.key().clone()),
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            settings,
            cost: KdfCost::FOR_TESTS,
        };
        let storage = WalletFile::open(folder.join("wallet.db")).unwrap();
        let before = Timestamp::new(1_700_000_000).unwrap();
        let (pin, entropy) = (Password::new(PIN), Entropy::new([1; 32]));
        Wallet::create(storage, order, &pin, &entropy, before).unwrap();
        Self {
            folder: folder.to_owned(),
            node: chain.url().to_owned(),
            account: owner.account(),
        }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// Its storage, while no process has the wallet open.
    pub(crate) fn storage(&self) -> WalletFile {
        WalletFile::open(self.folder.join("wallet.db")).unwrap()
    }

    /// A file in its folder.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offpay"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("OFFPAY_") {
                command.env_remove(variable);
            }
        }
        command
            .args(["wallet", "--dir"])
            .arg(&self.folder)
            .env("OFFPAY_PIN", PIN)
            .env("OFFPAY_RPC_URL", &self.node);
        command
    }

    /// Runs a command that answers in JSON.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command();
        let command = command.arg("--json").args(arguments);
        command.output().unwrap().into()
    }

    /// Runs a command that has to succeed.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.json()
    }

    /// Runs a command that answers people.
    pub(crate) fn said(&self, arguments: &[&str]) -> Ran {
        self.command().args(arguments).output().unwrap().into()
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
