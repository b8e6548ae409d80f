//! `offpay wallet channel offer`

use anyhow::Result;
use clap::Args;
use offpay_protocol::wire::ChannelOfferCode;
use serde_json::json;

use crate::{cli::Answer, codes::CodeOutput, output::Style, wallet::session::Session};

#[derive(Debug, Args)]
pub(super) struct Offer {
    #[command(flatten)]
    code: CodeOutput,
}

impl Offer {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let offer = wallet.prepare_channel_key(&session.entropy()?, session.now()?)?;
        let domain = &wallet.state().deployment().domain;
        let code = ChannelOfferCode::new(domain, offer.account, offer.key);
        let shown = self.code.write(&code.into())?;
        let output = session.output;
        if session.json() {
            output.json(&json!({ "account": offer.account, "key": offer.key, "code": shown }))?;
        } else {
            let said = "A channel key: show this to the side that opens the channel";
            output.line(&output.paint(Style::Bold, said))?;
            shown.print(output)?;
        }
        Ok(Answer::Yes)
    }
}
