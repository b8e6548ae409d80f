//! Operations: signed with the vault's key, stored with the transaction that relays them, then sent.

use alloy_primitives::{Bytes, U256};
use offpay_api::{Code, Problem};
use offpay_chain::ChainError;
use offpay_operator::{
    UserId,
    hosted::{ChannelChange, NewOperation, NewPurse, Operation, OperationId, OperationKind},
    outbox::{NewTransaction, Purpose},
    storage::{
        FollowerStorage as _, HostedChannelStorage as _, OperationStorage as _, StorageError,
    },
};
use offpay_protocol::{
    AccountId, Amount, Seconds, Signable as _, Signature, Timestamp, messages::Relay,
};
use serde_json::json;
use uuid::Uuid;

use super::available;
use crate::{App, auth::Caller, http::IdempotencyKey, problem::Refused, vault::KeyName};

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Actor {
    /// A user whose key is in the vault, and the name of what they ask for.
    User(UserId, AccountId, Option<IdempotencyKey>),
    /// The operator's own circle.
    Circle,
}

impl Actor {
    /// The caller.
    pub(crate) const fn of(caller: &Caller) -> Self {
        Self::User(caller.user, caller.account, caller.once)
    }

    fn once(self) -> Option<[u8; 32]> {
        match self {
            Self::User(.., once) => once.map(|key| key.0),
            Self::Circle => None,
        }
    }

    /// Whose operation it is. The operator's own have the id of nobody.
    pub(crate) const fn user(self) -> UserId {
        match self {
            Self::User(user, ..) => user,
            Self::Circle => UserId(Uuid::nil()),
        }
    }

    /// The account that acts.
    pub(crate) fn account(self, app: &App) -> AccountId {
        match self {
            Self::User(_, account, _) => account,
            Self::Circle => AccountId::new(app.keys.circle.address()),
        }
    }

    async fn sign(self, app: &App, relay: &Relay) -> Result<Signature, Refused> {
        let domain = *app.contract.domain();
        let signature = match self {
            Self::User(user, ..) => {
                app.vault
                    .sign_with(user, KeyName::Account, |key| relay.sign(&domain, key))
                    .await?
            }
            Self::Circle => relay.sign(&domain, &app.keys.circle),
        };
        signature.map_err(|error| ChainError::from(error).into())
    }
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Its name.
    pub(crate) id: OperationId,
    /// What it is.
    pub(crate) kind: OperationKind,
    /// The contract's calls, all or none.
    pub(crate) calls: Vec<Bytes>,
    /// What it is mainly about.
    pub(crate) amount: Amount,
    /// What the calls add to the balance before they spend any of it.
    pub(crate) brings: Amount,
    /// What they take from the balance, the fee not counted.
    pub(crate) spends_balance: Amount,
    /// What they take from the collateral that is not pledged, beyond what they add to it.
    pub(crate) spends_collateral: Amount,
    /// More for the API.
    pub(crate) details: serde_json::Value,
    /// The purse that it opens.
    pub(crate) purse: Option<NewPurse>,
    /// What it changes of a channel.
    pub(crate) channel: Option<ChannelChange>,
}

