//! A chain with the contract, a purse on it, payment records, and the program itself.
#![allow(dead_code)] // Each test file uses its part.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use offpay_chain::{
    Configuration, Contract, Deployment, LocalChain, LocalChainOptions, Sender, Token,
    contract::PurseTerms, deploy_contract, deploy_token, local,
};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Signable, Signed, SigningKey,
    cover::Parameters,
    messages::{Payment, PurseOpening},
};
use serde_json::{Value, json};

pub(crate) const UNIT: u64 = 1_000_000;

pub(crate) fn units(units: u64) -> Amount {
    Amount::from_u64(units * UNIT)
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error's code, of a run with `--json` that failed.
    #[track_caller]
    pub(crate) fn failed(&self) -> String {
        assert_eq!(self.code, 2, "{self:?}");
        self.json()["error"]["code"].as_str().unwrap().to_owned()
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

/// The program, with nothing of this machine's environment that it would read.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offpay"));
    for variable in ["OFFPAY_PRIVATE_KEY", "OFFPAY_RPC_URL", "OFFPAY_DEPLOYMENT"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn offpay(arguments: &[&str]) -> Ran {
    program().args(arguments).output().unwrap().into()
}

/// A local chain with the contract on it.
pub(crate) struct World {
    pub(crate) chain: LocalChain,
    pub(crate) contract: Contract,
    pub(crate) deployment: Deployment,
    pub(crate) token: Token,
    pub(crate) owner: Sender,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) fn hex(key: &SigningKey) -> String {
    key.expose_secret()
        .iter()
        .fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

impl World {
    pub(crate) async fn new() -> Self {
        let options = LocalChainOptions {
            slots_in_an_epoch: Some(1),
            ..Default::default()
        };
        let chain = LocalChain::start(&options).await.unwrap();
        let owner = chain.sender("owner").await.unwrap();
        let token = deploy_token(chain.node(), &owner, owner.address())
            .await
            .unwrap()
            .address;
        let parameters = Parameters::standard(units(1));
        let treasury = AccountId::new([0x77; 20].into());
        let configuration = Configuration {
            token,
            treasury,
            parameters,
        };
        let (contract, deployment) = deploy_contract(chain.node(), &owner, &configuration)
            .await
            .unwrap();
        let token = Token::new(chain.node(), token);
        let folder = tempfile::tempdir().unwrap();
        deployment
            .write(&folder.path().join("deployment.json"))
            .unwrap();
        token
            .mint(&owner, owner.address(), units(1_000_000))
            .await
            .unwrap();
        token
            .approve(&owner, contract.address(), Amount::MAX)
            .await
            .unwrap();
        contract.register(units(1_000)).send(&owner).await.unwrap();
        contract.deposit(units(10_000)).send(&owner).await.unwrap();
        Self {
            chain,
            contract,
            deployment,
            token,
            owner,
            folder,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.chain.url()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn deployment_file(&self) -> String {
        self.path("deployment.json").display().to_string()
    }

    /// Opens a purse of the owner with this key, in the circle that the owner runs.
    pub(crate) async fn purse(&self, key: &SigningKey, funds: u64, pledge: u64) -> PurseKey {
        let terms = PurseTerms {
            key: key.address().into(),
            funds: units(funds),
            pledge: units(pledge),
            cover_count: 1,
            circle: Circle::new(self.owner.address()),
        };
        let consent = PurseOpening {
            owner: self.owner.account(),
        }
        .sign(self.contract.domain(), key)
        .unwrap();
        self.contract
            .open_purse(&terms, &consent)
            .send(&self.owner)
            .await
            .unwrap();
        terms.key
    }

    /// Gives the key money for gas: a record without another sender pays for itself.
    pub(crate) async fn fund(&self, key: &SigningKey) {
        self.chain.give_gas_money(key.address()).await.unwrap();
    }

    pub(crate) fn sign(&self, key: &SigningKey, message: Payment) -> Signed<Payment> {
        let domain = *self.contract.domain();
        Signed {
            domain,
            message,
            signature: message.sign(&domain, key).unwrap(),
        }
    }

    pub(crate) fn record(
        &self,
        name: &str,
        key: &SigningKey,
        to: AccountId,
        amount: u64,
    ) -> PathBuf {
        let path = self.path(name);
        write(&path, &record(name, key, to, amount));
        path
    }

    pub(crate) fn settle(&self, file: &Path) -> Ran {
        self.settle_with(file, &[])
    }

    pub(crate) fn settle_with(&self, file: &Path, more: &[&str]) -> Ran {
        let (file, deployment) = (file.display().to_string(), self.deployment_file());
        let mut arguments = vec![
            "settle",
            "--file",
            &file,
            "--rpc-url",
            self.url(),
            "--deployment",
            &deployment,
            "--json",
        ];
        arguments.extend(more);
        offpay(&arguments)
    }
}

/// A record as somebody else's program writes it.
pub(crate) fn record(id: &str, key: &SigningKey, to: AccountId, amount: u64) -> Value {
    let amount = units(amount).to_string();
    json!({
        "wallet": { "public_key": key.address().to_string(), "private_key": hex(key) },
        "transaction": {
            "id": id,
            "from": key.address().to_string(),
            "to": to.to_string(),
            "amount": amount,
            "timestamp": "1753807570",
            "is_settled": false,
            "tx_hash": "",
        },
        "amount": amount,
    })
}

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

pub(crate) fn write(path: &Path, value: &Value) {
    fs::write(path, serde_json::to_vec_pretty(value).unwrap()).unwrap();
}

pub(crate) fn key(name: &str) -> SigningKey {
    local::key(name).unwrap()
}

pub(crate) fn payee(byte: u8) -> AccountId {
    AccountId::new([byte; 20].into())
}
