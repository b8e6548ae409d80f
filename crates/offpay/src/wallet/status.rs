//! `offpay wallet status`

use anyhow::Result;
use clap::Args;
use offpay_protocol::Timestamp;
use offpay_wallet::{State, messages::Message as _, profile::Identity, sync::Readiness};
use serde_json::{Value, json};

use super::{
    nodes::Nodes,
    purse,
    session::{OpenWallet, Session},
    verdict::row,
};
use crate::{cli::Answer, clock, output::Style};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  offpay wallet status\n  offpay wallet status --online")]
pub(super) struct Status {
    /// Ask the chain for balance and collateral as well.
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    nodes: Nodes,
}

impl Status {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let wallet = session.open()?;
        let state = wallet.state();
        let account = if self.online {
            let online = self.nodes.connect(state).await?;
            Some(online.contract.account(state.account()).await?)
        } else {
            None
        };
        let (role, signer) = match state.identity() {
            Identity::Owner {
                owner_key: Some(_), ..
            } => ("owner", None),
            Identity::Owner {
                owner_key: None, ..
            } => ("ownerElsewhere", None),
            Identity::Payee { request_key, .. } => ("payee", Some(request_key)),
        };
        let now = session.now()?;
        if session.json() {
            let records = state.records();
            let held: Vec<_> = state
                .hand_in_dates(now)
                .iter()
                .map(|date| json!({ "payment": date.id, "by": date.by, "overdue": date.overdue }))
                .collect();
            session.output.json(&json!({
                "account": state.account(), "name": state.profile().name, "role": role,
                "signer": signer.map(|key| key.address), "attested": signer.is_some_and(|key| key.attestation.is_some()),
                "deployment": state.deployment(), "synced": records.synced,
                "readiness": readiness(state, now),
                "purses": records.purses.values().map(purse::described).collect::<Vec<_>>(),
                "channels": records.channels.values().map(super::channel::described).collect::<Vec<_>>(),
                "held": held, "evidence": records.evidence.len(),
                "onChain": account.map(|account| json!({
                    "balance": account.balance, "collateral": account.collateral, "pledged": account.pledged,
                    "registeredAt": account.registered_at,
                })),
            }))?;
            return Ok(Answer::Yes);
        }
        let (output, token) = (session.output, &state.deployment().token);
        let name = if state.profile().name.is_empty() {
            "A wallet"
        } else {
            &state.profile().name
        };
        output.line(&output.paint(Style::Bold, name))?;
        row(output, "account", &state.account().to_string())?;
        if let Some(key) = signer {
            let attested = if key.attestation.is_some() {
                "attested"
            } else {
                "not attested"
            };
            row(output, "signer", &format!("{} ({attested})", key.address))?;
        }
        if let Some(account) = account {
            row(output, "balance", &token.show(account.balance))?;
            let pledged = token.show(account.pledged);
            row(
                output,
                "collateral",
                &format!(
                    "{}, {pledged} of it pledged",
                    token.show(account.collateral)
                ),
            )?;
        }
        let synced = state.records().synced;
        let said = synced.map_or("never".to_owned(), |block| {
            format!(
                "block {}, {}",
                block.number,
                clock::distance(state.time(now), block.time)
            )
        });
        row(output, "last sync", &said)?;
        for purse in state.records().purses.values() {
            purse::print(output, purse, token)?;
        }
        for channel in state.records().channels.values() {
            super::channel::print(output, channel, state)?;
        }
        held(session, &wallet)?;
        ready(session, &wallet)?;
        Ok(Answer::Yes)
    }
}

/// What has to be handed in, and by when.
pub(super) fn held(session: &Session<'_>, wallet: &OpenWallet) -> Result<()> {
    let (output, state, now) = (session.output, wallet.state(), session.now()?);
    for date in state.hand_in_dates(now) {
        let Some(received) = state.records().received.get(&date.id) else {
            continue;
        };
        let amount = state.deployment().token.show(received.payment.amount);
        let distance = clock::distance(state.time(now), date.by);
        let said = format!(
            "{amount} not settled yet: hand in by {} ({distance})",
            clock::show(date.by)
        );
        let style = if date.overdue {
            Style::Bad
        } else {
            Style::Accent
        };
        output.line(&output.paint(style, &said))?;
    }
    if !state.records().evidence.is_empty() {
        let said = format!(
            "{} proofs of double spends are held",
            state.records().evidence.len()
        );
        output.line(&output.paint(Style::Bad, &said))?;
    }
    Ok(())
}

/// *Ready to pay offline until …*
pub(super) fn ready(session: &Session<'_>, wallet: &OpenWallet) -> Result<()> {
    let (output, state, now) = (session.output, wallet.state(), session.now()?);
    if !state.identity().can_pay() {
        return Ok(());
    }
    let said = match state.readiness(now) {
        Readiness::Ready {
            until,
            up_to,
            renew_soon,
            ..
        } => {
            let soon = if renew_soon { ": renew it soon" } else { "" };
            let distance = clock::distance(state.time(now), until);
            let amount = state.deployment().token.show(up_to);
            output.paint(
                Style::Good,
                &format!(
                    "Ready to pay offline up to {amount}, until {} ({distance}){soon}",
                    clock::show(until)
                ),
            )
        }
        Readiness::NotReady(why) => {
            output.paint(Style::Dim, &why.message(&state.deployment().token))
        }
    };
    Ok(output.line(&said)?)
}

/// The same for JSON.
pub(super) fn readiness(state: &State, now: Timestamp) -> Value {
    match state.readiness(now) {
        Readiness::Ready {
            until,
            purse,
            up_to,
            renew_soon,
        } => {
            json!({ "ready": true, "until": until, "purse": purse, "upTo": up_to, "renewSoon": renew_soon })
        }
        Readiness::NotReady(why) => {
            json!({ "ready": false, "why": why.message(&state.deployment().token) })
        }
    }
}
