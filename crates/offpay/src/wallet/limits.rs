//! `offpay wallet limits`

use anyhow::{Context, Result};
use clap::Args;
use offpay_protocol::{Amount, Seconds};
use offpay_wallet::{Token, settings::Settings};
use serde_json::json;

use super::{session::Session, verdict::row};
use crate::cli::Answer;

#[derive(Debug, Args)]
#[command(
    after_help = "Without options it shows the limits. `none` takes a limit away, where that is possible.\n\n\
    Examples:\n  offpay wallet limits\n  offpay wallet limits --pay-day 200 --hold-total 1000\n  \
    offpay wallet limits --floor none --uncovered 5"
)]
pub(super) struct Limits {
    /// The most that one payment of yours may be.
    #[arg(long, value_name = "AMOUNT")]
    pay_one: Option<String>,
    /// The most that all payments of 24 hours may be.
    #[arg(long, value_name = "AMOUNT")]
    pay_day: Option<String>,
    /// The most payments of 24 hours.
    #[arg(long, value_name = "COUNT")]
    pay_count: Option<String>,
    /// How many unsettled payments to hold at most.
    #[arg(long, value_name = "COUNT")]
    hold_count: Option<u32>,
    /// How much to hold unsettled in all.
    #[arg(long, value_name = "AMOUNT")]
    hold_total: Option<String>,
    /// How much to hold unsettled from one payer.
    #[arg(long, value_name = "AMOUNT")]
    hold_payer: Option<String>,
    /// How much of one purse's payments to hold beyond what is covered.
    #[arg(long, value_name = "AMOUNT")]
    uncovered: Option<String>,
    /// From which amount on to take a payment only with the network's word.
    #[arg(long, value_name = "AMOUNT")]
    floor: Option<String>,
    /// From how many covers on a cover counts that is not certain.
    #[arg(long, value_name = "COUNT")]
    least_covers: Option<u16>,
    /// How many hours after a sync to stop accepting.
    #[arg(long, value_name = "HOURS")]
    sync_hours: Option<u32>,
    /// After how many idle minutes the wallet locks itself.
    #[arg(long, value_name = "MINUTES")]
    idle_minutes: Option<u32>,
}

impl Limits {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let token = wallet.state().deployment().token.clone();
        let before = *wallet.state().settings();
        let settings = self.change(before, &token)?;
        if settings != before {
            session.unlock(&mut wallet)?;
            wallet.change_settings(settings, session.now()?)?;
        }
        if session.json() {
            session.output.json(&json!({ "settings": settings }))?;
            return Ok(Answer::Yes);
        }
        show(session, &settings, &token)
    }

    fn change(&self, before: Settings, token: &Token) -> Result<Settings> {
        let mut settings = before;
        let (spending, policy) = (&mut settings.spending, &mut settings.acceptance);
        optional(
            &mut spending.per_payment,
            self.pay_one.as_deref(),
            |typed| Ok(token.parse(typed)?),
        )?;
        optional(&mut spending.per_day, self.pay_day.as_deref(), |typed| {
            Ok(token.parse(typed)?)
        })?;
        optional(
            &mut spending.payments_per_day,
            self.pay_count.as_deref(),
            |typed| Ok(typed.parse()?),
        )?;
        optional(&mut policy.floor, self.floor.as_deref(), |typed| {
            Ok(token.parse(typed)?)
        })?;
        let limits = &mut policy.limits;
        for (limit, typed) in [
            (&mut limits.total, &self.hold_total),
            (&mut limits.per_payer, &self.hold_payer),
            (&mut limits.uncovered, &self.uncovered),
        ] {
            if let Some(typed) = typed {
                *limit = token.parse(typed)?;
            }
        }
        limits.payments = self.hold_count.unwrap_or(limits.payments);
        limits.least_cover_count = self.least_covers.unwrap_or(limits.least_cover_count);
        if let Some(hours) = self.sync_hours {
            limits.since_sync = Seconds::new(u64::from(hours) * 3_600).context("too long")?;
        }
        if let Some(minutes) = self.idle_minutes {
            settings.idle_limit = Seconds::new(u64::from(minutes) * 60).context("too long")?;
        }
        Ok(settings)
    }
}

fn optional<T>(
    limit: &mut Option<T>,
    typed: Option<&str>,
    read: impl Fn(&str) -> Result<T>,
) -> Result<()> {
    match typed {
        None => {}
        Some("none") => *limit = None,
        Some(typed) => {
            *limit = Some(read(typed).with_context(|| format!("{typed} is not a limit"))?);
        }
    }
    Ok(())
}

fn show(session: &Session<'_>, settings: &Settings, token: &Token) -> Result<Answer> {
    let output = session.output;
    let amount = |limit: Option<Amount>| limit.map_or("none".to_owned(), |limit| token.show(limit));
    let limits = &settings.acceptance.limits;
    output.line("Paying with no network")?;
    row(
        output,
        "one payment",
        &amount(settings.spending.per_payment),
    )?;
    row(output, "24 hours", &amount(settings.spending.per_day))?;
    let count = settings
        .spending
        .payments_per_day
        .map_or("none".to_owned(), |count| format!("{count} payments"));
    row(output, "", &count)?;
    output.line("Accepting with no network")?;
    row(
        output,
        "held unsettled",
        &format!("{} payments, {}", limits.payments, token.show(limits.total)),
    )?;
    row(output, "from one payer", &token.show(limits.per_payer))?;
    row(output, "not covered", &token.show(limits.uncovered))?;
    row(
        output,
        "covers count from",
        &format!("{} on", limits.least_cover_count),
    )?;
    row(output, "network from", &amount(settings.acceptance.floor))?;
    row(
        output,
        "since last sync",
        &format!("{} hours", limits.since_sync.get() / 3_600),
    )?;
    row(
        output,
        "locks after",
        &format!("{} minutes", settings.idle_limit.get() / 60),
    )?;
    Ok(Answer::Yes)
}
