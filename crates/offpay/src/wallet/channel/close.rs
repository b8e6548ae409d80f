//! `offpay wallet channel close`

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_chain::contract::ChannelClosed;
use offpay_protocol::{Amount, ChannelId, channel::Side};
use serde_json::json;

use super::together;
use crate::{
    cli::Answer,
    clock,
    codes::CodeOutput,
    output::Style,
    wallet::{
        confirm::confirm,
        nodes::Nodes,
        session::{OpenWallet, Session},
    },
};

#[derive(Debug, Args)]
#[command(
    after_help = "Alone, it takes the close delay: the first time requests it, the second time finishes it. The receiving side \
    of a one-way channel closes at once. Together, one side shows a signed close with --together, and the other side brings it to \
    the chain with --agree within the hour; no voucher counts until then.\n\n\
    Examples:\n  offpay wallet channel close ID\n  offpay wallet channel close ID --together --png close.png\n  \
    offpay wallet channel close ID --agree close.png"
)]
pub(super) struct Close {
    /// The channel.
    channel: ChannelId,
    /// Sign a close of what both sides have sent, for the other side to agree to.
    #[arg(long, conflicts_with = "agree")]
    together: bool,
    /// Agree to the close that the other side signed: text, file or picture.
    #[arg(long, value_name = "CLOSE")]
    agree: Option<String>,
    /// Do not ask whether that is right.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    code: CodeOutput,
    #[command(flatten)]
    nodes: Nodes,
}

impl Close {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        if self.together {
            return together::propose(session, &mut wallet, self.channel, &self.code);
        }
        let online = self.nodes.connect(wallet.state()).await?;
        if let Some(given) = &self.agree {
            let sender = self.nodes.anybody(session, &mut wallet)?;
            return together::agree(session, &mut wallet, self.channel, given, &online, &sender)
                .await;
        }
        let sender = self.nodes.owner(session, &mut wallet)?;
        let terms = super::terms(wallet.state(), self.channel)?;
        let contract = &online.contract;
        let channel = contract
            .channel(self.channel)
            .await?
            .context("the channel was never opened")?;
        if channel.closed {
            bail!("the channel is closed already");
        }
        let receives_alone =
            terms.is_one_way() && wallet.state().account() == terms.account(Side::B);
        let now = contract.node().block_time().await?;
        let ready = channel.closes_at.is_some_and(|closes_at| now >= closes_at);
        if receives_alone || ready {
            confirm(session, "Finish closing the channel?", self.yes)?;
            if receives_alone {
                self.check_claimed(&wallet, channel.from_a)?;
            }
            session.output.progress("Sending …");
            let mined = contract.finalize_channel(&terms).send(&sender).await?;
            return closed(session, &wallet, &mined.outcome, &mined.tx.to_string());
        }
        if let Some(closes_at) = channel.closes_at {
            bail!(
                "the channel can be closed {}, at {}",
                clock::distance(now, closes_at),
                clock::show(closes_at)
            );
        }
        confirm(session, "Request a close? It cannot be undone.", self.yes)?;
        session.output.progress("Sending …");
        let mined = contract.request_channel_close(&terms).send(&sender).await?;
        if session.json() {
            session
                .output
                .json(&json!({ "closesAt": mined.outcome, "transaction": mined.tx }))?;
        } else {
            let said = format!(
                "Closing: from {} on, close it again",
                clock::show(mined.outcome)
            );
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
            session.output.line("`offpay wallet sync` presents the newest voucher of the other side in the meantime.")?;
        }
        Ok(Answer::Yes)
    }

    /// What came in and was not claimed would be lost with the channel.
    fn check_claimed(&self, wallet: &OpenWallet, claimed: Amount) -> Result<()> {
        if wallet.state().channel(self.channel)?.received > claimed {
            bail!("what came in was not handed in yet: run `offpay wallet sync` first");
        }
        Ok(())
    }
}

/// Says who got what.
pub(super) fn closed(
    session: &Session<'_>,
    wallet: &OpenWallet,
    closed: &ChannelClosed,
    transaction: &str,
) -> Result<Answer> {
    let token = &wallet.state().deployment().token;
    if session.json() {
        session
            .output
            .json(&json!({ "toA": closed.to_a, "toB": closed.to_b, "transaction": transaction }))?;
    } else {
        let said = format!(
            "Closed: {} to a, {} to b",
            token.show(closed.to_a),
            token.show(closed.to_b)
        );
        session
            .output
            .line(&session.output.paint(Style::Good, &said))?;
    }
    Ok(Answer::Yes)
}
