//! What is stored, as the API shows it.

use offpay_api::{account::PurseView, operations::OperationView, pay::PaymentView};
use offpay_operator::{
    UserId,
    follower::{State, Subject},
    hosted::{HostedPayment, HostedPurse, Operation, PaymentState},
    purse::KnownPurse,
    storage::{ChainStorage as _, FollowerStorage as _, StorageError},
};
use offpay_protocol::{Amount, Circle};

use crate::App;

/// An operation.
pub(crate) fn operation_view(operation: &Operation) -> OperationView {
    let asked = &operation.asked;
    OperationView {
        id: asked.id.0,
        kind: asked.kind.name().to_owned(),
        state: operation.state.name().to_owned(),
        account: asked.account,
        amount: asked.amount,
        fee: asked.fee,
        details: asked.details.clone(),
        transaction: operation.transaction.to_string(),
        void_after: asked.void_after,
        created_at: operation.created_at,
        updated_at: operation.updated_at,
    }
}

/// A payment, with how far the chain is with it.
pub(crate) async fn payment_view(
    app: &App,
    user: UserId,
    payment: &HostedPayment,
) -> Result<PaymentView, StorageError> {
    let signed = &payment.signed;
    let message = &signed.payment;
    let pair = Subject::Pair(signed.purse, message.payee);
    let followed = app.database.followed(&[pair]).await?;
    let paid = |state: Option<State>| match state {
        Some(State::Pair(pair)) => pair.paid >= message.cumulative,
        _ => false,
    };
    let (settled, finalized) = followed.first().map_or((false, false), |(_, followed)| {
        (paid(followed.head), paid(followed.finalized))
    });
    let state = match (finalized, settled) {
        (true, _) => "final",
        (false, true) => "settled",
        (false, false) => payment.state.name(),
    };
    Ok(PaymentView {
        id: signed.id,
        direction: if signed.user == user { "out" } else { "in" }.to_owned(),
        state: state.to_owned(),
        refusal: payment.refusal.clone(),
        purse: signed.purse,
        payee: message.payee,
        amount: message.amount,
        cumulative: message.cumulative,
        reference: message.reference,
        memo: signed.memo.clone(),
        refund_of: signed.refund_of,
        created_at: payment.created_at,
    })
}

/// Whether the payee has it for sure: cleared, or paid on-chain whatever clearing said.
pub(crate) async fn is_received(app: &App, payment: &HostedPayment) -> Result<bool, StorageError> {
    if payment.state == PaymentState::Cleared {
        return Ok(true);
    }
    let signed = &payment.signed;
    let pair = app
        .database
        .chain_pair(signed.purse, signed.payment.payee)
        .await?;
    Ok(pair.paid >= signed.payment.cumulative)
}

/// A purse, with what this server knows of it and what the chain does.
pub(crate) fn purse_view(
    hosted: Option<&HostedPurse>,
    known: Option<&KnownPurse>,
) -> Option<PurseView> {
    let purse = known
        .map(|known| known.key)
        .or_else(|| hosted.map(|hosted| hosted.made.purse))?;
    let state = match known {
        None => "opening",
        Some(known) if known.closed => "closed",
        Some(known) if known.closes_at.is_some() => "closing",
        Some(_) => "open",
    };
    let available = hosted
        .filter(|hosted| hosted.made.keeper == offpay_operator::hosted::Keeper::Server)
        .map(|hosted| match known {
            Some(known) if state == "open" => {
                known.finalized_funds.saturating_sub(hosted.next_serial)
            }
            _ => Amount::ZERO,
        });
    Some(PurseView {
        purse,
        circle: known.map_or(Circle::ZERO, |known| known.circle),
        keeper: hosted
            .map_or("own", |hosted| hosted.made.keeper.name())
            .to_owned(),
        state: state.to_owned(),
        funds: known.map_or(Amount::ZERO, |known| known.funds),
        paid: known.map_or(Amount::ZERO, |known| known.paid),
        available,
        retired: hosted.is_some_and(HostedPurse::is_retired),
        pledge: known.map_or(Amount::ZERO, |known| known.pledge),
        cover_count: known.map_or(0, |known| known.cover_count),
        closes_at: known.and_then(|known| known.closes_at),
        defaulted: known.is_some_and(|known| known.defaulted),
    })
}
