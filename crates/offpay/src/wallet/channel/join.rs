//! `offpay wallet channel join`

use anyhow::{Result, bail};
use clap::Args;
use offpay_protocol::wire::Code;
use serde_json::json;

use crate::{cli::Answer, codes::one_code, output::Style, wallet::session::Session};

#[derive(Debug, Args)]
pub(super) struct Join {
    /// The terms that the other side shows: text, file or picture.
    terms: String,
}

impl Join {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let Code::ChannelTerms(code) = one_code(&self.terms)? else {
            bail!("this code is not the terms of a channel")
        };
        let domain = wallet.state().deployment().domain;
        let terms = wallet.join_channel(*code.open(&domain)?, session.now()?)?;
        let id = terms.id(&domain);
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
