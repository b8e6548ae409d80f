//! `offpay purse`: what the contract holds about a purse.

use anyhow::{Context, Result};
use clap::Args;
use offpay_chain::contract::Purse as PurseState;
use offpay_protocol::{AccountId, Amount, Circle, PurseKey, Timestamp};
use serde::Serialize;

use crate::{cli::Answer, clock, money::Unit, network::Network, output::Output};

/// Show a purse.
#[derive(Debug, Args)]
pub(crate) struct Purse {
    /// The purse's key.
    #[arg(long, value_name = "ADDRESS")]
    purse: PurseKey,
    /// Also what this payee was paid from it.
    #[arg(long, value_name = "ADDRESS")]
    payee: Option<AccountId>,
    #[command(flatten)]
    network: Network,
    /// Answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    purse: PurseKey,
    status: &'static str,
    owner: AccountId,
    circle: Circle,
    funds: Amount,
    paid: Amount,
    pledge: Amount,
    cover_count: u16,
    cover: Amount,
    closes_at: Option<Timestamp>,
    reported: bool,
    condemned: bool,
    pairs_in_default: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_to_payee: Option<Amount>,
}

impl Purse {
    /// Runs it. Yes: there is such a purse.
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let contract = self.network.contract().await?;
        let state = contract.purse(self.purse).await?;
        let state = state
            .with_context(|| format!("no purse was ever opened with the key {}", self.purse))?;
        let paid_to_payee = match self.payee {
            Some(payee) => Some(contract.paid_to(self.purse, payee).await?),
            None => None,
        };
        let told = Told {
            purse: self.purse,
            status: status(&state),
            owner: state.owner,
            circle: state.circle,
            funds: state.funds,
            paid: state.paid,
            pledge: state.pledge,
            cover_count: state.cover_count,
            cover: contract.cover_of(&state),
            closes_at: state.closes_at,
            reported: state.reported,
            condemned: state.condemned,
            pairs_in_default: state.pairs_in_default,
            paid_to_payee,
        };
        if self.json {
            output.json(&told)?;
        } else {
            told.print(output, &Unit::of(&contract).await)?;
        }
        Ok(Answer::Yes)
    }
}

const fn status(state: &PurseState) -> &'static str {
    if state.closed {
        "closed"
    } else if state.pairs_in_default > 0 {
        "in default"
    } else if state.closes_at.is_some() {
        "closing"
    } else {
        "open"
    }
}

impl Told {
    fn print(&self, output: &Output, unit: &Unit) -> Result<()> {
        output.line(&format!("Purse {} is {}.", self.purse, self.status))?;
        if self.status != "closed" {
            output.line(&format!("  owner   {}", self.owner))?;
            output.line(&format!(
                "  funds   {}, of which paid {}",
                unit.show(self.funds),
                unit.show(self.paid)
            ))?;
            output.line(&format!(
                "  pledge  {}: {} covers of {}",
                unit.show(self.pledge),
                self.cover_count,
                unit.show(self.cover)
            ))?;
            let circle = if self.circle.is_open() {
                "the open circle".to_owned()
            } else {
                self.circle.to_string()
            };
            output.line(&format!("  circle  {circle}"))?;
        }
        if let Some(at) = self.closes_at {
            output.line(&format!("  closes  on {} at the earliest", clock::show(at)))?;
        }
        for (flag, what) in [
            (self.reported, "a double spend was reported"),
            (self.condemned, "it is condemned"),
        ] {
            if flag {
                output.line(&format!("  note    {what}"))?;
            }
        }
        if let Some(paid) = self.paid_to_payee {
            output.line(&format!(
                "  paid    {} to the payee, as this node says: `offpay verify` proves it",
                unit.show(paid)
            ))?;
        }
        Ok(())
    }
}