/// What is stored together with an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Beside<'a> {
    /// Nothing else.
    Nothing,
    /// The purse that it opens.
    Purse(&'a NewPurse),
    /// What it changes of a channel.
    Channel(&'a ChannelChange),
}

impl Plan {
    /// One call that moves nothing out of balance or collateral.
    pub(crate) fn call(kind: OperationKind, call: &Bytes, amount: Amount) -> Self {
        Self {
            id: OperationId(Uuid::now_v7()),
            kind,
            calls: vec![call.clone()],
            amount,
            brings: Amount::ZERO,
            spends_balance: Amount::ZERO,
            spends_collateral: Amount::ZERO,
            details: json!({}),
            purse: None,
            channel: None,
        }
    }
}

/// Signs an operation, checks that it would go through, stores it with its transaction, and has that sent. The caller
/// holds the user's lock.
pub(crate) async fn start(app: &App, actor: Actor, mut plan: Plan) -> Result<Operation, Refused> {
    let account = actor.account(app);
    let fee = match actor {
        Actor::User(..) => app.config.money.relay_fee,
        Actor::Circle => Amount::ZERO,
    };
    if !fee.is_zero() {
        let operator = AccountId::new(app.keys.gas.address());
        let pays = app.contract.transfer(operator, fee);
        plan.calls.push(pays.calldata().clone());
    }
    let spends = add(plan.spends_balance, fee)?;
    if matches!(actor, Actor::User(..)) {
        check_limits(app, actor.user()).await?;
        let has = available(app, actor.user(), account).await?;
        let balance = add(has.balance(), plan.brings)?;
        if spends > balance {
            return Err(short(balance, spends));
        }
        if plan.spends_collateral > has.collateral() {
            let (available, needed) = (has.collateral(), plan.spends_collateral);
            let detail = format!("{available} of the collateral is free, and {needed} is needed");
            return Err(Problem::new(Code::InsufficientCollateral, detail)
                .with(json!({ "available": available, "needed": needed }))
                .into());
        }
    }
    let relay = Relay {
        account,
        calls: plan.calls,
        nonce: random_nonce()?,
        deadline: chain_now(app)
            .await?
            .saturating_add(app.config.money.relay_lifetime()),
    };
    let signature = actor.sign(app, &relay).await?;
    let asked = NewOperation {
        id: plan.id,
        user: actor.user(),
        kind: plan.kind,
        account,
        amount: plan.amount,
        fee,
        // What comes in with the same calls is not there to be held.
        spends_balance: spends.saturating_sub(plan.brings),
        spends_collateral: plan.spends_collateral,
        details: plan.details,
        void_after: relay.deadline,
        once: actor.once(),
    };
    let purpose = match plan.kind {
        OperationKind::Admit | OperationKind::Dismiss => Purpose::Circle,
        _ => Purpose::Relay,
    };
    let beside = match (&plan.channel, &plan.purse) {
        (Some(channel), _) => Beside::Channel(channel),
        (None, Some(purse)) => Beside::Purse(purse),
        (None, None) => Beside::Nothing,
    };
    send(app, &asked, &relay, signature, purpose, beside).await
}

/// Checks that a signed relay would go through, stores the operation with its transaction, and has that sent.
pub(crate) async fn send(
    app: &App,
    asked: &NewOperation,
    relay: &Relay,
    signature: Signature,
    purpose: Purpose,
    beside: Beside<'_>,
) -> Result<Operation, Refused> {
    let operation = app.contract.relay(relay, &signature.into());
    operation
        .check(app.keys.gas.address())
        .await
        .map_err(refused)?;
    let transaction = NewTransaction {
        work: format!("relay:{}:{}", relay.account, relay.nonce),
        purpose,
        to: app.contract.address().into_array(),
        calldata: operation.calldata().to_vec(),
        deadline: Some(relay.deadline),
    };
    let (database, now) = (&app.database, app.now());
    let stored = match beside {
        Beside::Channel(change) => {
            let stored = database.start_channel_operation(asked, &transaction, change, now);
            let meanwhile = "the channel or its offer changed meanwhile: look at it, and try again";
            stored
                .await?
                .ok_or_else(|| Problem::new(Code::Unavailable, meanwhile))?
        }
        Beside::Purse(purse) => {
            let stored = database.start_operation(asked, &transaction, Some(purse), now);
            stored.await?
        }
        Beside::Nothing => {
            let stored = database.start_operation(asked, &transaction, None, now);
            stored.await?
        }
    };
    app.outbox.wake();
    Ok(stored)
}

/// What the contract would refuse, in its own words; anything else is the node's.
pub(crate) fn refused(error: ChainError) -> Refused {
    match error.refusal() {
        Some(refusal) => Problem::new(Code::OperationRefused, refusal.to_string())
            .with(json!({ "code": error.code() }))
            .into(),
        None => error.into(),
    }
}

/// There is less than that.
pub(crate) fn short(available: Amount, needed: Amount) -> Refused {
    let detail = format!("there is {available}, and {needed} is needed");
    Problem::new(Code::InsufficientFunds, detail)
        .with(json!({ "available": available, "needed": needed }))
        .into()
}

/// The time as the chain has it, or the clock's if the chain has been quiet.
pub(crate) async fn chain_now(app: &App) -> Result<Timestamp, StorageError> {
    let cursor = app.database.chain_cursor().await?;
    Ok(cursor
        .map_or(Timestamp::ZERO, |cursor| cursor.head.time)
        .max(app.now()))
}

pub(crate) async fn check_limits(app: &App, user: UserId) -> Result<(), Refused> {
    let config = &app.config.money;
    let (under_way, per_day) = (config.under_way, config.per_day);
    let newest = app
        .database
        .operations(user, None, per_day.max(under_way).saturating_add(1))
        .await?;
    let since = app.now().saturating_sub(Seconds::DAY);
    let today = newest.iter().filter(|one| one.created_at > since).count();
    let open = newest
        .iter()
        .filter(|one| !one.state.is_over() && one.state.holds_money())
        .count();
    let over = |count: usize, limit: u32| u32::try_from(count).unwrap_or(u32::MAX) >= limit;
    if over(open, under_way) || over(today, per_day) {
        let detail = "wait until what is under way is done, or until tomorrow";
        return Err(Problem::new(Code::RelayLimit, detail)
            .with(json!({ "under_way": under_way, "per_day": per_day, "retry_after": 5 }))
            .into());
    }
    Ok(())
}

/// `a + b`; beyond all money there can be is no request that anybody can mean.
pub(crate) fn add(a: Amount, b: Amount) -> Result<Amount, Refused> {
    a.checked_add(b)
        .ok_or_else(|| Problem::new(Code::InvalidRequest, "the amounts add up to too much").into())
}

fn random_nonce() -> Result<U256, Refused> {
    Ok(U256::from_be_bytes(random_bytes()?))
}

/// 32 bytes out of the system's entropy.
pub(crate) fn random_bytes() -> Result<[u8; 32], Refused> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| Problem::new(Code::Internal, "the system gives no entropy"))?;
    Ok(bytes)
}
