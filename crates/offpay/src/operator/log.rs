//! `offpay operator log`

use anyhow::Result;
use clap::Args;
use offpay_api::admin_log::ActionView;

use super::{
    desk::{Desk, Items, all, told_empty},
    table::Table,
};
use crate::{cli::Answer, clock, output::Output};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay operator log --limit 20 --token-file admin.token")]
pub(super) struct Log {
    /// How many, the newest first.
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    desk: Desk,
}

impl Log {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let items: Vec<ActionView> = all(&server, "admin/log", Some(self.limit as usize)).await?;
        if json {
            output.json(&Items { items })?;
            return Ok(Answer::Yes);
        }
        if told_empty(&items, output, "Nothing was done yet.")? {
            return Ok(Answer::Yes);
        }
        let mut table = Table::new(&[">number", "when", "who", "what", "to what", "why"]);
        for item in items {
            table.row([
                item.number,
                clock::show(item.at),
                item.actor,
                item.action,
                item.subject,
                item.reason,
            ]);
        }
        table.print(output)?;
        Ok(Answer::Yes)
    }
}
