//! `offpay wallet channel offer`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::write_json;
use crate::{cli::Answer, output::Style, wallet::session::Session};

#[derive(Debug, Args)]
pub(super) struct Offer {
    /// Write it to a file, for the side that opens the channel.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Offer {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let offer = wallet.prepare_channel_key(&session.entropy()?, session.now()?)?;
        let value = json!({ "account": offer.account, "key": offer.key });
        write_json(self.out.as_ref(), &value)?;
        if !session.json() {
            let said = "A channel key; give this to the side that opens the channel:";
            session
                .output
                .line(&session.output.paint(Style::Bold, said))?;
        }
        session.output.json(&value)?;
        Ok(Answer::Yes)
    }
}
