//! `offpay wallet till`

use alloy_primitives::U256;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use offpay_protocol::till::till;
use serde_json::json;

use super::{nodes::Nodes, session::Session};
use crate::{cli::Answer, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "A till is an account of yours whose device can take payments and spend nothing.\n\n\
    Examples:\n  offpay wallet till add 1\n  offpay wallet --dir till1 new --name 'Blue Door' --payee 0x71C7…976F\n  \
    offpay wallet till sweep 1"
)]
pub(super) struct Till {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the account of a till, and what its device needs.
    Add {
        /// Which till: any number.
        index: U256,
    },
    /// Move what a till has received to your balance.
    Sweep {
        /// Which till.
        index: U256,
        #[command(flatten)]
        nodes: Nodes,
    },
}

impl Till {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        match &self.command {
            Command::Add { index } => add(session, *index),
            Command::Sweep { index, nodes } => sweep(session, *index, nodes).await,
        }
    }
}

fn add(session: &Session<'_>, index: U256) -> Result<Answer> {
    let wallet = session.open()?;
    if !wallet.state().identity().can_pay() {
        bail!("this device takes payments itself: add tills with the owner's wallet");
    }
    let account = till(wallet.state().account(), index);
    let name = &wallet.state().profile().name;
    if session.json() {
        session
            .output
            .json(&json!({ "till": account, "index": index.to_string() }))?;
        return Ok(Answer::Yes);
    }
    let output = session.output;
    output.line(&output.paint(Style::Good, &format!("Till {index} is {account}")))?;
    output.line("On its device:")?;
    output.line(&format!(
        "  offpay wallet new --name '{name}' --payee {account}"
    ))?;
    output.line("Then ask your operator to admit the till, and to attest its signer:")?;
    output.line(&format!("  offpay operator admit {account}"))?;
    output.line(&format!(
        "  offpay operator attest {account} --name '{name}' --signer SIGNER"
    ))?;
    Ok(Answer::Yes)
}

async fn sweep(session: &Session<'_>, index: U256, nodes: &Nodes) -> Result<Answer> {
    let mut wallet = session.unlocked()?;
    let online = nodes.connect(wallet.state()).await?;
    let sender = nodes.owner(session, &mut wallet)?;
    session.output.progress("Sending …");
    let mined = online.contract.sweep(index).send(&sender).await?;
    if session.json() {
        session
            .output
            .json(&json!({ "swept": mined.outcome, "transaction": mined.tx }))?;
    } else {
        let said = format!(
            "Swept {} out of till {index}",
            wallet.state().deployment().token.show(mined.outcome)
        );
        session
            .output
            .line(&session.output.paint(Style::Good, &said))?;
    }
    Ok(Answer::Yes)
}
