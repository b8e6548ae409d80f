//! `offpay backup`, `offpay restore`: copies of the operator's database.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use offpay_store::backup::{self, Holds};
use serde_json::{Value, json};

use super::serve::ConfigArguments;
use crate::{
    cli::Answer,
    clock,
    output::{Output, Style},
};

/// Copy the operator's database into a new file, while the server runs.
#[derive(Debug, Args)]
#[command(
    after_help = "The copy is of one moment, checked, and for its owner's eyes alone. It opens no key: keep the vault's \
    master keys, the configuration's other secrets and deployment.json elsewhere. PostgreSQL is copied by pg_dump.\n\n\
    Example:\n  offpay backup --config /etc/offpay/offpay.toml --to /backup/offpay-2026-11-23.db"
)]
pub(crate) struct Backup {
    #[command(flatten)]
    config: ConfigArguments,
    /// The new file.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Bring a copy of the operator's database back, to where there is none.
#[derive(Debug, Args)]
#[command(
    after_help = "The configuration's database has to be empty: a file that is not there, or a PostgreSQL database without \
    tables. What the server acknowledged after the copy was made is not in it. So that no hosted purse signs a serial twice, \
    hosted purses sign nothing any more: their owners close them and open others. With --complete they go on.\n\n\
    Example:\n  offpay restore --config /etc/offpay/offpay.toml --from /backup/offpay-2026-11-23.db"
)]
pub(crate) struct Restore {
    #[command(flatten)]
    config: ConfigArguments,
    /// The copy.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The server was stopped when the copy was made, and has not run since: nothing is missing.
    #[arg(long)]
    complete: bool,
    /// Answer in JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Backup {
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let url = self.config.load()?.database.url.read()?;
        output.progress("copying the database");
        let holds = backup::back_up(&url, &self.to).await?;
        let bytes = std::fs::metadata(&self.to)?.len();
        if self.json {
            let mut told = shown(&holds);
            told["file"] = json!(self.to);
            told["bytes"] = json!(bytes);
            output.json(&told)?;
            return Ok(Answer::Yes);
        }
        let said = format!("{} is a whole copy, of {bytes} bytes.", self.to.display());
        output.line(&output.paint(Style::Good, &said))?;
        print(output, &holds)?;
        Ok(Answer::Yes)
    }
}

impl Restore {
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let url = self.config.load()?.database.url.read()?;
        output.progress("bringing the copy back");
        let restored = backup::restore(&url, &self.from, self.complete).await?;
        let clean = restored.findings.is_empty();
        let answer = if clean { Answer::Yes } else { Answer::No };
        if self.json {
            let mut told = shown(&restored.holds);
            told["schema"] = json!(restored.schema);
            told["clean"] = json!(clean);
            told["findings"] = json!(restored.findings);
            told["retiredPurses"] = json!(restored.retired);
            told["complete"] = json!(self.complete);
            output.json(&told)?;
            return Ok(answer);
        }
        if clean {
            output.line(&output.paint(Style::Good, "The copy is back, and its books balance."))?;
        } else {
            output.line(&output.paint(
                Style::Bad,
                "The copy is back, and its books are not in order:",
            ))?;
            for finding in &restored.findings {
                output.line(&format!("  {finding}"))?;
            }
        }
        print(output, &restored.holds)?;
        if !self.complete {
            warn(output, restored.retired)?;
        }
        Ok(answer)
    }
}

/// What a restored database lacks, and what follows from it.
fn warn(output: &Output, retired: u64) -> Result<()> {
    output.line(&output.paint(
        Style::Bad,
        "What the server acknowledged after the copy was made is not in it:",
    ))?;
    for line in [
        format!("{retired} hosted purses sign nothing any more: their owners close them and open others"),
        "payments that were cleared since are not known: payees hand them in again, and until then a payer could spend \
         the same money once more"
            .to_owned(),
        "access tokens, passwords and freezes are as they were: revoke, and freeze, again".to_owned(),
        "what is on the chain is read from there when the server starts".to_owned(),
    ] {
        output.line(&format!("  - {line}"))?;
    }
    Ok(())
}

fn shown(holds: &Holds) -> Value {
    json!({
        "schema": holds.schema,
        "payments": holds.payments.to_string(),
        "lastClearedAt": holds.last_cleared_at,
        "movements": holds.movements.to_string(),
        "events": holds.events.to_string(),
        "block": holds.block,
    })
}

fn print(output: &Output, holds: &Holds) -> Result<()> {
    let cleared = holds.last_cleared_at.map_or_else(String::new, |at| {
        format!(", the last at {}", clock::show(at))
    });
    let block = holds
        .block
        .map_or_else(|| "none".to_owned(), |block| block.to_string());
    output.line(&format!("  payments   {}{cleared}", holds.payments))?;
    output.line(&format!("  movements  {}", holds.movements))?;
    output.line(&format!("  events     {}", holds.events))?;
    output.line(&format!("  block      {block}"))?;
    output.line(&format!("  tables     version {}", holds.schema))?;
    Ok(())
}
