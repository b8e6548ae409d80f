//! Whether an account can be deleted: not while its key may still be needed.

use offpay_api::{Code, Problem};
use offpay_chain::{ChainError, Token};
use offpay_operator::{
    UserId,
    ledger::{LedgerAccount, Totals},
    storage::{
        ChainStorage as _, HostedChannelStorage as _, LedgerStorage as _, OperationStorage as _,
        StorageError,
    },
};
use offpay_protocol::{AccountId, channel::Side};

use crate::{App, problem::Refused};

/// The most ends of channels that are looked at.
const MOST: u32 = 1_000;

/// Refuses while the account has money: in the contract, in a purse or a channel, as tokens, or on its way. Deleting a
/// hosted user destroys the keys to it.
pub(crate) async fn require_no_money(
    app: &App,
    user: UserId,
    account: AccountId,
) -> Result<(), Refused> {
    if is_under_way(app, user, account).await? || holds_money(app, account).await? {
        return Err(Problem::new(
            Code::MoneyHeld,
            "close purses and channels, wait for what is on its way, withdraw balance and collateral, then delete the \
             account",
        )
        .into());
    }
    Ok(())
}

/// Whether a key of the user may still be needed: for a channel, an operation, or money that was promised.
async fn is_under_way(app: &App, user: UserId, account: AccountId) -> Result<bool, StorageError> {
    if !app.database.open_operations(user).await?.is_empty() {
        return Ok(true);
    }
    let channels = app.database.channels_of(account).await?;
    if channels.iter().any(|(_, state)| !state.closed) {
        return Ok(true);
    }
    let ends = app.database.hosted_channels(user, None, MOST).await?;
    // One that is on its way to being open is an operation of whoever opens it, and not of the other side.
    for end in ends.iter().filter(|end| end.made.side == Side::B) {
        let others = app.database.channel_ends(end.made.channel).await?;
        for opener in others.iter().filter(|end| end.made.side == Side::A) {
            let open = app.database.open_operations(opener.made.user).await?;
            if open
                .iter()
                .any(|one| Some(one.asked.id) == opener.made.operation)
            {
                return Ok(true);
            }
        }
    }
    let totals = app
        .database
        .ledger_totals(&[LedgerAccount::Claimed(account)])
        .await?;
    Ok(totals
        .iter()
        .filter_map(Totals::balance)
        .any(|claimed| !claimed.is_zero()))
}

async fn holds_money(app: &App, account: AccountId) -> Result<bool, ChainError> {
    let held = app.contract.account(account).await?;
    if !held.balance.is_zero() || !held.collateral.is_zero() {
        return Ok(true);
    }
    let token = Token::new(app.contract.node(), app.contract.configuration().token);
    if !token.balance(account.address()).await?.is_zero() {
        return Ok(true);
    }
    let opened = app
        .contract
        .purses_of(account, app.deployment.block.unwrap_or(0))
        .await?;
    for key in opened {
        // Not closed: what is in it comes back to the account.
        if app
            .contract
            .purse(key)
            .await?
            .is_some_and(|purse| purse.owner == account)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
