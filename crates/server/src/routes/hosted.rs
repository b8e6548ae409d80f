//! What the endpoints of hosted money have in common.

use std::str::FromStr;

use axum::{Json, http::StatusCode};
use offpay_api::{Code, Problem, operations::OperationView};
use offpay_operator::{
    hosted::Operation,
    identity::{Custody, Scope},
};
use uuid::Uuid;

use crate::{
    App,
    auth::Caller,
    money::{self, Actor, Plan},
    problem::Refused,
};

/// Reads a name out of a path or query.
pub(super) fn named<T: FromStr>(text: &str, what: &str) -> Result<T, Refused> {
    text.parse().map_err(|_| {
        let detail = format!("that names no {what}");
        Problem::new(Code::InvalidRequest, detail).into()
    })
}

/// Where the next page begins, if this one is full.
pub(super) fn next<T>(page: &[T], limit: u32, cursor: impl Fn(&T) -> String) -> Option<String> {
    let full = u32::try_from(page.len()).is_ok_and(|length| length >= limit);
    page.last().filter(|_| full).map(cursor)
}

/// Refuses a caller whose account's key is not in the vault.
pub(super) fn hosted(caller: &Caller) -> Result<(), Refused> {
    if caller.custody == Custody::Hosted {
        return Ok(());
    }
    let detail = "your wallet holds the account's key: sign there, and send it to /v1/relay";
    Err(Problem::new(Code::Forbidden, detail).into())
}

/// Refuses a caller who may not open, fund and close.
pub(super) fn may_manage(caller: &Caller) -> Result<(), Refused> {
    caller.require(Scope::Manage)?;
    hosted(caller)
}

/// Starts an operation of the caller, one after the other.
pub(super) async fn manage(app: &App, caller: &Caller, plan: Plan) -> Result<Operation, Refused> {
    may_manage(caller)?;
    let _one = app.money.user(caller.user).await;
    let work = format!("operation/{}", Uuid::now_v7());
    caller.spend(app, &work, plan.spends_balance).await?;
    let started = money::start(app, Actor::of(caller), plan).await;
    if started.is_err() {
        caller.give_back(app, &work).await?;
    }
    started
}

/// The answer to what began: accepted, not done.
pub(super) struct Started<'a>(pub(super) &'a Operation);

impl From<Started<'_>> for (StatusCode, Json<OperationView>) {
    fn from(started: Started<'_>) -> Self {
        (StatusCode::ACCEPTED, Json(money::operation_view(started.0)))
    }
}
