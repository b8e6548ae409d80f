//! What the account has, as the node tells it: for showing, and stored nowhere.

use alloy_primitives::{Address, U256};
use serde_json::{Value, json};

use super::{
    abi::{
        OffPay::{balanceOfCall, securityOfCall},
        Token,
    },
    ask::{read, view},
    convert::{amount, set, wide},
};
use crate::run::{Answer, OpenWallet};

pub(super) fn calls(wallet: &OpenWallet, token: Address) -> Value {
    let state = wallet.state();
    let contract = state.deployment().domain.contract();
    let owner: Address = state.account().into();
    let latest = json!("latest");
    json!([
        view(contract, &balanceOfCall { owner }, &latest),
        view(contract, &securityOfCall { owner }, &latest),
        view(token, &Token::balanceOfCall { account: owner }, &latest),
        view(token, &Token::noncesCall { owner }, &latest),
        view(token, &Token::DOMAIN_SEPARATORCall {}, &latest),
        { "method": "eth_getBalance", "params": [owner, "latest"] },
    ])
}

pub(super) fn account(results: &[Value]) -> Answer {
    let balance = wide(read::<balanceOfCall>(results.first())?)?;
    let security = read::<securityOfCall>(results.get(1))?;
    let tokens = wide(read::<Token::balanceOfCall>(results.get(2))?)?;
    // A token without permits still can be held.
    let nonce = read::<Token::noncesCall>(results.get(3)).ok();
    let separator = read::<Token::DOMAIN_SEPARATORCall>(results.get(4)).ok();
    let gas: Option<U256> = results
        .get(5)
        .and_then(Value::as_str)
        .and_then(|gas| gas.parse().ok());
    Ok(json!({
        "balance": balance, "collateral": amount(security.collateral), "pledged": amount(security.pledged),
        "registeredAt": set(security.registeredAt), "tokens": tokens, "permitNonce": nonce, "separator": separator,
        "gas": gas.unwrap_or_default().to_string(),
    }))
}
