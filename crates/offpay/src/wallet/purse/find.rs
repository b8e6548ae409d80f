//! `offpay wallet purse find`

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::{
    cli::Answer,
    wallet::{nodes::Nodes, session::Session},
};

#[derive(Debug, Args)]
pub(super) struct Find {
    /// The block to begin with: nothing happened before the contract was deployed.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    from_block: u64,
    #[command(flatten)]
    nodes: Nodes,
}

impl Find {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let wallet = session.open()?;
        let (state, token) = (wallet.state(), &wallet.state().deployment().token);
        let online = self.nodes.connect(state).await?;
        session.output.progress("Looking through the chain …");
        let mut found = Vec::new();
        for key in online
            .contract
            .purses_of(state.account(), self.from_block)
            .await?
        {
            if let Some(purse) = online.contract.purse(key).await? {
                found.push((key, purse, state.records().purses.contains_key(&key)));
            }
        }
        if session.json() {
            let purses: Vec<_> = found
                .iter()
                .map(|(key, purse, here)| {
                    json!({
                        "purse": key, "keyIsHere": here, "funds": purse.funds, "paid": purse.paid, "pledge": purse.pledge,
                        "closesAt": purse.closes_at, "closed": purse.closed,
                    })
                })
                .collect();
            session.output.json(&json!({ "purses": purses }))?;
            return Ok(Answer::Yes);
        }
        if found.is_empty() {
            session.output.line("The account never opened a purse.")?;
        }
        for (key, purse, here) in found {
            if purse.closed {
                session.output.line(&format!("{key}  closed"))?;
                continue;
            }
            let standing = if purse.closes_at.is_some() {
                "closing"
            } else {
                "open"
            };
            let whose = if here {
                "this device's"
            } else {
                "NOT this device's: close it if that device is lost"
            };
            let rest = token.show(purse.rest());
            session
                .output
                .line(&format!("{key}  {standing}, {rest} left, {whose}"))?;
        }
        Ok(Answer::Yes)
    }
}
