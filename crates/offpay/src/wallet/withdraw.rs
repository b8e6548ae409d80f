//! `offpay wallet withdraw`

use alloy_primitives::Address;
use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{confirm::confirm, nodes::Nodes, session::Session};
use crate::{cli::Answer, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  offpay wallet withdraw 25\n  offpay wallet withdraw 25 --to 0xAb84…5cb2\n  \
    offpay wallet withdraw 50 --collateral"
)]
pub(super) struct Withdraw {
    /// How much, in whole tokens.
    amount: String,
    /// Where to; the owner's own address if it is left out.
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Address>,
    /// Collateral that is not pledged, instead of balance.
    #[arg(long)]
    collateral: bool,
    /// Do not ask whether that is right.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    nodes: Nodes,
}

impl Withdraw {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let amount = token.parse(&self.amount)?;
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        let to = self.to.unwrap_or(sender.address());
        if to != sender.address() {
            confirm(
                session,
                &format!("Send {} to {to}?", token.show(amount)),
                self.yes,
            )?;
        }
        session.output.progress("Sending …");
        let operation = if self.collateral {
            online.contract.withdraw_collateral(to, amount)
        } else {
            online.contract.withdraw(to, amount)
        };
        let mined = operation.send(&sender).await?;
        let account = online.contract.account(sender.account()).await?;
        if session.json() {
            session.output.json(&json!({
                "withdrawn": amount, "to": to, "balance": account.balance, "collateral": account.collateral,
                "transaction": mined.tx,
            }))?;
        } else {
            let said = format!(
                "{} went to {to}; the balance is {}",
                token.show(amount),
                token.show(account.balance)
            );
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
