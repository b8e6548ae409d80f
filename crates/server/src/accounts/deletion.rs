//! Whether an account can be deleted: not while its key may still be needed.

use offpay_api::{Code, Problem};
use offpay_chain::{ChainError, Token};
use offpay_protocol::AccountId;

use crate::{App, problem::Refused};

/// Refuses while the account has money: in the contract, in a purse, or as tokens. Deleting a hosted user destroys
/// the keys to it.
pub(crate) async fn require_no_money(app: &App, account: AccountId) -> Result<(), Refused> {
    if holds_money(app, account).await? {
        return Err(Problem::new(
            Code::MoneyHeld,
            "close purses and channels, withdraw balance and collateral, then delete the account",
        )
        .into());
    }
    Ok(())
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
