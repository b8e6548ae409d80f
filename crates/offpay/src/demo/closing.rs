//! What the story came to.

use std::time::Duration;

use anyhow::{Result, ensure};
use offpay_protocol::Amount;
use serde::Serialize;

use super::{
    books::Place,
    cast::Who,
    report::{Step, Totals, grouped},
    stage::Stage,
};
use crate::{
    money::{DECIMALS, offpay, show},
    output::Style,
};

/// The whole story as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    contract: String,
    token: String,
    steps: &'a [Step],
    summary: Summary,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(flatten)]
    totals: Totals,
    people: Vec<Person>,
    held_by_contract: Amount,
    seconds: f64,
}

/// What somebody came with and left with, in base units.
#[derive(Serialize)]
struct Person {
    name: &'static str,
    came: Amount,
    left: Amount,
}

/// Tells it. The audit after the last step has found all books at zero.
pub(super) fn summary(stage: &Stage, took: Duration) -> Result<()> {
    let inside = stage.books.inside().unwrap_or(Amount::MAX);
    ensure!(inside.is_zero(), "the books still hold {inside} base units");
    let summary = Summary {
        totals: stage.report.totals(),
        people: people(stage)?,
        held_by_contract: inside,
        seconds: took.as_secs_f64(),
    };
    if stage.report.is_json() {
        let contract = stage.contract.address().to_string();
        let token = stage.token.address().to_string();
        stage.report.output().json(&Told {
            contract,
            token,
            steps: stage.report.steps(),
            summary,
        })?;
        return Ok(());
    }
    print(stage, &summary)
}

fn people(stage: &Stage) -> Result<Vec<Person>> {
    let came = |who| match who {
        Who::Alice | Who::Bob | Who::Mallory | Who::Merchant => offpay("1000"),
        _ => Ok(Amount::ZERO),
    };
    let people = Who::ALL.into_iter().map(|who| {
        Ok(Person {
            name: who.name(),
            came: came(who)?,
            left: stage.books.at(Place::Tokens(who)),
        })
    });
    people.collect()
}

fn print(stage: &Stage, summary: &Summary) -> Result<()> {
    let output = stage.report.output();
    let Totals {
        off_chain_payments,
        transactions,
        gas,
    } = summary.totals;
    output.line("")?;
    output.line(&output.paint(Style::Bold, "In the end"))?;
    for Person { name, came, left } in &summary.people {
        let (sign, difference) = if left >= came {
            ("+", left.saturating_sub(*came))
        } else {
            ("-", came.saturating_sub(*left))
        };
        output.line(&format!(
            "      {name:<9} came with {:>6}, left with {:>9}  ({sign}{})",
            show(*came, DECIMALS),
            show(*left, DECIMALS),
            show(difference, DECIMALS),
        ))?;
    }
    output.line("")?;
    let zero = output.paint(
        Style::Good,
        "all books are zero: the contract holds nothing",
    );
    output.line(&format!(
        "      {off_chain_payments} payments made off-chain, {transactions} transactions, {} gas; {zero}.",
        grouped(gas)
    ))?;
    output.line(&output.paint(
        Style::Dim,
        &format!(
            "      Every balance was compared with the chain after every step. {:.1} s.",
            summary.seconds
        ),
    ))?;
    Ok(())
}
