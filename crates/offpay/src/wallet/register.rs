//! `offpay wallet register`

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{nodes::Nodes, session::Session};
use crate::{cli::Answer, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "Collateral stands behind purses. An honest wallet never loses it.\n\n\
    Examples:\n  offpay wallet register 200\n  offpay wallet register 50 --from-balance"
)]
pub(super) struct Register {
    /// How much collateral to post, in whole tokens.
    amount: String,
    /// Take it out of the balance instead of the owner's tokens.
    #[arg(long)]
    from_balance: bool,
    #[command(flatten)]
    nodes: Nodes,
}

impl Register {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let amount = token.parse(&self.amount)?;
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        session.output.progress("Sending …");
        let contract = &online.contract;
        let mined = if self.from_balance {
            contract.lock_collateral(amount).send(&sender).await?
        } else {
            online.approve(&sender, amount).await?;
            let before = contract.account(sender.account()).await?;
            let post = if before.registered_at.is_some() {
                contract.deposit_collateral(amount)
            } else {
                contract.register(amount)
            };
            post.send(&sender).await?
        };
        let account = contract.account(sender.account()).await?;
        if session.json() {
            session.output.json(&json!({
                "posted": amount, "collateral": account.collateral, "pledged": account.pledged,
                "registeredAt": account.registered_at, "transaction": mined.tx,
            }))?;
        } else {
            let registered = if account.registered_at.is_some() {
                "registered"
            } else {
                "NOT registered: too little"
            };
            let said = format!(
                "The collateral is {}; {registered}",
                token.show(account.collateral)
            );
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
