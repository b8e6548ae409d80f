//! `offpay operator admit`

use anyhow::Result;
use clap::Args;
use offpay_protocol::{AccountId, Timestamp};
use serde::Serialize;

use super::key::KeyFile;
use crate::{
    cli::Answer,
    clock,
    network::Network,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay operator admit 0xAb84…5cb2 --key-file operator.key")]
pub(super) struct Admit {
    /// The payee: an account or a till.
    payee: AccountId,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    key: KeyFile,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    circle: AccountId,
    payee: AccountId,
    transaction: String,
    counts_from: Option<Timestamp>,
}

impl Admit {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let sender = self.key.sender()?;
        let contract = self.network.contract().await?;
        output.progress("Sending the transaction …");
        let mined = contract.admit(self.payee).send(&sender).await?;
        let (circle, payee) = (sender.account(), self.payee);
        if json {
            let transaction = mined.tx.to_string();
            output.json(&Told {
                circle,
                payee,
                transaction,
                counts_from: mined.outcome,
            })?;
            return Ok(Answer::Yes);
        }
        let said = match mined.outcome {
            Some(from) => format!(
                "Admitted to circle {circle}: counts from {} on",
                clock::show(from)
            ),
            None => format!("A member of circle {circle} already, or soon"),
        };
        output.line(&output.paint(Style::Good, &said))?;
        output.line(&output.paint(Style::Dim, &format!("transaction {}", mined.tx)))?;
        Ok(Answer::Yes)
    }
}
