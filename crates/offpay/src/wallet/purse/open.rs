//! `offpay wallet purse open`

use anyhow::{Context, Result};
use clap::Args;
use offpay_chain::contract::PurseTerms as ChainTerms;
use offpay_protocol::{Circle, PurseKey};
use offpay_wallet::records::{PurseStanding, PurseTerms};
use serde_json::json;

use crate::{
    cli::Answer,
    output::Style,
    wallet::{nodes::Nodes, session::Session},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Funds come out of the balance, the pledge out of the collateral. The key is stored before anything is sent: \
    if the network fails in between, try again with --again.\n\n\
    Examples:\n  offpay wallet purse open --funds 100 --pledge 200 --covers 8 --circle 0x9965…A4dc\n  \
    offpay wallet purse open --funds 100 --pledge 200 --covers 50"
)]
pub(super) struct Open {
    /// The money to pay with.
    #[arg(long, value_name = "AMOUNT", required_unless_present = "again")]
    funds: Option<String>,
    /// The collateral that stands behind it.
    #[arg(long, value_name = "AMOUNT", required_unless_present = "again")]
    pledge: Option<String>,
    /// Into how many covers the pledge is divided. As many as the circle has members makes each of them certain.
    #[arg(long, value_name = "COUNT", required_unless_present = "again")]
    covers: Option<u16>,
    /// Whose members may claim on the pledge [default: the open circle].
    #[arg(long, value_name = "ADDRESS")]
    circle: Option<Circle>,
    /// Try again with a key that was prepared before.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["funds", "pledge", "covers", "circle"])]
    again: Option<PurseKey>,
    #[command(flatten)]
    nodes: Nodes,
}

impl Open {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        let order = match self.again {
            Some(key) => wallet.purse_opening(key, session.now()?)?,
            None => {
                let parse = |typed: &Option<String>| {
                    typed
                        .as_deref()
                        .context("missing")
                        .and_then(|typed| Ok(token.parse(typed)?))
                };
                let terms = PurseTerms {
                    circle: self.circle.unwrap_or(Circle::OPEN),
                    cover_count: self.covers.context("missing")?,
                    funds: parse(&self.funds)?,
                    pledge: parse(&self.pledge)?,
                };
                wallet.prepare_purse(terms, &session.entropy()?, session.now()?)?
            }
        };
        let terms = ChainTerms {
            key: order.key,
            funds: order.terms.funds,
            pledge: order.terms.pledge,
            cover_count: order.terms.cover_count,
            circle: order.terms.circle,
        };
        session.output.progress("Sending …");
        let sent = online
            .contract
            .open_purse(&terms, &order.signature)
            .send(&sender)
            .await;
        let mined = match sent {
            Ok(mined) => mined,
            Err(error)
                if matches!(
                    wallet.state().purse(order.key)?.standing,
                    PurseStanding::Prepared
                ) =>
            {
                let again = format!(
                    "the purse is not open; `offpay wallet purse open --again {}` tries again",
                    order.key
                );
                return Err(anyhow::Error::new(error).context(again));
            }
            Err(error) => return Err(error.into()),
        };
        if session.json() {
            session.output.json(
                &json!({ "purse": order.key, "terms": order.terms, "transaction": mined.tx }),
            )?;
        } else {
            let output = session.output;
            output.line(&output.paint(Style::Good, &format!("Opened purse {}", order.key)))?;
            output.line(&format!(
                "with {}, and a pledge of {}",
                token.show(terms.funds),
                token.show(terms.pledge)
            ))?;
            output.line("Once the block is final, `offpay wallet sync` makes it ready. Then it needs a certificate:")?;
            output.line(&format!(
                "  offpay operator certify {} --out certificate.txt",
                order.key
            ))?;
            output.line("  offpay wallet sync --take certificate.txt")?;
        }
        Ok(Answer::Yes)
    }
}
