//! Closing a channel at once, as both sides agree.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use offpay_chain::Sender;
use offpay_protocol::{ChannelId, Signature, messages::ChannelClose};
use offpay_wallet::channel::SignedClose;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{close::closed, read_json, write_json};
use crate::{
    cli::Answer,
    clock,
    output::Style,
    wallet::{
        nodes::Online,
        session::{OpenWallet, Session},
    },
};

/// A close that one side signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Proposal {
    close: ChannelClose,
    by_a: Option<Signature>,
    by_b: Option<Signature>,
}

/// Signs a close, for the other side.
pub(super) fn propose(
    session: &Session<'_>,
    wallet: &mut OpenWallet,
    id: ChannelId,
    file: &PathBuf,
) -> Result<Answer> {
    let signed = wallet.propose_close(id, session.now()?)?;
    let SignedClose { close, by_a, by_b } = *signed;
    let value = json!(Proposal { close, by_a, by_b });
    write_json(Some(file), &value)?;
    if session.json() {
        session.output.json(&value)?;
    } else {
        let said = format!(
            "Signed: the other side can agree until {}",
            clock::show(close.deadline)
        );
        session
            .output
            .line(&session.output.paint(Style::Good, &said))?;
        session.output.line(&format!(
            "  offpay wallet channel close {id} --agree {}",
            file.display()
        ))?;
    }
    Ok(Answer::Yes)
}

/// Signs what the other side signed, and brings it to the chain.
pub(super) async fn agree(
    session: &Session<'_>,
    wallet: &mut OpenWallet,
    id: ChannelId,
    given: &str,
    online: &Online,
    sender: &Sender,
) -> Result<Answer> {
    let Proposal { close, by_a, by_b } = read_json(given)?;
    if close.channel != id {
        bail!("the close is of another channel");
    }
    let both = wallet.agree_to_close(SignedClose { close, by_a, by_b }, session.now()?)?;
    let by_a = both.by_a.context("a's signature is missing")?;
    let by_b = both.by_b.context("b's signature is missing")?;
    let terms = super::terms(wallet.state(), id)?;
    session.output.progress("Sending …");
    let mined = online
        .contract
        .close_channel_together(&terms, &both.close, &by_a, &by_b)
        .send(sender)
        .await?;
    closed(session, wallet, &mined.outcome, &mined.tx.to_string())
}
