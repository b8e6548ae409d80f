//! Offering, opening, joining and funding a channel.

use offpay_api::{Code, Problem};
use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    hosted::{ChannelChange, ChannelOffer, NewChannel, Operation, OperationKind},
    identity::Custody,
    storage::{ChainStorage as _, HostedChannelStorage as _, identity::UserStorage as _},
};
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, Nonce, Seconds,
    channel::{InvalidTerms, Side},
    messages::ChannelTerms,
    wire::{self, ChannelOfferCode},
};
use serde_json::json;

use super::{Standing, changed, channel_view, code_text, invalid, read_code, refused, standing};
use crate::{
    App,
    auth::Caller,
    money::{Plan, manage, random_bytes},
    problem::Refused,
};

/// The most ends that are looked at to count those that are open.
const COUNTED: u32 = 1_000;

/// Refuses who has as many channels and offers as one user may have.
async fn check_limit(app: &App, user: UserId) -> Result<(), Refused> {
    let most = u64::from(app.config.money.channels);
    let mut count = app.database.open_channel_offers(user).await?;
    for end in app.database.hosted_channels(user, None, COUNTED).await? {
        let known = app.database.channel(end.made.channel).await?;
        // Anybody can open one that goes one way, to this user.
        let uninvited = end.made.side == Side::B && end.made.terms.is_one_way();
        if !uninvited && known.is_none_or(|state| !state.closed) {
            count = count.saturating_add(1);
        }
    }
    if count < most {
        return Ok(());
    }
    let detail = format!("one user has {most} open channels and offers at most: close one first");
    Err(Problem::new(Code::ChannelLimit, detail)
        .with(json!({ "channels": most }))
        .into())
}

/// Makes a key for the receiving side of a channel, and the code to give it with.
pub(crate) async fn offer(
    app: &App,
    caller: &Caller,
    events: impl FnOnce(&ChannelOffer, &str) -> Vec<NewEvent>,
) -> Result<(ChannelOffer, String), Refused> {
    check_limit(app, caller.user).await?;
    let key = app.vault.new_channel_key(caller.user, app.now()).await?;
    let offer = ChannelOffer {
        key,
        user: caller.user,
        account: caller.account,
        used_by: None,
    };
    let code = ChannelOfferCode::new(app.contract.domain(), offer.account, key);
    let code = code_text(&code.into());
    let told = events(&offer, &code);
    app.database
        .record_channel_offer(&offer, &told, app.now())
        .await?;
    Ok((offer, code))
}

/// A channel to be opened.
#[derive(Clone, Debug)]
pub(crate) enum Opening {
    /// In both directions, with this offer.
    Offer(String),
    /// One way, to this account.
    OneWay(AccountId),
}

/// Opens a channel: its ends are stored together with the operation that opens it.
pub(crate) async fn open(
    app: &App,
    caller: &Caller,
    opening: &Opening,
    deposit: Amount,
    close_delay: Option<Seconds>,
) -> Result<(Standing, Operation), Refused> {
    if deposit.is_zero() {
        return Err(invalid("a channel begins with a deposit"));
    }
    check_limit(app, caller.user).await?;
    let parameters = &app.contract.configuration().parameters;
    let (account, key_b) = counterparty(app, opening)?;
    let mut terms = ChannelTerms {
        a: caller.account,
        b: account,
        // A key is made when nothing else speaks against the terms.
        key_a: ChannelKey::new(caller.account.address()),
        key_b,
        close_delay: close_delay.unwrap_or(parameters.close_delay),
        salt: Nonce::new(random_bytes()?.into()),
    };
    terms.check(parameters).map_err(unusable)?;
    let other = other_user(app, &terms).await?;
    terms.key_a = app.vault.new_channel_key(caller.user, app.now()).await?;
    let channel = terms.id(app.contract.domain());
    let call = app.contract.open_channel(&terms, deposit);
    let mut plan = Plan {
        spends_balance: deposit,
        details: json!({ "channel": channel, "with": account }),
        ..Plan::call(OperationKind::OpenChannel, call.calldata(), deposit)
    };
    let end = |side, user| NewChannel {
        channel,
        side,
        user,
        terms,
        operation: Some(plan.id),
    };
    let mut ends = vec![end(Side::A, caller.user)];
    ends.extend(other.map(|user| end(Side::B, user)));
    plan.channel = Some(ChannelChange::Open(ends));
    let operation = manage(app, caller, plan).await?;
    Ok((standing(app, caller.user, channel).await?, operation))
}

