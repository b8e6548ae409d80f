//! `offpay wallet history`

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use offpay_wallet::{
    history::{Direction, HistoryEntry, HistoryQuery, Through, to_csv},
    sync::Standing,
};
use serde_json::{Value, json};

use super::session::{OpenWallet, Session};
use crate::{cli::Answer, clock, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  offpay wallet history\n  offpay wallet history coffee --only received --limit 20\n  \
    offpay wallet history --csv november.csv"
)]
pub(super) struct History {
    /// What to look for in names, memos, accounts and ids.
    text: Option<String>,
    /// Only what went this way.
    #[arg(long, value_enum, value_name = "WAY")]
    only: Option<Way>,
    /// At most so many, the newest first.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Write them to a CSV file, for spreadsheets; - for standard output.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Way {
    Sent,
    Received,
}

impl History {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let wallet = session.open()?;
        let token = &wallet.state().deployment().token;
        let query = HistoryQuery {
            text: self.text.clone(),
            direction: self.only.map(|way| match way {
                Way::Sent => Direction::Sent,
                Way::Received => Direction::Received,
            }),
            limit: self.limit,
            ..HistoryQuery::default()
        };
        let entries = wallet.state().history(&query);
        let output = session.output;
        if let Some(file) = &self.csv {
            let csv = to_csv(&entries, token);
            if file.as_os_str() == "-" {
                output.line(&csv)?;
            } else {
                fs::write(file, csv).with_context(|| format!("cannot write {}", file.display()))?;
                output.line(&format!("{} lines in {}", entries.len(), file.display()))?;
            }
            return Ok(Answer::Yes);
        }
        if session.json() {
            output
                .json(&json!({ "history": entries.iter().map(|entry| described(entry, &wallet)).collect::<Vec<_>>() }))?;
            return Ok(Answer::Yes);
        }
        if entries.is_empty() {
            output.line("Nothing yet.")?;
        }
        for entry in &entries {
            let (sign, style) = match entry.direction {
                Direction::Sent => ("-", Style::Accent),
                Direction::Received => ("+", Style::Good),
            };
            let who = if entry.name.is_empty() {
                entry.counterparty.to_string()
            } else {
                entry.name.clone()
            };
            let memo = if entry.memo.is_empty() {
                String::new()
            } else {
                format!(", {}", entry.memo)
            };
            let amount = output.paint(style, &format!("{sign}{}", token.show(entry.amount)));
            output.line(&format!("{}  {amount}  {who}{memo}", clock::show(entry.at)))?;
            let receipt = if entry.has_receipt {
                ", with a receipt"
            } else {
                ""
            };
            let cleared = entry.cleared_at.map_or_else(String::new, |at| {
                format!(", cleared at {}", clock::show(at))
            });
            let said = format!("    {}{cleared}{receipt}  {}", standing(entry), entry.id);
            output.line(&output.paint(Style::Dim, &said))?;
        }
        Ok(Answer::Yes)
    }
}

fn standing(entry: &HistoryEntry) -> String {
    match entry.standing {
        None => "through a channel".to_owned(),
        Some(Standing::Held) => "not handed in".to_owned(),
        Some(Standing::HandedIn { at }) => format!("handed in at {}", clock::show(at)),
        Some(Standing::InDefault { since }) => {
            format!("the purse is in default since {}", clock::show(since))
        }
        Some(Standing::Final(block)) => format!("paid, proven in block {}", block.number),
    }
}

fn described(entry: &HistoryEntry, wallet: &OpenWallet) -> Value {
    let through = match entry.through {
        Through::Purse(purse) => json!({ "purse": purse }),
        Through::Channel(channel) => json!({ "channel": channel }),
    };
    let standing = match entry.standing {
        None => Value::Null,
        Some(Standing::Held) => json!({ "standing": "held" }),
        Some(Standing::HandedIn { at }) => json!({ "standing": "handedIn", "at": at }),
        Some(Standing::InDefault { since }) => json!({ "standing": "inDefault", "since": since }),
        Some(Standing::Final(block)) => json!({ "standing": "final", "block": block }),
    };
    json!({
        "id": entry.id, "at": entry.at, "sent": entry.direction == Direction::Sent, "through": through,
        "amount": entry.amount, "counterparty": entry.counterparty, "name": entry.name, "memo": entry.memo,
        "refundOf": entry.refund_of, "hasReceipt": entry.has_receipt, "standing": standing,
        "clearance": wallet.state().records().clearances.get(&entry.id),
    })
}
