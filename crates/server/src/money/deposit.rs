//! Tokens at a hosted wallet's own address become balance, without gas: by a permit inside the relay.

use alloy_primitives::{Bytes, U256};
use offpay_chain::ChainError;
use offpay_operator::UserId;
use offpay_protocol::{AccountId, Amount};

use super::token;
use crate::{App, problem::Refused, vault::KeyName};

/// What is at the wallet's own address.
pub(crate) async fn waiting_tokens(app: &App, account: AccountId) -> Result<Amount, ChainError> {
    let units = token(app).balance(account.address()).await?;
    Ok(u128::try_from(units)
        .ok()
        .and_then(Amount::new)
        .unwrap_or(Amount::MAX))
}

/// The call that makes so many of them balance. Its permit counts as long as the relay does.
pub(crate) async fn permitted_deposit(
    app: &App,
    user: UserId,
    account: AccountId,
    amount: Amount,
) -> Result<Bytes, Refused> {
    let deadline = super::chain_now(app)
        .await?
        .saturating_add(app.config.money.relay_lifetime());
    let deadline = U256::from(deadline.get());
    let digest = token(app)
        .permit_digest(account.address(), app.contract.address(), amount, deadline)
        .await?;
    let permit = app
        .vault
        .sign_with(user, KeyName::Account, |key| key.sign(digest))
        .await?
        .map_err(ChainError::from)?;
    let call = app
        .contract
        .deposit_with_permit(account, amount, deadline, &permit);
    Ok(call.calldata().clone())
}
