//! `GET /v1/account`

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use offpay_api::{
    Problem,
    account::{AccountView, BalanceView, CollateralView, PendingView},
};
use offpay_operator::{
    identity::Scope,
    ledger::{LedgerAccount, Totals},
    storage::{ChainStorage as _, HostedPurseStorage as _, LedgerStorage as _},
};
use offpay_protocol::Amount;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Caller, money, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(account))
}

/// Where one's money is: balance, collateral, purses, channels and what is pending, apart.
#[utoipa::path(
    get, path = "/v1/account", tag = "money",
    responses(
        (status = 200, description = "Where the money is", body = AccountView),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ),
)]
async fn account(State(app): State<App>, caller: Caller) -> Result<Json<AccountView>, Refused> {
    caller.require(Scope::Read)?;
    let available = money::available(&app, caller.user, caller.account).await?;
    let hosted = app.database.hosted_purses(caller.user).await?;
    let known = app.database.purses_of(caller.account).await?;
    // Those on the chain, and those on their way there.
    let keys: BTreeSet<_> = known
        .iter()
        .map(|purse| purse.key)
        .chain(hosted.iter().map(|purse| purse.made.purse))
        .collect();
    let purses = keys
        .iter()
        .filter_map(|key| {
            let hosted = hosted.iter().find(|purse| purse.made.purse == *key);
            let known = known.iter().find(|purse| purse.key == *key);
            money::purse_view(hosted, known)
        })
        .collect();
    let mut accounts = vec![LedgerAccount::Claimed(caller.account)];
    accounts.extend(keys.iter().map(|key| LedgerAccount::Promised(*key)));
    let totals = app.database.ledger_totals(&accounts).await?;
    let incoming = totals.first().and_then(Totals::balance);
    let outgoing = Amount::checked_sum(totals.iter().skip(1).filter_map(Totals::owed));
    let channels = money::channel::totals(&app, caller.user, caller.account).await?;
    let token = app.money.token(&app).await?.clone();
    Ok(Json(AccountView {
        account: caller.account,
        token,
        balance: BalanceView {
            available: available.balance(),
            held: available.held,
            finalized: available.finalized.balance,
        },
        collateral: CollateralView {
            total: available.head.collateral,
            pledged: available.head.pledged,
            available: available.collateral(),
            registered_at: available.head.registered_at,
        },
        purses,
        channels,
        pending: PendingView {
            incoming: incoming.unwrap_or_default(),
            outgoing: outgoing.unwrap_or(Amount::MAX),
        },
    }))
}
