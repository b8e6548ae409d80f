//! `offpay deploy`: puts the contract on a chain.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use offpay_chain::{
    Configuration, Deployment, Node, Sender, Token,
    deploy::{contract_address, explorer_inputs, token_address},
    deploy_contract, deploy_token,
};
use offpay_protocol::{
    AccountId, Amount, Seconds,
    cover::{BasisPoints, Parameters},
};

use crate::{
    cli::Answer, money::DECIMALS, network::NodeUrl, output::Output, sender::SenderArguments,
};

/// Deploy the contract, or find it where it was deployed before with the same parameters.
///
/// The same parameters give the same address on every chain. Running it again is safe.
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    node: NodeUrl,
    #[command(flatten)]
    sender: SenderArguments,
    /// The ERC-20 to hold. Without it, $OFFPAY is deployed, and the sender can mint it.
    #[arg(long, value_name = "ADDRESS")]
    token: Option<Address>,
    /// Who receives what is left of a condemned purse's pledge. Without it, the sender.
    #[arg(long, value_name = "ADDRESS")]
    treasury: Option<AccountId>,
    /// How long an owner in default has to make good, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "86400", value_parser = seconds)]
    settlement_period: Seconds,
    /// How long a purse takes to close and a membership to count, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "604800", value_parser = seconds)]
    close_delay: Seconds,
    /// Least collateral of a registered account, in whole tokens.
    #[arg(long, value_name = "TOKENS", default_value = "10")]
    healthy_collateral: String,
    /// What of a condemned pledge nobody can claim, in the open circle, in basis points.
    #[arg(long, value_name = "BPS", default_value = "5000", value_parser = basis_points)]
    open_penalty: BasisPoints,
    /// The same in every other circle.
    #[arg(long, value_name = "BPS", default_value = "1000", value_parser = basis_points)]
    circle_penalty: BasisPoints,
    /// Where to write the deployment file.
    #[arg(long, value_name = "FILE", default_value = "deployment.json")]
    out: PathBuf,
    /// A folder for what block explorers verify the sources from.
    #[arg(long, value_name = "FOLDER")]
    explorer: Option<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn seconds(text: &str) -> Result<Seconds, String> {
    let seconds: u64 = text
        .parse()
        .map_err(|_| "it is a number of seconds".to_owned())?;
    Seconds::new(seconds).ok_or_else(|| "that is too long".to_owned())
}

fn basis_points(text: &str) -> Result<BasisPoints, String> {
    let points: u16 = text.parse().map_err(|_| "it is 0 to 10000".to_owned())?;
    BasisPoints::new(points).ok_or_else(|| "it is 0 to 10000".to_owned())
}

impl Deploy {
    /// Runs it.
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let sender = self.sender.required()?;
        let node = self.node.connect().await?;
        let configuration = self.configuration(&node, &sender).await?;
        configuration.check()?;
        self.check_out(&node, &configuration)?;
        if self.token.is_none() {
            deploy_token(&node, &sender, sender.address()).await?;
        }
        let (_, deployment) = deploy_contract(&node, &sender, &configuration).await?;
        deployment.write(&self.out)?;
        if let Some(folder) = &self.explorer {
            write_explorer_inputs(
                folder,
                &configuration,
                self.token.is_none().then(|| sender.address()),
            )?;
        }
        self.tell(output, &deployment)?;
        Ok(Answer::Yes)
    }

    async fn configuration(&self, node: &Node, sender: &Sender) -> Result<Configuration> {
        let token = self
            .token
            .unwrap_or_else(|| token_address(sender.address()));
        let decimals = match self.token {
            None => DECIMALS,
            Some(address) => {
                ensure!(
                    !node.code(address).await?.is_empty(),
                    "there is no token at {address}"
                );
                let decimals = Token::new(node, address).decimals().await;
                decimals.with_context(|| {
                    format!("what is at {address} does not say its decimals: is it an ERC-20?")
                })?
            }
        };
        let healthy_collateral = Amount::parse_units(&self.healthy_collateral, decimals)
            .with_context(|| format!("--healthy-collateral {}", self.healthy_collateral))?;
        Ok(Configuration {
            token,
            treasury: self.treasury.unwrap_or_else(|| sender.account()),
            parameters: Parameters {
                settlement_period: self.settlement_period,
                close_delay: self.close_delay,
                healthy_collateral,
                open_penalty: self.open_penalty,
                circle_penalty: self.circle_penalty,
            },
        })
    }

    /// Whether the file can be written, and would not take the place of another deployment's.
    fn check_out(&self, node: &Node, configuration: &Configuration) -> Result<()> {
        if self.out.exists() {
            let written = Deployment::read(&self.out)?;
            let same = written.chain_id == node.chain_id()
                && written.contract == contract_address(configuration);
            ensure!(
                same,
                "{} is of another deployment ({} on chain {}): name another file with --out",
                self.out.display(),
                written.contract,
                written.chain_id
            );
            return Ok(());
        }
        let folder = self
            .out
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        if let Err(error) = tempfile::tempfile_in(folder) {
            bail!("cannot write into {}: {error}", folder.display());
        }
        Ok(())
    }

    fn tell(&self, output: &Output, deployment: &Deployment) -> Result<()> {
        if self.json {
            return Ok(output.json(deployment)?);
        }
        output.line(&format!(
            "OffPay is at {} on chain {}.",
            deployment.contract, deployment.chain_id
        ))?;
        output.line(&format!("  token        {}", deployment.token))?;
        output.line(&format!("  treasury     {}", deployment.treasury))?;
        let Parameters {
            settlement_period,
            close_delay,
            healthy_collateral,
            ..
        } = deployment.parameters;
        output.line(&format!(
            "  to make good {settlement_period} s, to close {close_delay} s"
        ))?;
        output.line(&format!(
            "  collateral   {healthy_collateral} base units at least"
        ))?;
        if let Some(tx) = deployment.tx {
            output.line(&format!("  transaction  {tx}"))?;
        }
        output.line(&format!("Written to {}.", self.out.display()))?;
        Ok(())
    }
}

fn write_explorer_inputs(
    folder: &Path,
    configuration: &Configuration,
    owner: Option<Address>,
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for input in explorer_inputs(configuration, owner) {
        let name = input.contract.rsplit(':').next().unwrap_or(input.contract);
        let write = |suffix: &str, text: &str| {
            let file = folder.join(format!("{name}.{suffix}"));
            fs::write(&file, text).with_context(|| file.display().to_string())
        };
        write("compiler-input.json", input.compiler_input)?;
        let form = serde_json::json!({
            "contract": input.contract,
            "compiler": input.compiler,
            "constructorArguments": input.constructor_arguments,
        });
        write("verification.json", &format!("{form:#}\n"))?;
    }
    Ok(())
}
