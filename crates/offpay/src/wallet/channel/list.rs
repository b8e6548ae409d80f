//! `offpay wallet channel list`

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{described, print};
use crate::{cli::Answer, wallet::session::Session};

#[derive(Debug, Args)]
pub(super) struct List {}

impl List {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let wallet = session.open()?;
        let channels = &wallet.state().records().channels;
        if session.json() {
            session.output.json(
                &json!({ "channels": channels.values().map(described).collect::<Vec<_>>() }),
            )?;
        } else if channels.is_empty() {
            session.output.line("No channel yet.")?;
        } else {
            for channel in channels.values() {
                print(session.output, channel, wallet.state())?;
            }
        }
        Ok(Answer::Yes)
    }
}
