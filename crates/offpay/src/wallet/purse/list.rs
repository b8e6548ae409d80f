//! `offpay wallet purse list`

use anyhow::Result;
use clap::Args;
use offpay_wallet::{
    Token,
    records::{OwnPurse, PurseStanding},
};
use serde_json::json;

use crate::{
    cli::Answer,
    clock,
    output::Output,
    wallet::{session::Session, verdict::row},
};

#[derive(Debug, Args)]
pub(super) struct List {}

impl List {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let wallet = session.open()?;
        let purses = &wallet.state().records().purses;
        if session.json() {
            let purses: Vec<_> = purses.values().map(described).collect();
            session.output.json(&json!({ "purses": purses }))?;
        } else if purses.is_empty() {
            session.output.line("No purse yet.")?;
        } else {
            for purse in purses.values() {
                print(session.output, purse, &wallet.state().deployment().token)?;
            }
        }
        Ok(Answer::Yes)
    }
}

/// A purse without its sealed key.
pub(in crate::wallet) fn described(purse: &OwnPurse) -> serde_json::Value {
    // What a closed purse held is back in the balance.
    let left = (purse.standing != PurseStanding::Closed).then(|| purse.left());
    json!({
        "purse": purse.key, "standing": purse.standing, "retired": purse.retired, "terms": purse.terms,
        "funds": purse.funds, "nextSerial": purse.next_serial, "left": left,
        "certificateAsOf": purse.certificate.map(|held| held.certificate.as_of),
    })
}

/// A purse, for people.
pub(in crate::wallet) fn print(output: &Output, purse: &OwnPurse, token: &Token) -> Result<()> {
    let standing = match purse.standing {
        PurseStanding::Closed => "closed".to_owned(),
        PurseStanding::Closing { closes_at } => format!("closing at {}", clock::show(closes_at)),
        _ if purse.retired => "out of use".to_owned(),
        PurseStanding::Prepared => "not seen in a finalized block yet".to_owned(),
        PurseStanding::Open => "open".to_owned(),
    };
    output.line(&format!("purse {} ({standing})", purse.key))?;
    if purse.standing == PurseStanding::Closed {
        return Ok(());
    }
    row(
        output,
        "left",
        &format!(
            "{} of {}",
            token.show(purse.left()),
            token.show(purse.funds)
        ),
    )?;
    let terms = &purse.terms;
    let whose = if terms.circle.is_open() {
        "the open circle".to_owned()
    } else {
        format!("circle {}", terms.circle)
    };
    row(
        output,
        "pledge",
        &format!(
            "{} for {} of {whose}",
            token.show(terms.pledge),
            terms.cover_count
        ),
    )?;
    if let Some(held) = purse.certificate {
        row(
            output,
            "certificate",
            &format!("of {}", clock::show(held.certificate.as_of)),
        )?;
    }
    Ok(())
}
