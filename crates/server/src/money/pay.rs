//! Paying out of a purse that the server keeps: planned, signed, stored, then cleared.

use offpay_api::{Code, Problem};
use offpay_chain::ChainError;
use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    hosted::{HostedPayment, HostedPurse, Keeper, NewPayment, PayRefusal, PaymentState, plan},
    storage::{ChainStorage as _, HostedPurseStorage as _, StorageError},
};
use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Reference, Signable as _, Signed, messages::Payment,
};
use serde_json::json;

use super::payment_view;
use crate::{App, auth::Caller, problem::Refused, vault::KeyName};

/// How many payments that a crash left are taken up at once.
const AT_ONCE: u32 = 200;

/// A payment that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) payee: AccountId,
    pub(crate) payee_user: Option<UserId>,
    pub(crate) amount: Amount,
    pub(crate) reference: Reference,
    pub(crate) memo: String,
    pub(crate) refund_of: Option<PaymentId>,
    pub(crate) purse: Option<PurseKey>,
}

/// Signs a payment, stores it, and clears it. What it gives back is stored: cleared, or on its way to be.
pub(crate) async fn pay(
    app: &App,
    caller: &Caller,
    asked: Asked,
) -> Result<HostedPayment, Refused> {
    let purse = choose(app, caller, &asked).await?;
    let signed = sign_and_store(app, caller, &asked, purse).await?;
    cleared(app, &signed).await
}

/// The payment that an earlier try of the same request made: its answer was lost, and the payment was not.
pub(crate) async fn paid_before(
    app: &App,
    caller: &Caller,
) -> Result<Option<HostedPayment>, Refused> {
    let Some(once) = caller.once else {
        return Ok(None);
    };
    match app.database.hosted_payment_once(once.0).await? {
        Some(before) => cleared(app, &before.signed).await.map(Some),
        None => Ok(None),
    }
}

/// Stored it is: whatever happens now, the loop takes it up.
async fn cleared(app: &App, signed: &NewPayment) -> Result<HostedPayment, Refused> {
    clear(app, signed).await?;
    let stored = app.database.hosted_payment(signed.id).await?;
    stored.ok_or_else(|| Problem::new(Code::Internal, "the payment is not there").into())
}

/// The purse that was asked for, or the one with the least money that is enough: large ones stay for large payments.
async fn choose(app: &App, caller: &Caller, asked: &Asked) -> Result<PurseKey, Refused> {
    let all = app.database.hosted_purses(caller.user).await?;
    let ours = |purse: &&HostedPurse| {
        purse.made.keeper == Keeper::Server && asked.purse.is_none_or(|key| key == purse.made.purse)
    };
    let mut best: Option<(Amount, PurseKey)> = None;
    let mut refusal = None;
    for purse in all.iter().filter(ours) {
        let key = purse.made.purse;
        let known = app.database.purse(key).await?;
        let planned = plan(
            known.as_ref(),
            purse.next_serial,
            Amount::ZERO,
            asked.payee,
            asked.amount,
            asked.reference,
        );
        match planned {
            Ok(_) => {
                let funds = known.map_or(Amount::ZERO, |known| known.finalized_funds);
                let rest = funds.saturating_sub(purse.next_serial);
                if best.is_none_or(|(least, _)| rest < least) {
                    best = Some((rest, key));
                }
            }
            // Of several purses that cannot, the one with the most money says why.
            Err(why) => refusal = Some(better_reason(refusal, why)),
        }
    }
    match (best, refusal) {
        (Some((_, key)), _) => Ok(key),
        (None, Some(why)) => Err(refused(why)),
        (None, None) if asked.purse.is_some() => {
            Err(Problem::new(Code::NotFound, "you have no such purse here").into())
        }
        (None, None) => {
            let detail = "you have no purse: POST /v1/setup opens one";
            Err(Problem::new(Code::InsufficientFunds, detail)
                .with(json!({ "available": Amount::ZERO, "needed": asked.amount }))
                .into())
        }
    }
}

fn better_reason(before: Option<PayRefusal>, why: PayRefusal) -> PayRefusal {
    let rank = |refusal: &PayRefusal| match refusal {
        PayRefusal::Nothing => u128::MAX,
        PayRefusal::InsufficientFunds { available, .. } => available.get().saturating_add(3),
        PayRefusal::Retired => 2,
        PayRefusal::NotOpen => 1,
        PayRefusal::Closing => 0,
    };
    match before {
        Some(before) if rank(&before) > rank(&why) => before,
        _ => why,
    }
}

