//! `offpay operator keys`

use anyhow::Result;
use clap::{Args, Subcommand};
use offpay_api::{admin_accounts::MasterKeyRotated, admin_log::Keys as Told};
use serde_json::json;

use super::desk::Desk;
use crate::{
    cli::Answer,
    clock,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "To rotate the vault's master key: put a new one in front of vault.master_keys, restart the server, run \
    `offpay operator keys rotate`, take the old one out and restart.\n\nExamples:\n  offpay operator keys\n  \
    offpay operator keys rotate"
)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    desk: Desk,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Seal every user's data key under the first master key. Can be broken off and run again.
    Rotate {
        #[command(flatten)]
        desk: Desk,
    },
}

impl Keys {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        match &self.command {
            None => show(&self.desk, output, json).await,
            Some(Command::Rotate { desk }) => rotate(desk, output, json).await,
        }
    }
}

async fn show(desk: &Desk, output: &Output, json: bool) -> Result<Answer> {
    let told: Told = desk.open()?.get("admin/keys").await?;
    if json {
        output.json(&told)?;
        return Ok(Answer::Yes);
    }
    let line = |name: &str, text: &str| output.line(&format!("  {name:<10}{text}"));
    output.line(&output.paint(Style::Bold, "Keys"))?;
    line("master", &format!("{} seals", told.master))?;
    for master in &told.masters {
        line(
            "",
            &format!("{} data keys are under {}", master.seals, master.id),
        )?;
    }
    if told.to_rotate > 0 {
        let left = format!("{} to rotate: offpay operator keys rotate", told.to_rotate);
        line("", &output.paint(Style::Bad, &left))?;
    }
    for key in &told.operators {
        let since = if key.valid_from.get() == 0 {
            "from the beginning".to_owned()
        } else {
            format!("from {}", clock::show(key.valid_from))
        };
        line("operator", &format!("{} {since}", key.operator))?;
    }
    line("gas", &told.gas)?;
    line("circle", &told.circle.to_string())?;
    Ok(Answer::Yes)
}

async fn rotate(desk: &Desk, output: &Output, json: bool) -> Result<Answer> {
    let server = desk.open()?;
    let mut resealed: u64 = 0;
    loop {
        let told: MasterKeyRotated = server.post("admin/master-key/rotation", &json!({})).await?;
        resealed = resealed.saturating_add(told.resealed);
        if told.left == 0 {
            break;
        }
        output.progress(&format!("{resealed} sealed anew, {} left", told.left));
    }
    if json {
        output.json(&json!({ "resealed": resealed, "left": 0 }))?;
        return Ok(Answer::Yes);
    }
    let said = match resealed {
        0 => "All data keys were under the current master key already.".to_owned(),
        many => format!("{many} data keys were sealed anew: the old master key is needed no more."),
    };
    output.line(&output.paint(Style::Good, &said))?;
    Ok(Answer::Yes)
}
