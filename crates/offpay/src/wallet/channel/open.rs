//! `offpay wallet channel open`

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_protocol::{
    AccountId, Domain, Seconds,
    messages::ChannelTerms,
    wire::{ChannelTermsCode, Code},
};
use offpay_wallet::channel::ChannelProposal;
use serde_json::json;

use crate::{
    cli::Answer,
    codes::{CodeOutput, one_code},
    output::Style,
    wallet::{nodes::Nodes, session::Session},
};

#[derive(Debug, Args)]
#[command(
    after_help = "The key and the terms are stored before anything is sent: if the network fails in between, try again with --again.\n\n\
    Examples:\n  offpay wallet channel open --to 0xAb84…5cb2 --deposit 50 --png terms.png\n  \
    offpay wallet channel open --with offer.png --deposit 50 --png terms.png"
)]
pub(super) struct Open {
    /// The account that is to be paid, for a channel that goes one way.
    #[arg(long, value_name = "ADDRESS", required_unless_present_any = ["with", "again"])]
    to: Option<AccountId>,
    /// The other side's offer, for a channel that goes both ways: text, file or picture.
    #[arg(long, value_name = "OFFER", conflicts_with = "to")]
    with: Option<String>,
    /// How much to put in, out of the balance.
    #[arg(long, value_name = "AMOUNT")]
    deposit: String,
    /// How many hours either side has to answer a requested close [default: the contract's close delay].
    #[arg(long, value_name = "HOURS")]
    close_hours: Option<u32>,
    /// Try again with a channel that was prepared before.
    #[arg(long, value_name = "ID", conflicts_with_all = ["to", "with"])]
    again: Option<offpay_protocol::ChannelId>,
    #[command(flatten)]
    code: CodeOutput,
    #[command(flatten)]
    nodes: Nodes,
}

impl Open {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let deployment = wallet.state().deployment().clone();
        let deposit = deployment.token.parse(&self.deposit)?;
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        let terms: ChannelTerms = match self.again {
            Some(id) => super::terms(wallet.state(), id)?,
            None => {
                let proposal = self.proposal(&deployment.domain)?;
                *wallet.propose_channel(&proposal, &session.entropy()?, session.now()?)?
            }
        };
        let id = terms.id(&deployment.domain);
        wallet.state().check_funding(id)?;
        let shown = self
            .code
            .write(&ChannelTermsCode::new(&deployment.domain, terms).into())?;
        session.output.progress("Sending …");
        let sent = online
            .contract
            .open_channel(&terms, deposit)
            .send(&sender)
            .await;
        let mined = sent.with_context(|| {
            format!(
                "the channel is not open; `offpay wallet channel open --again {id}` tries again"
            )
        })?;
        if session.json() {
            let opened = json!({
                "channel": id, "terms": terms, "deposit": deposit, "transaction": mined.tx, "code": shown,
            });
            session.output.json(&opened)?;
        } else {
            let output = session.output;
            let said = format!(
                "Opened channel {id} with {}",
                deployment.token.show(deposit)
            );
            output.line(&output.paint(Style::Good, &said))?;
            output.line("The other side needs its terms: show this")?;
            shown.print(output)?;
        }
        Ok(Answer::Yes)
    }

    fn proposal(&self, domain: &Domain) -> Result<ChannelProposal> {
        let (counterparty, counterparty_key) = match (&self.with, self.to) {
            (Some(given), _) => {
                let Code::ChannelOffer(offer) = one_code(given)? else {
                    bail!("this code is not an offer of a channel")
                };
                let (account, key) = offer.open(domain)?;
                (account, Some(key))
            }
            (None, to) => (to.context("who is to be paid?")?, None),
        };
        let close_delay = match self.close_hours {
            Some(hours) => Some(Seconds::new(u64::from(hours) * 3_600).context("too long")?),
            None => None,
        };
        Ok(ChannelProposal {
            counterparty,
            counterparty_key,
            close_delay,
        })
    }
}
