//! Closing a channel, together or alone, and what the contract is shown.

use alloy_primitives::Bytes;
use offpay_api::{Code, Problem};
use offpay_chain::{ChainError, contract::VoucherClaim};
use offpay_operator::{
    event::{Audience, NewEvent},
    hosted::{
        ChannelChange, ChannelRefusal, HostedChannel, Operation, OperationKind, SignedClose,
        agree_to_close, plan_close,
    },
    storage::HostedChannelStorage as _,
};
use offpay_protocol::{
    Amount, ChannelId, Signable as _, Signature, Signed, Timestamp,
    channel::Side,
    messages::{ChannelClose, Voucher},
    wire,
};
use serde_json::json;

use super::{Standing, changed, channel_view, close_view, invalid, read_code, refused, standing};
use crate::{
    App,
    auth::Caller,
    money::{Plan, chain_now, check_limits, manage},
    problem::Refused,
    vault::KeyName,
};

/// Signs a close of what both sides have sent; or, where the other side has signed one, agrees and brings it to the
/// chain. From then on nothing is paid in the channel until the close cannot come any more.
pub(crate) async fn close_together(
    app: &App,
    caller: &Caller,
    channel: ChannelId,
    code: Option<&str>,
) -> Result<(SignedClose, Side, Option<Operation>), Refused> {
    let _one = app.money.channel(channel).await;
    let standing = standing(app, caller.user, channel).await?;
    let side = standing.end.made.side;
    let now = chain_now(app).await?;
    let theirs = match code {
        Some(text) => Some(read_close(app, channel, side, text)?),
        None => proposed(&standing, now),
    };
    match theirs {
        None => {
            let signed = propose(app, caller, &standing, now).await?;
            Ok((signed, side, None))
        }
        Some((close, signature)) => {
            let (signed, operation) = agree(app, caller, &standing, close, signature, now).await?;
            Ok((signed, side, Some(operation)))
        }
    }
}

/// What a wallet at the other side signed.
fn read_close(
    app: &App,
    channel: ChannelId,
    own: Side,
    text: &str,
) -> Result<(ChannelClose, Signature), Refused> {
    let wire::Code::ChannelClose(code) = read_code(text)? else {
        return Err(invalid("that code is no close of a channel"));
    };
    let opened = code.open(app.contract.domain(), channel);
    let (close, by, signature) = opened.map_err(|error| invalid(&error.to_string()))?;
    if by == own {
        return Err(invalid(
            "that is your own side's signature: give it to the other side",
        ));
    }
    Ok((close, signature))
}

/// What the other end proposed on this server, if it can still count.
fn proposed(standing: &Standing, now: Timestamp) -> Option<(ChannelClose, Signature)> {
    let other = standing.other.as_ref()?;
    let close = other.close.filter(|close| close.close.deadline >= now)?;
    Some((close.close, close.signature(other.made.side)?))
}

async fn propose(
    app: &App,
    caller: &Caller,
    standing: &Standing,
    now: Timestamp,
) -> Result<SignedClose, Refused> {
    let end = &standing.end;
    let close = plan_close(end, &standing.chain, now).map_err(refused)?;
    // The one that was signed before says the same: it is shown again.
    let same = |known: &SignedClose| {
        (known.close.from_a, known.close.from_b) == (close.from_a, close.from_b)
            && known.close.deadline >= now
    };
    if let Some(known) = end.close.filter(same) {
        return Ok(known);
    }
    let side = end.made.side;
    let signed = SignedClose::by(close, side, sign(app, caller, end, &close).await?);
    let mut events = Vec::new();
    if let Some(other) = &standing.other {
        let theirs = Standing {
            end: other.clone(),
            other: Some(end.clone()),
            chain: standing.chain,
        };
        let view = channel_view(app, &theirs).await?;
        events.push(NewEvent {
            audience: Audience::User(other.made.user),
            kind: "channel.close_proposed",
            body: json!({ "channel": view, "close": close_view(app, side, &signed) }),
        });
    }
    let stored = app
        .database
        .record_close(&signed, side, &end.before(), &events, app.now())
        .await?;
    if stored { Ok(signed) } else { Err(changed()) }
}

