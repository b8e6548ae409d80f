//! Paying in a channel: a voucher is planned, signed and stored, in that order, before anybody sees it.

use offpay_api::{Code, Problem};
use offpay_chain::ChainError;
use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    hosted::{
        ChannelPayment, HostedChannel, NewVoucher, accept_voucher, plan_voucher, takes_vouchers,
    },
    storage::{HostedChannelStorage as _, RequestStorage as _, StorageError},
};
use offpay_protocol::{
    Amount, ChannelId, PaymentId, Reference, Signable as _, Signed, TypedData as _,
    messages::Voucher,
};
use serde_json::json;

use super::{Standing, changed, invalid, payment_view, refused, standing};
use crate::{App, auth::Caller, money::chain_now, problem::Refused, vault::KeyName};

/// A payment in a channel that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) channel: ChannelId,
    pub(crate) amount: Amount,
    pub(crate) reference: Reference,
    pub(crate) memo: String,
}

/// Signs the next voucher of the caller's end and stores it, at the other end too if that is hosted here.
pub(crate) async fn pay(
    app: &App,
    caller: &Caller,
    asked: &Payment,
) -> Result<(ChannelPayment, Standing), Refused> {
    // An earlier try of the same request made it: its answer was lost, and the voucher was not.
    if let Some(once) = caller.once
        && let Some(before) = app.database.channel_payment_once(once.0).await?
    {
        return Ok((before, standing(app, caller.user, asked.channel).await?));
    }
    let _one = app.money.channel(asked.channel).await;
    loop {
        let standing = standing(app, caller.user, asked.channel).await?;
        let Standing { end, other, chain } = &standing;
        let voucher = plan_voucher(end, chain, asked.amount, asked.reference).map_err(refused)?;
        let now = chain_now(app).await?;
        if let Some(other) = other {
            takes_vouchers(other, chain, now).map_err(refused)?;
        }
        let id = PaymentId::new(voucher.digest(app.contract.domain()));
        let work = format!("channel/{id}");
        caller.spend(app, &work, asked.amount).await?;
        let signed = match sign(app, caller.user, end, voucher).await {
            Ok(signed) => signed,
            Err(error) => {
                caller.give_back(app, &work).await?;
                return Err(error);
            }
        };
        let mut ends = vec![end.before()];
        if let Some(other) = other {
            let parameters = &app.contract.configuration().parameters;
            accept_voucher(other, chain, &signed, asked.amount, parameters, now)
                .map_err(refused)?;
            ends.push(other.before());
        }
        let mut new = NewVoucher {
            id,
            voucher: signed,
            terms: end.made.terms,
            payer: end.made.side,
            amount: asked.amount,
            ends,
            memo: asked.memo.clone(),
            once: caller.once.map(|key| key.0),
            events: Vec::new(),
        };
        new.events = told(app, &new, &standing);
        if app.database.record_voucher(&new, app.now()).await? {
            return Ok((stored(app, id).await?, standing));
        }
        // Another process changed the channel: what was signed here was never stored, and nobody saw it.
        caller.give_back(app, &work).await?;
    }
}

async fn sign(
    app: &App,
    user: UserId,
    end: &HostedChannel,
    voucher: Voucher,
) -> Result<Signed<Voucher>, Refused> {
    let domain = *app.contract.domain();
    let key = KeyName::Channel(end.made.terms.key(end.made.side));
    let signature = app
        .vault
        .sign_with(user, key, |key| voucher.sign(&domain, key))
        .await?
        .map_err(ChainError::from)?;
    Ok(Signed {
        domain,
        message: voucher,
        signature,
    })
}

/// Takes a voucher of the other side. The same one again is the same payment.
pub(crate) async fn receive(
    app: &App,
    caller: &Caller,
    voucher: Signed<Voucher>,
    asked: Option<Amount>,
) -> Result<(ChannelPayment, Standing), Refused> {
    let domain = app.contract.domain();
    if voucher.domain != *domain {
        let detail = "the voucher was signed for another deployment";
        return Err(Problem::new(Code::ForeignDomain, detail).into());
    }
    let channel = voucher.message.channel;
    let _one = app.money.channel(channel).await;
    let standing = standing(app, caller.user, channel).await?;
    let id = PaymentId::new(voucher.message.digest(domain));
    let payer = standing.end.made.side.other();
    if let Some(before) = app.database.channel_payment(id).await?
        && before.voucher.signature == voucher.signature
        && before.payer == payer
    {
        return Ok((before, standing));
    }
    let requested = app
        .database
        .request_of_reference(voucher.message.reference)
        .await?
        .filter(|request| request.user == caller.user)
        .map(|request| request.request.amount);
    let asked = asked.or(requested).unwrap_or(Amount::ZERO);
    let accepted = accept_voucher(
        &standing.end,
        &standing.chain,
        &voucher,
        asked,
        &app.contract.configuration().parameters,
        chain_now(app).await?,
    )
    .map_err(refused)?;
    let mut new = NewVoucher {
        id,
        voucher,
        terms: standing.end.made.terms,
        payer,
        amount: accepted.amount,
        ends: vec![standing.end.before()],
        memo: String::new(),
        once: caller.once.map(|key| key.0),
        events: Vec::new(),
    };
    // What one end of this server signed is stored at both: a voucher that only one of them has was not signed here.
    if standing.other.is_some() {
        return Err(invalid("this server did not sign that voucher"));
    }
    new.events = told(app, &new, &standing);
    if app.database.record_voucher(&new, app.now()).await? {
        Ok((stored(app, id).await?, standing))
    } else {
        Err(changed())
    }
}

async fn stored(app: &App, id: PaymentId) -> Result<ChannelPayment, Refused> {
    let found: Result<_, StorageError> = app.database.channel_payment(id).await;
    found?.ok_or_else(|| Problem::new(Code::Internal, "the payment is not there").into())
}

/// What the users at the hosted ends are told of a payment.
fn told(app: &App, new: &NewVoucher, standing: &Standing) -> Vec<NewEvent> {
    let payment = ChannelPayment {
        number: 0,
        id: new.id,
        voucher: new.voucher,
        payer: new.payer,
        amount: new.amount,
        memo: new.memo.clone(),
        created_at: app.now(),
    };
    let ends = [Some(&standing.end), standing.other.as_ref()];
    ends.into_iter()
        .flatten()
        .map(|end| NewEvent {
            audience: Audience::User(end.made.user),
            kind: if end.made.side == new.payer {
                "channel.paid"
            } else {
                "channel.received"
            },
            body: serde_json::to_value(payment_view(app, end.made.side, &payment))
                .unwrap_or_else(|_| json!({})),
        })
        .collect()
}
