//! `offpay wallet deposit`

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{nodes::Nodes, session::Session};
use crate::{cli::Answer, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "Approves the tokens first, if need be. The owner's address pays for gas.\n\n\
    Example:\n  offpay wallet deposit 300"
)]
pub(super) struct Deposit {
    /// How much, in whole tokens.
    amount: String,
    #[command(flatten)]
    nodes: Nodes,
}

impl Deposit {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let amount = token.parse(&self.amount)?;
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        session.output.progress("Sending …");
        online.approve(&sender, amount).await?;
        let mined = online.contract.deposit(amount).send(&sender).await?;
        let balance = online.contract.account(sender.account()).await?.balance;
        if session.json() {
            session.output.json(
                &json!({ "deposited": amount, "balance": balance, "transaction": mined.tx }),
            )?;
        } else {
            let said = format!(
                "Deposited {}; the balance is {}",
                token.show(amount),
                token.show(balance)
            );
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
