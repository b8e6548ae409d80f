//! Operations that a user asks for.

use offpay_api::{Code, Problem};
use offpay_operator::{
    hosted::Operation,
    identity::{Custody, Scope},
};
use uuid::Uuid;

use super::{Actor, Plan, start};
use crate::{App, auth::Caller, problem::Refused};

/// Refuses a caller whose account's key is not in the vault.
pub(crate) fn hosted(caller: &Caller) -> Result<(), Refused> {
    if caller.custody == Custody::Hosted {
        return Ok(());
    }
    let detail = "your wallet holds the account's key: sign there, and send it to /v1/relay";
    Err(Problem::new(Code::Forbidden, detail).into())
}

/// Refuses a caller who may not open, fund and close.
pub(crate) fn may_manage(caller: &Caller) -> Result<(), Refused> {
    caller.require(Scope::Manage)?;
    hosted(caller)
}

/// Starts an operation of the caller, one after the other.
pub(crate) async fn manage(app: &App, caller: &Caller, plan: Plan) -> Result<Operation, Refused> {
    may_manage(caller)?;
    let _one = app.money.user(caller.user).await;
    let work = format!("operation/{}", Uuid::now_v7());
    caller.spend(app, &work, plan.spends_balance).await?;
    let started = start(app, Actor::of(caller), plan).await;
    if started.is_err() {
        caller.give_back(app, &work).await?;
    }
    started
}
