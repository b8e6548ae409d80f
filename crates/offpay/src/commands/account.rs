//! `offpay account`: what the contract holds about an account.

use anyhow::Result;
use clap::Args;
use offpay_protocol::{AccountId, Amount, Timestamp};
use serde::Serialize;

use crate::{cli::Answer, money::Unit, network::Network, output::Output};

/// Show an account.
#[derive(Debug, Args)]
pub(crate) struct Account {
    /// The account.
    #[arg(long, value_name = "ADDRESS")]
    account: AccountId,
    #[command(flatten)]
    network: Network,
    /// Answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    account: AccountId,
    balance: Amount,
    collateral: Amount,
    pledged: Amount,
    registered_at: Option<Timestamp>,
}

impl Account {
    /// Runs it.
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let contract = self.network.contract().await?;
        let state = contract.account(self.account).await?;
        let told = Told {
            account: self.account,
            balance: state.balance,
            collateral: state.collateral,
            pledged: state.pledged,
            registered_at: state.registered_at,
        };
        if self.json {
            output.json(&told)?;
            return Ok(Answer::Yes);
        }
        let unit = Unit::of(&contract).await;
        let registered = if told.registered_at.is_some() {
            "registered"
        } else {
            "not registered"
        };
        output.line(&format!("Account {} is {registered}.", told.account))?;
        output.line(&format!("  balance     {}", unit.show(told.balance)))?;
        output.line(&format!(
            "  collateral  {}, of which pledged {}",
            unit.show(told.collateral),
            unit.show(told.pledged)
        ))?;
        Ok(Answer::Yes)
    }
}
