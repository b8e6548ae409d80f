//! A device: a wallet in a folder, and the real program to run it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context, Result, bail, ensure};
use offpay_protocol::AccountId;
use serde_json::Value;

use super::isolation::Isolation;

/// A device.
pub(super) struct Device {
    name: String,
    folder: PathBuf,
    deployment: PathBuf,
    node: String,
    program: PathBuf,
    isolation: Isolation,
}

impl Device {
    pub(super) fn new(folder: &Path, name: &str, node: &str, isolation: Isolation) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            folder: folder.join(name),
            deployment: folder.join("deployment.json"),
            node: node.to_owned(),
            program: env::current_exe().context("where is this program?")?,
            isolation,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The wallet's account.
    pub(super) fn account(&self) -> Result<AccountId> {
        let status = self.online(&["status"])?;
        let account = status["account"].as_str().context("no account")?;
        account.parse().ok().context("no account")
    }

    /// Runs a wallet command with the network.
    pub(super) fn online(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.program);
        answer(self.wallet(&mut command).args(arguments), arguments)
    }

    /// Runs an operator's command with the network.
    pub(super) fn operator(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.program);
        self.environment(&mut command).args(["operator", "--json"]);
        answer(command.args(arguments), arguments)
    }

    /// Runs a wallet command where there is no network.
    pub(super) fn offline(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = self.isolation.command(&self.program);
        let command = self.wallet(&mut command).env_remove("OFFPAY_RPC_URL");
        answer(command.args(arguments), arguments)
    }

    /// The interfaces where the offline commands run.
    pub(super) fn interfaces(&self) -> Result<Vec<String>> {
        let output = self
            .isolation
            .command(Path::new("cat"))
            .arg("/proc/net/dev")
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let names = text.lines().filter_map(|line| line.split_once(':'));
        Ok(names.map(|(name, _)| name.trim().to_owned()).collect())
    }

    /// Whether the chain cannot be reached from where the offline commands run: they are told where it is, and fail.
    pub(super) fn has_no_network(&self) -> Result<bool> {
        let mut command = self.isolation.command(&self.program);
        let output = self
            .wallet(&mut command)
            .args(["status", "--online"])
            .output()?;
        Ok(output.status.code() == Some(2))
    }

    fn wallet<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        self.environment(command).args(["wallet", "--json"])
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("OFFPAY_") {
                command.env_remove(variable);
            }
        }
        command
            .env("OFFPAY_WALLET_DIR", &self.folder)
            .env("OFFPAY_DEPLOYMENT", &self.deployment)
            .env("OFFPAY_RPC_URL", &self.node)
            .env("OFFPAY_PIN", "1234")
    }
}

fn answer(command: &mut Command, arguments: &[&str]) -> Result<Value> {
    let Output {
        status,
        stdout,
        stderr,
    } = tokio::task::block_in_place(|| command.output())?;
    let said = String::from_utf8_lossy(&stdout);
    if !status.success() {
        bail!(
            "`offpay {}` ended with {status}: {said}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&stderr)
        );
    }
    ensure!(
        !said.is_empty(),
        "`offpay {}` said nothing",
        arguments.join(" ")
    );
    serde_json::from_str(&said)
        .with_context(|| format!("`offpay {}` said {said}", arguments.join(" ")))
}