async fn agree(
    app: &App,
    caller: &Caller,
    standing: &Standing,
    close: ChannelClose,
    theirs: Signature,
    now: Timestamp,
) -> Result<(SignedClose, Operation), Refused> {
    let end = &standing.end;
    let (side, terms) = (end.made.side, end.made.terms);
    let domain = app.contract.domain();
    agree_to_close(end, &standing.chain, &close, &theirs, domain, now).map_err(refused)?;
    check_limits(app, caller.user).await?;
    let ours = sign(app, caller, end, &close).await?;
    let signed = SignedClose::by(close, side, ours).signed(side.other(), theirs);
    let (by_a, by_b) = match side {
        Side::A => (ours, theirs),
        Side::B => (theirs, ours),
    };
    let call = app
        .contract
        .close_channel_together(&terms, &close, &by_a, &by_b);
    let ends = [Some(end), standing.other.as_ref()];
    let plan = Plan {
        details: json!({ "channel": end.made.channel }),
        channel: Some(ChannelChange::Close {
            close: Box::new(signed),
            ends: ends
                .into_iter()
                .flatten()
                .map(HostedChannel::before)
                .collect(),
        }),
        ..Plan::call(OperationKind::CloseTogether, call.calldata(), Amount::ZERO)
    };
    Ok((signed, manage(app, caller, plan).await?))
}

async fn sign(
    app: &App,
    caller: &Caller,
    end: &HostedChannel,
    close: &ChannelClose,
) -> Result<Signature, Refused> {
    let domain = *app.contract.domain();
    let key = KeyName::Channel(end.made.terms.key(end.made.side));
    let signature = app
        .vault
        .sign_with(caller.user, key, |key| close.sign(&domain, key))
        .await?;
    signature.map_err(|error| ChainError::from(error).into())
}

/// Begins to close a channel without the other side: it is paid out after the close delay, and the watchtower shows the
/// newest vouchers until then. The receiving end of a one-way channel claims and closes at once.
pub(crate) async fn close_alone(
    app: &App,
    caller: &Caller,
    channel: ChannelId,
) -> Result<Operation, Refused> {
    let _one = app.money.channel(channel).await;
    let standing = standing(app, caller.user, channel).await?;
    let (end, terms) = (&standing.end, standing.end.made.terms);
    let calls = if end.made.side == Side::B && terms.is_one_way() {
        let mut calls: Vec<Bytes> = unseen(&standing)
            .map(|voucher| shown(app, end, voucher))
            .transpose()?
            .into_iter()
            .collect();
        calls.push(app.contract.finalize_channel(&terms).calldata().clone());
        calls
    } else {
        vec![
            app.contract
                .request_channel_close(&terms)
                .calldata()
                .clone(),
        ]
    };
    start(app, caller, end, OperationKind::CloseChannel, calls).await
}

/// Shows the contract the other side's newest voucher; in a one-way channel that pays it.
pub(crate) async fn present(
    app: &App,
    caller: &Caller,
    channel: ChannelId,
) -> Result<Operation, Refused> {
    let _one = app.money.channel(channel).await;
    let standing = standing(app, caller.user, channel).await?;
    let end = &standing.end;
    if end.made.side == Side::A && end.made.terms.is_one_way() {
        return Err(refused(ChannelRefusal::OneWay));
    }
    let Some(voucher) = unseen(&standing) else {
        let detail = "the contract has seen all that you were paid in this channel";
        return Err(Problem::new(Code::OperationRefused, detail)
            .with(json!({ "code": "NothingNew" }))
            .into());
    };
    let call = shown(app, end, voucher)?;
    start(app, caller, end, OperationKind::PresentVoucher, vec![call]).await
}

/// Pays a channel out whose time has come.
pub(crate) async fn finalize(
    app: &App,
    caller: &Caller,
    channel: ChannelId,
) -> Result<Operation, Refused> {
    let _one = app.money.channel(channel).await;
    let standing = standing(app, caller.user, channel).await?;
    let end = &standing.end;
    let call = app.contract.finalize_channel(&end.made.terms);
    let calls = vec![call.calldata().clone()];
    start(app, caller, end, OperationKind::FinalizeChannel, calls).await
}

/// The newest voucher of the other side, if the contract has not seen it.
fn unseen(standing: &Standing) -> Option<Signed<Voucher>> {
    let state = standing.chain.head?;
    let seen = match standing.end.made.side {
        Side::A => state.from_b,
        Side::B => state.from_a,
    };
    standing
        .end
        .received
        .filter(|voucher| voucher.message.cumulative > seen)
}

fn shown(app: &App, end: &HostedChannel, voucher: Signed<Voucher>) -> Result<Bytes, Refused> {
    let terms = end.made.terms;
    if terms.is_one_way() {
        let claim = VoucherClaim { terms, voucher };
        Ok(app.contract.claim_voucher(&claim)?.calldata().clone())
    } else {
        let call = app.contract.present_voucher(&terms, &voucher)?;
        Ok(call.calldata().clone())
    }
}

async fn start(
    app: &App,
    caller: &Caller,
    end: &HostedChannel,
    kind: OperationKind,
    calls: Vec<Bytes>,
) -> Result<Operation, Refused> {
    let plan = Plan {
        calls,
        details: json!({ "channel": end.made.channel }),
        ..Plan::call(kind, &Bytes::new(), Amount::ZERO)
    };
    manage(app, caller, plan).await
}
