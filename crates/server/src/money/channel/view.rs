//! Channels as the API shows them.

use offpay_api::{
    account::ChannelsView,
    channels::{ChannelPaymentView, ChannelView, CloseView, DisputeView},
};
use offpay_operator::{
    UserId,
    follower::ChannelState,
    hosted::{ChannelPayment, HostedChannel, OnChain, OperationState, SignedClose, can_send},
    storage::{
        ChainStorage as _, HostedChannelStorage as _, OperationStorage as _, StorageError,
        identity::UserStorage as _,
    },
};
use offpay_protocol::{
    AccountId, Amount,
    channel::Side,
    wire::{ChannelCloseCode, ChannelTermsCode, ReferenceHint, VoucherCode},
};

use super::{Standing, code_text, on_chain};
use crate::{App, money::chain_now};

/// A channel, from its end.
pub(crate) async fn channel_view(
    app: &App,
    standing: &Standing,
) -> Result<ChannelView, StorageError> {
    let Standing { end, other, chain } = standing;
    let (made, side) = (&end.made, end.made.side);
    let counterparty = end.counterparty();
    let user = app.database.user_by_account(counterparty).await?;
    let handle = user.and_then(|user| user.handle);
    let deposit = |side| match (chain.head, side) {
        (Some(state), Side::A) => state.deposit_a,
        (Some(state), Side::B) => state.deposit_b,
        (None, _) => Amount::ZERO,
    };
    let terms_code = ChannelTermsCode::new(app.contract.domain(), made.terms);
    let now = chain_now(app).await?;
    Ok(ChannelView {
        channel: made.channel,
        side: side.name().to_owned(),
        counterparty,
        counterparty_handle: handle.map(|handle| handle.to_string()),
        one_way: made.terms.is_one_way(),
        state: state(app, end, other.as_ref(), chain).await?.to_owned(),
        deposit: deposit(side),
        counterparty_deposit: deposit(side.other()),
        sent: end.sent_in_all(),
        received: end.received_in_all(),
        available: open_now(chain, can_send(end, chain, side)),
        receivable: open_now(chain, can_send(end, chain, side.other())),
        close_delay: made.terms.close_delay,
        closes_at: chain.head.and_then(|state| state.closes_at),
        dispute: chain.head.and_then(|state| dispute(end, &state)),
        close: end
            .close
            .filter(|close| close.close.deadline >= now && chain.head.is_none_or(|s| !s.closed))
            .and_then(|close| close_view(app, side, &close)),
        terms: made.terms,
        terms_code: code_text(&terms_code.into()),
        created_at: end.created_at,
    })
}

/// Nothing is paid in a channel that is not open.
fn open_now(chain: &OnChain, amount: Amount) -> Amount {
    match chain.head {
        Some(state) if !state.closed && state.closes_at.is_none() => amount,
        _ => Amount::ZERO,
    }
}

async fn state(
    app: &App,
    end: &HostedChannel,
    other: Option<&HostedChannel>,
    chain: &OnChain,
) -> Result<&'static str, StorageError> {
    Ok(match chain.head {
        Some(state) if state.closed => "closed",
        Some(state) if state.closes_at.is_some() => "closing",
        Some(_) => "open",
        None => {
            let opener = [Some(end), other].into_iter().flatten();
            let opener = opener.into_iter().find(|end| end.made.side == Side::A);
            let operation = match opener.and_then(|opener| Some((opener, opener.made.operation?))) {
                Some((opener, id)) => app.database.operation(opener.made.user, id).await?,
                None => None,
            };
            match operation {
                Some(operation) if operation.state == OperationState::Failed => "failed",
                _ => "opening",
            }
        }
    })
}

/// What the contract has not seen of a closing channel.
fn dispute(end: &HostedChannel, state: &ChannelState) -> Option<DisputeView> {
    let answer_by = state.closes_at.filter(|_| !state.closed)?;
    let on_chain = |side| match side {
        Side::A => state.from_a,
        Side::B => state.from_b,
    };
    let (sent, received) = (on_chain(end.made.side), on_chain(end.made.side.other()));
    let unseen = end.sent_in_all() > sent || end.received_in_all() > received;
    unseen.then_some(DisputeView {
        sent_on_chain: sent,
        received_on_chain: received,
        answer_by,
    })
}

/// A close that this side signed; `None` if it did not.
pub(crate) fn close_view(app: &App, side: Side, close: &SignedClose) -> Option<CloseView> {
    let signature = close.signature(side)?;
    let code = ChannelCloseCode::new(app.contract.domain(), &close.close, side, signature);
    Some(CloseView {
        from_a: close.close.from_a,
        from_b: close.close.from_b,
        deadline: close.close.deadline,
        agreed: close.signature(side.other()).is_some(),
        code: code_text(&code.into()),
    })
}

/// A payment, from a side.
pub(crate) fn payment_view(app: &App, side: Side, payment: &ChannelPayment) -> ChannelPaymentView {
    let message = payment.voucher.message;
    let reference = ReferenceHint::Whole(message.reference);
    let domain = app.contract.domain();
    let code = VoucherCode::new(domain, &message, reference, payment.voucher.signature);
    let direction = if payment.payer == side { "out" } else { "in" };
    ChannelPaymentView {
        id: payment.id,
        channel: message.channel,
        direction: direction.to_owned(),
        amount: payment.amount,
        cumulative: message.cumulative,
        reference: message.reference,
        memo: payment.memo.clone(),
        voucher: payment.voucher,
        code: code.map_or_else(|_| String::new(), |code| code_text(&code.into())),
        created_at: payment.created_at,
    }
}

/// What an account has in channels.
pub(crate) async fn totals(
    app: &App,
    user: UserId,
    account: AccountId,
) -> Result<ChannelsView, StorageError> {
    let mut totals = ChannelsView::default();
    let add = |a: Amount, b| a.checked_add(b).unwrap_or(Amount::MAX);
    for (id, state) in app.database.channels_of(account).await? {
        if state.closed {
            continue;
        }
        let side = if state.terms.a == account {
            Side::A
        } else {
            Side::B
        };
        let ends = app.database.channel_ends(id).await?;
        let mine = ends.into_iter().find(|end| end.made.user == user);
        totals.count = totals.count.saturating_add(1);
        totals.locked = add(totals.locked, share(mine.as_ref(), &state, side));
        if let Some(end) = mine {
            let chain = on_chain(app, id).await?;
            let available = open_now(&chain, can_send(&end, &chain, side));
            totals.available = add(totals.available, available);
        }
    }
    Ok(totals)
}

/// What a side would get of a channel now, by the newest vouchers that are known here or on-chain.
fn share(end: Option<&HostedChannel>, state: &ChannelState, side: Side) -> Amount {
    let mut position = end.map_or_else(Default::default, |end| {
        end.position(Amount::ZERO, Amount::ZERO)
    });
    position.deposit_a = state.deposit_a;
    position.deposit_b = state.deposit_b;
    position.from_a = position.from_a.max(state.from_a);
    position.from_b = position.from_b.max(state.from_b);
    if state.terms.is_one_way() {
        return match side {
            Side::A => state.deposit_a.saturating_sub(position.from_a),
            // What was claimed is balance already.
            Side::B => position
                .from_a
                .min(state.deposit_a)
                .saturating_sub(state.from_a),
        };
    }
    position.payout().map_or(Amount::ZERO, |payout| match side {
        Side::A => payout.to_a,
        Side::B => payout.to_b,
    })
}
