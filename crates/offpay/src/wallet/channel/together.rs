//! Closing a channel at once, as both sides agree.

use anyhow::{Context, Result, bail};
use offpay_chain::Sender;
use offpay_protocol::{
    ChannelId,
    channel::Side,
    wire::{ChannelCloseCode, Code},
};
use offpay_wallet::channel::SignedClose;
use serde_json::json;

use super::close::closed;
use crate::{
    cli::Answer,
    clock,
    codes::{CodeOutput, one_code},
    output::Style,
    wallet::{
        nodes::Online,
        session::{OpenWallet, Session},
    },
};

/// Signs a close, for the other side.
pub(super) fn propose(
    session: &Session<'_>,
    wallet: &mut OpenWallet,
    id: ChannelId,
    code: &CodeOutput,
) -> Result<Answer> {
    let signed = wallet.propose_close(id, session.now()?)?;
    let close = signed.close;
    let (by, signature) = match (signed.by_a, signed.by_b) {
        (Some(signature), _) => (Side::A, signature),
        (None, signature) => (Side::B, signature.context("nobody signed the close")?),
    };
    let domain = &wallet.state().deployment().domain;
    let shown = code.write(&ChannelCloseCode::new(domain, &close, by, signature).into())?;
    let output = session.output;
    if session.json() {
        output.json(&json!({ "close": close, "code": shown }))?;
        return Ok(Answer::Yes);
    }
    let said = format!(
        "Signed: the other side can agree until {}",
        clock::show(close.deadline)
    );
    output.line(&output.paint(Style::Good, &said))?;
    output.line(&format!("  offpay wallet channel close {id} --agree CODE"))?;
    shown.print(output)?;
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
    let Code::ChannelClose(code) = one_code(given)? else {
        bail!("this code is not the close of a channel")
    };
    let domain = wallet.state().deployment().domain;
    let (close, by, signature) = code.open(&domain, id)?;
    let signed = SignedClose {
        close,
        by_a: (by == Side::A).then_some(signature),
        by_b: (by == Side::B).then_some(signature),
    };
    let both = wallet.agree_to_close(signed, session.now()?)?;
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
