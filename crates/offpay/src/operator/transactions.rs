//! `offpay operator transactions`

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use offpay_api::admin_transactions::{ListedTransactionView, Reason, TransactionRetried};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Items, all, told_empty},
    table::Table,
};
use crate::{
    cli::Answer,
    clock,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  offpay operator transactions\n  offpay operator transactions --state failed\n  \
    offpay operator transactions retry 17 --reason 'the contract was paused'\n  \
    offpay operator transactions abandon 18 --reason 'no longer wanted'\n  \
    offpay operator transactions cancel 19 --reason 'stuck for a day'"
)]
pub(super) struct Transactions {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Args)]
struct List {
    /// Which ones.
    #[arg(long, value_enum, default_value_t = State::Stuck)]
    state: State,
    /// How many, the newest first.
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    desk: Desk,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    /// In no block for longer than `outbox.stuck_s`.
    Stuck,
    /// In no block.
    Waiting,
    /// Failed.
    Failed,
    /// All of them.
    All,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::All => "all",
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try one again: send the same bytes again, or put in anew what failed. Never does work twice.
    Retry(One),
    /// Give one up that was never signed.
    Abandon(One),
    /// Replace one that was signed and that nobody takes: its nonce is used for nothing. The chain takes one of the two.
    Cancel(One),
}

#[derive(Debug, Args)]
struct One {
    /// Its number.
    number: u64,
    /// Why: it stays in the log of actions.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    desk: Desk,
}

impl Transactions {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        match &self.command {
            None => self.list.run(output, json).await,
            Some(Command::Retry(one)) => one.retry(output, json).await,
            Some(Command::Abandon(one)) => one.abandon(output, json).await,
            Some(Command::Cancel(one)) => one.cancel(output, json).await,
        }
    }
}

impl List {
    async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let path = format!("admin/transactions?state={}", self.state.name());
        let items: Vec<ListedTransactionView> =
            all(&server, &path, Some(self.limit as usize)).await?;
        if json {
            output.json(&Items { items })?;
            return Ok(Answer::Yes);
        }
        let nothing = match self.state {
            State::Stuck => "No transaction is stuck.",
            State::Waiting => "No transaction waits.",
            State::Failed => "No transaction failed.",
            State::All => "Nothing was sent yet.",
        };
        if told_empty(&items, output, nothing)? {
            return Ok(Answer::Yes);
        }
        let now = clock::now()?;
        let mut table = Table::new(&[
            ">number", "purpose", "state", "put in", ">nonce", ">tries", ">gwei", "deadline",
            "why", "work",
        ]);
        for item in items {
            let ago = |time| clock::distance(now, time);
            table.row([
                item.number,
                item.purpose,
                item.state,
                ago(item.created_at),
                item.nonce
                    .map_or_else(|| "-".to_owned(), |nonce| nonce.to_string()),
                item.attempts.to_string(),
                item.fee.as_deref().map_or_else(|| "-".to_owned(), gwei),
                item.deadline.map_or_else(|| "-".to_owned(), ago),
                item.failure.unwrap_or_else(|| "-".to_owned()),
                short(&item.work),
            ]);
        }
        table.print(output)?;
        Ok(Answer::Yes)
    }
}

/// Wei as gwei, with what is below a thousandth cut off.
fn gwei(wei: &str) -> String {
    match wei.parse::<u128>() {
        Ok(wei) => format!(
            "{}.{:03}",
            wei / 1_000_000_000,
            wei % 1_000_000_000 / 1_000_000
        ),
        Err(_) => wei.to_owned(),
    }
}

/// A work's name is as long as its hash: its beginning is enough to know it by.
fn short(work: &str) -> String {
    const MOST: usize = 48;
    if work.chars().count() <= MOST {
        return work.to_owned();
    }
    let begin: String = work.chars().take(MOST).collect();
    format!("{begin}…")
}

impl One {
    async fn retry(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let path = format!("admin/transactions/{}/retry", self.number);
        let reason = Reason {
            reason: self.reason.clone(),
        };
        let told: TransactionRetried = server.post(&path, &reason).await?;
        if json {
            output.json(&told)?;
            return Ok(Answer::Yes);
        }
        let said = match told.outcome.as_str() {
            "queued" => format!(
                "Transaction {} is to be signed, and is looked at now.",
                told.number
            ),
            "sent_again" => format!(
                "Transaction {} is handed to the nodes again, as it was signed.",
                told.number
            ),
            "requeued" => format!("Transaction {} stands in the queue again.", told.number),
            _ => format!(
                "The same work stands in the queue as transaction {}.",
                told.number
            ),
        };
        output.line(&output.paint(Style::Good, &said))?;
        Ok(Answer::Yes)
    }

    async fn abandon(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let path = format!("admin/transactions/{}/abandon", self.number);
        let reason = Reason {
            reason: self.reason.clone(),
        };
        let _: Value = server.post(&path, &reason).await?;
        if json {
            output.json(&json!({ "abandoned": self.number.to_string() }))?;
        } else {
            let said = format!("Transaction {} is not sent.", self.number);
            output.line(&output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }

    async fn cancel(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let path = format!("admin/transactions/{}/cancel", self.number);
        let reason = Reason {
            reason: self.reason.clone(),
        };
        let _: Value = server.post(&path, &reason).await?;
        if json {
            output.json(&json!({ "cancelling": self.number.to_string() }))?;
        } else {
            let said = format!(
                "Transaction {} is being replaced by one that does nothing. The chain takes one of the two: look at \
                 `offpay operator transactions --state all`.",
                self.number
            );
            output.line(&output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}
