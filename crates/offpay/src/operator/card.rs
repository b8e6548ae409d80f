//! `offpay operator card`

use anyhow::Result;
use clap::Args;
use offpay_protocol::{
    OperatorId,
    wire::{Code, OperatorCard},
};
use serde::Serialize;

use super::key::KeyFile;
use crate::{
    cli::Answer,
    codes::{CodeOutput, Shown},
    network::Place,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  offpay operator card --name 'Old Market' --key-file operator.key --png card.png"
)]
pub(super) struct Card {
    /// What the operator calls itself.
    #[arg(long)]
    name: String,
    /// Where its server is; nothing for an operator without one.
    #[arg(long, default_value = "", value_name = "URL")]
    server: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    code: CodeOutput,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    operator: OperatorId,
    name: String,
    server: String,
    code: Shown,
}

impl Card {
    pub(super) fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let operator = OperatorId::new(self.key.key()?.address());
        let card = OperatorCard {
            domain: self.place.domain()?,
            operator,
            url: self.server.clone(),
            name: self.name.clone(),
        };
        let shown = self.code.write(&Code::from(card.clone()))?;
        if json {
            let answer = Told {
                operator,
                name: card.name,
                server: card.url,
                code: shown,
            };
            output.json(&answer)?;
            return Ok(Answer::Yes);
        }
        output.line(&output.paint(Style::Bold, &format!("{}: {operator}", card.name)))?;
        output.line("Show this where people know you: nothing else proves that it is yours.")?;
        shown.print(output)?;
        Ok(Answer::Yes)
    }
}
