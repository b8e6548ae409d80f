//! What a sync came to.

use anyhow::Result;
use offpay_protocol::PurseKey;
use serde_json::json;

use super::done::Done;
use crate::{
    cli::Answer,
    clock,
    output::Style,
    wallet::{
        session::{OpenWallet, Session},
        status,
    },
};

/// Says what a sync did, and what is left to do.
pub(super) fn report(session: &Session<'_>, wallet: &OpenWallet, done: &Done) -> Result<Answer> {
    let ends = if done.failed.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    };
    let now = session.now()?;
    let (state, output) = (wallet.state(), session.output);
    let needed: Vec<PurseKey> = done
        .certificates_needed
        .iter()
        .copied()
        .filter(|purse| state.should_renew(*purse, now))
        .collect();
    if session.json() {
        let dates: Vec<_> = state
            .hand_in_dates(now)
            .iter()
            .map(|date| json!({ "payment": date.id, "by": date.by }))
            .collect();
        output.json(&json!({
            "block": done.block, "handedIn": done.handed_in, "cleared": done.cleared,
            "certified": done.certified, "certificatesNeeded": needed,
            "inDefault": done.in_default.iter()
                .map(|(purse, until)| json!({ "purse": purse, "until": until })).collect::<Vec<_>>(),
            "notSettled": dates, "failed": done.failed, "readiness": status::readiness(state, now),
        }))?;
        return Ok(ends);
    }
    if let Some(block) = done.block {
        let said = if block.nodes > 1 {
            "two nodes agree on it"
        } else {
            "one node's word"
        };
        output.line(&output.paint(
            Style::Good,
            &format!("In step with block {} ({said})", block.number),
        ))?;
    }
    for handed_in in &done.handed_in {
        output.line(&format!("handed in {handed_in}"))?;
    }
    for cleared in &done.cleared {
        output.line(&format!("cleared by the operator {cleared}"))?;
    }
    for purse in &done.certified {
        output.line(&format!("purse {purse} has a fresh certificate"))?;
    }
    for purse in &needed {
        output.line(&format!(
            "purse {purse} needs a certificate: `offpay operator certify {purse}`,"
        ))?;
        output.line("  then `offpay wallet sync --take CERTIFICATE`")?;
    }
    for (purse, until) in &done.in_default {
        let said = format!(
            "purse {purse} owes more than it holds: `offpay wallet make-good {purse}` by {}, or the pledge is lost",
            clock::show(*until)
        );
        output.line(&output.paint(Style::Bad, &said))?;
    }
    for failed in &done.failed {
        output.line(&output.paint(Style::Bad, failed))?;
    }
    status::held(session, wallet)?;
    status::ready(session, wallet)?;
    Ok(ends)
}