fn counterparty(app: &App, opening: &Opening) -> Result<(AccountId, ChannelKey), Refused> {
    match opening {
        Opening::OneWay(account) => Ok((*account, ChannelKey::ZERO)),
        Opening::Offer(text) => {
            let wire::Code::ChannelOffer(code) = read_code(text)? else {
                return Err(invalid("that code is no offer of a channel"));
            };
            let opened = code.open(app.contract.domain());
            opened.map_err(|error| invalid(&error.to_string()))
        }
    }
}

/// The user at the other side, if this server signs for it.
async fn other_user(app: &App, terms: &ChannelTerms) -> Result<Option<UserId>, Refused> {
    if terms.is_one_way() {
        let user = app.database.user_by_account(terms.b).await?;
        return Ok(user
            .filter(|user| user.custody == Custody::Hosted && user.deleted_at.is_none())
            .map(|user| user.id));
    }
    let Some(offer) = app.database.channel_offer(terms.key_b).await? else {
        return Ok(None);
    };
    if offer.account != terms.b {
        return Err(invalid("the offer names a key of somebody else"));
    }
    if offer.used_by.is_some() {
        return Err(taken());
    }
    Ok(Some(offer.user))
}

fn taken() -> Refused {
    let detail = "the offer was taken for another channel: ask for a new one";
    Problem::new(Code::ChannelOfferTaken, detail).into()
}

fn unusable(why: InvalidTerms) -> Refused {
    Problem::new(Code::InvalidRequest, format!("the channel's terms: {why}"))
        .with(json!({ "code": why.code() }))
        .into()
}

/// Takes up a channel that somebody else opened with the caller: with a key that the caller offered, or one way.
pub(crate) async fn accept(app: &App, caller: &Caller, text: &str) -> Result<Standing, Refused> {
    let wire::Code::ChannelTerms(code) = read_code(text)? else {
        return Err(invalid("that code is no channel's terms"));
    };
    let domain = app.contract.domain();
    let terms = *code
        .open(domain)
        .map_err(|error| invalid(&error.to_string()))?;
    let channel = terms.id(domain);
    let parameters = &app.contract.configuration().parameters;
    if let Ok(known) = standing(app, caller.user, channel).await {
        return Ok(known);
    }
    let own_key = match app.database.channel_offer(terms.key_b).await? {
        Some(offer) if offer.user == caller.user => match offer.used_by {
            Some(_) => return Err(taken()),
            None => terms.key_b,
        },
        // Zero is nobody's: whose key is not in the vault has none here.
        _ => ChannelKey::ZERO,
    };
    terms
        .check_own_side(Side::B, caller.account, own_key, parameters)
        .map_err(unusable)?;
    match app.database.channel(channel).await? {
        Some(state) if !state.closed => {}
        Some(_) => return Err(refused(offpay_operator::hosted::ChannelRefusal::Closing)),
        None => {
            let detail = "no such channel is on the chain yet: wait until it is opened";
            return Err(Problem::new(Code::ChannelNotOpen, detail).into());
        }
    }
    let end = NewChannel {
        channel,
        side: Side::B,
        user: caller.user,
        terms,
        operation: None,
    };
    if !app.database.join_channel(&end, &[], app.now()).await? {
        return Err(changed());
    }
    let joined = standing(app, caller.user, channel).await?;
    let told = NewEvent {
        audience: Audience::User(caller.user),
        kind: "channel.accepted",
        body: serde_json::to_value(channel_view(app, &joined).await?).unwrap_or_default(),
    };
    offpay_operator::storage::EventStorage::append_events(&app.database, &[told], app.now())
        .await?;
    Ok(joined)
}

/// Adds balance to the caller's side.
pub(crate) async fn fund(
    app: &App,
    caller: &Caller,
    channel: ChannelId,
    amount: Amount,
) -> Result<Operation, Refused> {
    let standing = standing(app, caller.user, channel).await?;
    let end = &standing.end;
    if end.made.side == Side::B && end.made.terms.is_one_way() {
        return Err(refused(offpay_operator::hosted::ChannelRefusal::OneWay));
    }
    if amount.is_zero() {
        return Err(invalid("nothing would be added"));
    }
    let call = app.contract.fund_channel(&end.made.terms, amount);
    let plan = Plan {
        spends_balance: amount,
        details: json!({ "channel": channel }),
        ..Plan::call(OperationKind::FundChannel, call.calldata(), amount)
    };
    manage(app, caller, plan).await
}
