//! `offpay operator at-risk`, `offpay operator defaults`

use anyhow::Result;
use clap::Args;
use offpay_api::admin_risks::{Defaults as ToldDefaults, PurseAtRisk};

use super::{
    desk::{Desk, Items, all, told_empty, unit},
    table::Table,
};
use crate::{
    cli::Answer,
    clock,
    money::Unit,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay operator at-risk --token-file admin.token")]
pub(super) struct AtRisk {
    #[command(flatten)]
    desk: Desk,
}

impl AtRisk {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let items: Vec<PurseAtRisk> = all(&server, "admin/at-risk", None).await?;
        if json {
            output.json(&Items { items })?;
            return Ok(Answer::Yes);
        }
        if told_empty(&items, output, "No purse is at risk.")? {
            return Ok(Answer::Yes);
        }
        let unit = unit(&server).await;
        for purse in &items {
            print(output, purse, &unit)?;
        }
        Ok(Answer::Yes)
    }
}

fn print(output: &Output, purse: &PurseAtRisk, unit: &Unit) -> Result<()> {
    let now = clock::now()?;
    let kind = if purse.hosted {
        "hosted purse"
    } else {
        "purse"
    };
    output.line(&output.paint(Style::Bold, &format!("{kind} {}", purse.purse)))?;
    let line = |name: &str, text: &str| output.line(&format!("  {name:<8}{text}"));
    if let Some(owner) = purse.owner {
        line("owner", &owner.to_string())?;
    }
    let payees = match purse.payee_count {
        1 => "one payee".to_owned(),
        many => format!("{many} payees"),
    };
    line(
        "owes",
        &format!("{} to {payees}", unit.show_text(&purse.owed)),
    )?;
    line(
        "backed",
        &format!(
            "funds {}, pledge {} (at most {} for one payee)",
            unit.show(purse.funds),
            unit.show(purse.pledge),
            unit.show(purse.cover)
        ),
    )?;
    let why: Vec<&str> = purse.why.iter().map(|why| words(why)).collect();
    line("why", &output.paint(Style::Bad, &why.join("; ")))?;
    line(
        "by",
        &format!(
            "{} ({})",
            clock::show(purse.by),
            clock::distance(now, purse.by)
        ),
    )?;
    if let Some(closes_at) = purse.closes_at {
        let away = clock::distance(now, closes_at);
        line("closes", &format!("{} ({away})", clock::show(closes_at)))?;
    }
    for owed in &purse.payees {
        let sent = owed
            .transaction
            .as_ref()
            .map_or_else(String::new, |number| format!(", transaction {number}"));
        let why = owed
            .why
            .as_ref()
            .map_or_else(String::new, |why| format!(", {}", words(why)));
        line(
            "payee",
            &format!("{}  {}{why}{sent}", owed.payee, unit.show(owed.owed)),
        )?;
    }
    Ok(())
}

/// What the API's names mean.
fn words(why: &str) -> &str {
    match why {
        "double_spend" => "two payments conflict: who presents first is paid",
        "in_default" => "in default: the payer can still make it good",
        "beyond_funds" => "it owes more than its funds",
        "no_purse" => "the chain has no such purse",
        "closed" => "it closed with this unpaid",
        "resolved" => "all that was reserved is paid; the rest is lost unless it is topped up",
        "no_payment" => "the payment is not in the database",
        "closing" => "it is closing",
        "condemned" => "a default was not made good in time",
        "late" => "it should have been settled by now",
        other => other,
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay operator defaults --token-file admin.token")]
pub(super) struct Defaults {
    #[command(flatten)]
    desk: Desk,
}

impl Defaults {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let told: ToldDefaults = server.get("admin/defaults").await?;
        if json {
            output.json(&told)?;
            return Ok(Answer::Yes);
        }
        if told_empty(&told.items, output, "Nobody is in default.")? {
            return Ok(Answer::Yes);
        }
        let unit = unit(&server).await;
        let mut table = Table::new(&[
            "purse",
            "payee",
            ">owed",
            ">reserved",
            "state",
            "period ends",
            "transaction",
        ]);
        for default in &told.items {
            let ends = default.period_ends_at;
            table.row([
                default.purse.to_string(),
                default.payee.to_string(),
                unit.show(default.owed),
                unit.show(default.reserved),
                state(&default.state).to_owned(),
                format!(
                    "{} ({})",
                    clock::show(ends),
                    clock::distance(told.chain_time, ends)
                ),
                match (&default.transaction, default.ours) {
                    (Some(number), _) => number.clone(),
                    (None, true) => "none yet".to_owned(),
                    (None, false) => "not ours".to_owned(),
                },
            ]);
        }
        table.print(output)?;
        let shown = u64::try_from(told.items.len()).unwrap_or(u64::MAX);
        if told.total > shown {
            output.line(&format!("and {} more", told.total.saturating_sub(shown)))?;
        }
        Ok(Answer::Yes)
    }
}

fn state(name: &str) -> &str {
    match name {
        "in_period" => "can be made good",
        "claimable" => "can be claimed",
        "claiming" => "is claimed",
        other => other,
    }
}
