//! A lost phone: which purses this account has on-chain, and what to do about those whose keys are gone.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use offpay_protocol::PurseKey;
use offpay_wallet::recovery::RecoveryStep;
use serde_json::{Value, json};

use super::{
    abi::OffPay::{PurseOpened, purseOfCall},
    ask::{at_hash, view},
    sync::{Round, purse},
};
use crate::{
    Failure,
    engine::Moment,
    run::{Answer, OpenWallet},
};

/// Asks for every purse that this account ever opened.
pub(super) fn logs(wallet: &OpenWallet, round: &Round) -> Value {
    let state = wallet.state();
    let owner: Address = state.account().into();
    let newest = format!("{:#x}", round.block.number);
    json!([{ "method": "eth_getLogs", "params": [{
        "address": state.deployment().domain.contract(), "fromBlock": "0x0", "toBlock": newest,
        "topics": [PurseOpened::SIGNATURE_HASH, Value::Null, owner.into_word()],
    }] }])
}

/// What to read of these purses, in the round's block: those in the logs, and those that somebody named.
pub(super) fn calls(
    wallet: &OpenWallet,
    round: &Round,
    logs: &[Value],
    named: Vec<PurseKey>,
) -> Value {
    let contract = wallet.state().deployment().domain.contract();
    let mut keys: BTreeSet<PurseKey> = named.into_iter().collect();
    keys.extend(logs.iter().filter_map(key_in));
    let at = at_hash(round.block.hash);
    let asks: Vec<Value> = keys
        .iter()
        .map(|key| view(contract, &purseOfCall { key: (*key).into() }, &at))
        .collect();
    json!({ "purses": keys, "ask": asks })
}

fn key_in(log: &Value) -> Option<PurseKey> {
    let topic: B256 = log.get("topics")?.get(1)?.as_str()?.parse().ok()?;
    Some(Address::from_word(topic).into())
}

/// What is to be done, in order. Purses of other accounts, which a node or an operator may name, are none of it.
pub(super) fn steps(
    wallet: &OpenWallet,
    round: &Round,
    purses: &[PurseKey],
    results: &[Value],
    at: &Moment,
) -> Answer {
    let state = wallet.state();
    let mut found = Vec::new();
    for (place, key) in purses.iter().enumerate() {
        let result = results
            .get(place..=place)
            .ok_or_else(|| Failure::answer("too little"))?;
        let view = purse(*key, result, round.block)?;
        if view
            .on_chain
            .is_some_and(|on_chain| on_chain.owner == state.account())
        {
            found.push(view);
        }
    }
    let steps = state.recovery(&found, at.now);
    Ok(steps.iter().map(described).collect())
}

fn described(step: &RecoveryStep) -> Value {
    match step {
        RecoveryStep::RequestPurseClose(purse) => json!({ "step": "requestClose", "purse": purse }),
        RecoveryStep::MakeGood {
            purse,
            payees,
            until,
        } => json!({ "step": "makeGood", "purse": purse, "payees": payees, "until": until }),
        RecoveryStep::ClosePurse { purse, at, left } => {
            json!({ "step": "close", "purse": purse, "at": at, "left": left })
        }
        RecoveryStep::OpenPurse(terms) => json!({ "step": "open", "terms": terms }),
    }
}
