//! `offpay wallet purse close`

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_protocol::PurseKey;
use serde_json::json;

use crate::{
    cli::Answer,
    clock,
    output::Style,
    wallet::{confirm::confirm, nodes::Nodes, session::Session},
};

#[derive(Debug, Args)]
#[command(
    after_help = "The first time it begins: nothing is paid from the purse any more, and payees have until the date to hand in. \
    After that date, the second time brings back what is left.\nIt works for the purses of a lost device as well.\n\n\
    Example:\n  offpay wallet purse close 0x5B38…ddC4"
)]
pub(super) struct Close {
    /// The purse.
    purse: PurseKey,
    /// Do not ask whether that is right.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    nodes: Nodes,
}

impl Close {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        let contract = &online.contract;
        let purse = contract
            .purse(self.purse)
            .await?
            .context("no such purse was ever opened")?;
        if purse.closed {
            bail!("the purse is closed already");
        }
        let output = session.output;
        if let Some(closes_at) = purse.closes_at {
            let now = contract.node().block_time().await?;
            if now < closes_at {
                let distance = clock::distance(now, closes_at);
                bail!(
                    "the purse can be closed {distance}, at {}",
                    clock::show(closes_at)
                );
            }
            output.progress("Sending …");
            let mined = contract.close_purse(self.purse).send(&sender).await?;
            let closed = mined.outcome;
            if session.json() {
                output.json(&json!({
                    "closed": true, "rest": closed.rest, "released": closed.released, "forfeited": closed.forfeited,
                    "transaction": mined.tx,
                }))?;
            } else {
                let (rest, released) = (token.show(closed.rest), token.show(closed.released));
                let said = format!(
                    "Closed: {rest} are back in the balance, {released} of the pledge are free"
                );
                output.line(&output.paint(Style::Good, &said))?;
            }
            return Ok(Answer::Yes);
        }
        confirm(session, "Closing cannot be undone. Begin?", self.yes)?;
        // Out of use first: a payment that was signed after this could not be handed in in time.
        if wallet.state().records().purses.contains_key(&self.purse) {
            wallet.retire_purse(self.purse, session.now()?)?;
        }
        output.progress("Sending …");
        let mined = contract
            .request_purse_close(self.purse)
            .send(&sender)
            .await?;
        if session.json() {
            output.json(
                &json!({ "closed": false, "closesAt": mined.outcome, "transaction": mined.tx }),
            )?;
        } else {
            let said = format!(
                "Closing: from {} on, close it again to get what is left",
                clock::show(mined.outcome)
            );
            output.line(&output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
