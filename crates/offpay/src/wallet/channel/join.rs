//! `offpay wallet channel join`

use anyhow::Result;
use clap::Args;
use offpay_protocol::messages::ChannelTerms;
use serde_json::json;

use super::read_json;
use crate::{cli::Answer, output::Style, wallet::session::Session};

#[derive(Debug, Args)]
pub(super) struct Join {
    /// The terms that the other side's command wrote: a file, or the JSON itself.
    terms: String,
}

impl Join {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let terms: ChannelTerms = read_json(&self.terms)?;
        let terms = wallet.join_channel(terms, session.now()?)?;
        let id = terms.id(&wallet.state().deployment().domain);
        if session.json() {
            session
                .output
                .json(&json!({ "channel": id, "terms": *terms }))?;
        } else {
            session.output.line(
                &session
                    .output
                    .paint(Style::Good, &format!("Took up channel {id}")),
            )?;
            session
                .output
                .line("It counts once `offpay wallet sync` has seen it in a finalized block.")?;
        }
        Ok(Answer::Yes)
    }
}
