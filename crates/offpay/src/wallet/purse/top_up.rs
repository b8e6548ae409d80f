//! `offpay wallet purse top-up`

use anyhow::{Result, bail};
use clap::Args;
use offpay_protocol::PurseKey;
use serde_json::json;

use crate::{
    cli::Answer,
    output::Style,
    wallet::{nodes::Nodes, session::Session},
};

#[derive(Debug, Args)]
#[command(
    after_help = "More funds can be paid out once a sync has seen them in a finalized block.\n\n\
    Example:\n  offpay wallet purse top-up 0x5B38…ddC4 --funds 50"
)]
pub(super) struct TopUp {
    /// The purse.
    purse: PurseKey,
    /// Out of the balance.
    #[arg(long, value_name = "AMOUNT")]
    funds: Option<String>,
    /// Out of the collateral.
    #[arg(long, value_name = "AMOUNT")]
    pledge: Option<String>,
    #[command(flatten)]
    nodes: Nodes,
}

impl TopUp {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        if self.funds.is_none() && self.pledge.is_none() {
            bail!("what is to be added: --funds, --pledge or both?");
        }
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        session.output.progress("Sending …");
        if let Some(funds) = &self.funds {
            online
                .contract
                .top_up_purse(self.purse, token.parse(funds)?)
                .send(&sender)
                .await?;
        }
        if let Some(pledge) = &self.pledge {
            online
                .contract
                .add_pledge(self.purse, token.parse(pledge)?)
                .send(&sender)
                .await?;
        }
        let Some(purse) = online.contract.purse(self.purse).await? else {
            bail!("there is no such purse")
        };
        if session.json() {
            session.output.json(
                &json!({ "purse": self.purse, "funds": purse.funds, "pledge": purse.pledge }),
            )?;
        } else {
            let (funds, pledge) = (token.show(purse.funds), token.show(purse.pledge));
            let said = format!("The purse has had {funds} in all, with a pledge of {pledge}");
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
            session
                .output
                .line("A sync and a new certificate make it count.")?;
        }
        Ok(Answer::Yes)
    }
}
