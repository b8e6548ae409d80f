//! One shop's tills, as the chain has them.

use alloy_primitives::U256;
use offpay_protocol::{Amount, till::till};
use serde_json::{Value, json};

use super::{
    abi::OffPay::balanceOfCall,
    ask::{self, view},
    convert::wide,
};
use crate::{
    Failure,
    run::{Answer, OpenWallet},
};

/// What each till has received and its owner has not swept.
pub(super) fn calls(wallet: &OpenWallet, tills: &[u16]) -> Value {
    let state = wallet.state();
    let contract = state.deployment().domain.contract();
    let latest = json!("latest");
    tills
        .iter()
        .map(|index| {
            let owner = till(state.account(), U256::from(*index)).into();
            view(contract, &balanceOfCall { owner }, &latest)
        })
        .collect()
}

pub(super) fn read(results: &[Value]) -> Answer {
    let balances = results
        .iter()
        .map(|result| wide(ask::read::<balanceOfCall>(Some(result))?));
    let balances: Vec<Amount> = balances.collect::<Result<_, Failure>>()?;
    let total = Amount::checked_sum(balances.iter().copied())
        .ok_or_else(|| Failure::answer("more than there can be"))?;
    Ok(json!({ "balances": balances, "total": total }))
}
