//! `offpay wallet channel top-up`

use anyhow::Result;
use clap::Args;
use offpay_protocol::ChannelId;
use serde_json::json;

use crate::{
    cli::Answer,
    output::Style,
    wallet::{nodes::Nodes, session::Session},
};

#[derive(Debug, Args)]
pub(super) struct TopUp {
    /// The channel.
    channel: ChannelId,
    /// How much, out of the balance.
    amount: String,
    #[command(flatten)]
    nodes: Nodes,
}

impl TopUp {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let amount = token.parse(&self.amount)?;
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        // Only where the key on this side is this wallet's: whoever has it could sign the money away.
        let terms = wallet.state().check_funding(self.channel)?;
        session.output.progress("Sending …");
        let mined = online
            .contract
            .fund_channel(&terms, amount)
            .send(&sender)
            .await?;
        if session.json() {
            session.output.json(
                &json!({ "channel": self.channel, "added": amount, "transaction": mined.tx }),
            )?;
        } else {
            let said = format!("Added {}; a sync makes it count", token.show(amount));
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
