//! `offpay operator gas`

use anyhow::Result;
use clap::Args;
use offpay_api::admin_transactions::GasSpending;

use super::{desk::Desk, table::Table};
use crate::{
    cli::Answer,
    clock,
    money::{Unit, coins},
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay operator gas --days 7 --token-file admin.token")]
pub(super) struct Gas {
    /// For how many days, today included.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    #[command(flatten)]
    desk: Desk,
}

impl Gas {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let told: GasSpending = server.get(&format!("admin/gas?days={}", self.days)).await?;
        if json {
            output.json(&told)?;
            return Ok(Answer::Yes);
        }
        if told.days.is_empty() {
            output.line(&format!("No gas was spent in {} days.", self.days))?;
            return Ok(Answer::Yes);
        }
        let mut table = Table::new(&["day (UTC)", "for", ">transactions", ">gas", ">cost"]);
        for day in &told.days {
            let date = clock::show(day.day);
            table.row([
                date.split(' ').next().unwrap_or_default().to_owned(),
                day.purpose.clone(),
                day.transactions.to_string(),
                day.gas.clone(),
                coins(&day.wei),
            ]);
        }
        table.print(output)?;
        let sum = format!("{} in all, in coins of the chain", coins(&told.wei));
        output.line(&output.paint(Style::Bold, &sum))?;
        if told.earned != "0" {
            let token = told.token.map(|token| (token.symbol, token.decimals));
            let earned = Unit::told(token).show_text(&told.earned);
            output.line(&format!("Relayed operations paid {earned} for it."))?;
        }
        Ok(Answer::Yes)
    }
}