async fn sign_and_store(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    key: PurseKey,
) -> Result<NewPayment, Refused> {
    let domain = *app.contract.domain();
    let _one = app.money.purse(key).await;
    loop {
        let purse = app.database.hosted_purse(key).await?;
        let next = purse.map_or(Amount::ZERO, |purse| purse.next_serial);
        let known = app.database.purse(key).await?;
        let promised = app.database.promised(key, asked.payee).await?;
        let payment = plan(
            known.as_ref(),
            next,
            promised,
            asked.payee,
            asked.amount,
            asked.reference,
        )
        .map_err(refused)?;
        let id = payment.id(&domain);
        let work = format!("pay/{id}");
        caller.spend(app, &work, asked.amount).await?;
        let signature = app
            .vault
            .sign_with(caller.user, KeyName::Purse(key), |key| {
                payment.sign(&domain, key)
            })
            .await?
            .map_err(ChainError::from)?;
        let new = NewPayment {
            id,
            user: caller.user,
            payee_user: asked.payee_user,
            purse: key,
            payment,
            signature,
            memo: asked.memo.clone(),
            refund_of: asked.refund_of,
            once: caller.once.map(|key| key.0),
        };
        if app.database.record_signed(&new, app.now()).await? {
            return Ok(new);
        }
        // Another process handed the serial out: this payment was never stored, and nobody saw it.
        caller.give_back(app, &work).await?;
    }
}

/// Clears a stored payment and notes what clearing said. One that cannot be cleared at the moment stays for the loop.
async fn clear(app: &App, new: &NewPayment) -> Result<(), StorageError> {
    let signed = Signed {
        domain: *app.contract.domain(),
        message: new.payment,
        signature: new.signature,
    };
    let (state, refusal) = match hand_in(app, signed).await {
        Said::Cleared => (PaymentState::Cleared, None),
        Said::Later => return Ok(()),
        Said::Kept(code) => (PaymentState::Kept, Some(code)),
        Said::Refused(code) => (PaymentState::Refused, Some(code)),
    };
    note(app, new, state, refusal).await
}

/// What clearing said.
enum Said {
    Cleared,
    /// It cannot say at the moment: ask again.
    Later,
    /// Never, and why; but it is kept, and presented on-chain.
    Kept(&'static str),
    /// Never, and why.
    Refused(&'static str),
}

async fn note(
    app: &App,
    new: &NewPayment,
    state: PaymentState,
    refusal: Option<&str>,
) -> Result<(), StorageError> {
    let now = app.now();
    let told = HostedPayment {
        number: 0,
        signed: new.clone(),
        state,
        refusal: refusal.map(ToOwned::to_owned),
        created_at: now,
    };
    let mut events = Vec::new();
    let kind = match state {
        PaymentState::Refused => "payment.refused",
        PaymentState::Kept => "payment.kept",
        PaymentState::Signed | PaymentState::Cleared => "payment.cleared",
    };
    let readers = [
        Some(new.user),
        new.payee_user.filter(|_| state != PaymentState::Refused),
    ];
    for user in readers.into_iter().flatten() {
        let view = payment_view(app, user, &told).await?;
        events.push(NewEvent {
            audience: Audience::User(user),
            // What is kept is not received: the chain decides.
            kind: if user == new.user || state == PaymentState::Kept {
                kind
            } else {
                "payment.received"
            },
            body: serde_json::to_value(view).unwrap_or_default(),
        });
    }
    app.database
        .record_payment_state(new.id, state, refusal, &events, now)
        .await
}

/// Clears what was signed and not cleared: a crash came between, or clearing was not there.
pub(super) async fn resume(app: &App) -> Result<(), StorageError> {
    let grace = app.now();
    for payment in app.database.payments_to_clear(AT_ONCE).await? {
        // Whoever signed it a moment ago is clearing it.
        if payment.created_at < grace {
            clear(app, &payment.signed).await?;
        }
    }
    Ok(())
}

fn refused(refusal: PayRefusal) -> Refused {
    let detail = refusal.to_string();
    match refusal {
        PayRefusal::NotOpen => Problem::new(Code::PurseNotOpen, detail),
        PayRefusal::Closing => Problem::new(Code::PurseClosing, detail),
        PayRefusal::Retired => Problem::new(Code::PurseRetired, detail),
        PayRefusal::InsufficientFunds { available, amount } => {
            Problem::new(Code::InsufficientFunds, detail)
                .with(json!({ "available": available, "needed": amount }))
        }
        PayRefusal::Nothing => Problem::new(Code::InvalidRequest, detail),
    }
    .into()
}

async fn hand_in(app: &App, payment: Signed<Payment>) -> Said {
    match app.clearing.clear(payment).await {
        Ok(_) => Said::Cleared,
        Err(refusal) if refusal.is_retryable() => {
            tracing::info!(
                code = refusal.code(),
                "a hosted payment waits to be cleared"
            );
            Said::Later
        }
        Err(refusal) if refusal.keeps() => {
            tracing::warn!(
                code = refusal.code(),
                "a hosted payment is kept, and presented"
            );
            Said::Kept(refusal.code())
        }
        Err(refusal) => {
            tracing::warn!(code = refusal.code(), "a hosted payment was refused");
            Said::Refused(refusal.code())
        }
    }
}
