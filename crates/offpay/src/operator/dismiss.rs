//! `offpay operator dismiss`

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
#[command(
    after_help = "A dismissal takes as long to count as a purse takes to close: claims that exist stay good.\n\n\
    Example:\n  offpay operator dismiss 0xAb84…5cb2 --key-file operator.key"
)]
pub(super) struct Dismiss {
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
    ends_at: Timestamp,
}

impl Dismiss {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let sender = self.key.sender()?;
        let contract = self.network.contract().await?;
        output.progress("Sending the transaction …");
        let mined = contract.dismiss(self.payee).send(&sender).await?;
        let (circle, payee, ends_at) = (sender.account(), self.payee, mined.outcome);
        if json {
            let transaction = mined.tx.to_string();
            output.json(&Told {
                circle,
                payee,
                transaction,
                ends_at,
            })?;
            return Ok(Answer::Yes);
        }
        let said = format!(
            "Dismissed from circle {circle}: stops to count at {}",
            clock::show(ends_at)
        );
        output.line(&output.paint(Style::Good, &said))?;
        output.line(&output.paint(Style::Dim, &format!("transaction {}", mined.tx)))?;
        Ok(Answer::Yes)
    }
}
