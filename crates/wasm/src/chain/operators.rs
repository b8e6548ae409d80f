//! What operators' servers say in a sync. None of it is believed unseen: the wallet checks every signature.

use std::collections::BTreeSet;

use alloy_primitives::B256;
use offpay_protocol::{
    OperatorId, PurseKey, Seconds, Signable as _, Signed,
    clearance::{ClearanceRefusal, RecordedPayment, check_clearance},
    messages::{Clearance, OperatorKey, Revocations},
    revocations::{RevocationList as Purses, RevocationRefusal},
};
use offpay_wallet::{
    records::{PaymentClearance, RevocationList},
    sync::{Answer as News, SyncError, Task},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sync::{Round, tell};
use crate::{
    engine::Moment,
    failure::{Failure, failures},
    run::{Answer, OpenWallet, token},
};

/// Nearer than this to its date, a payment is not left to an operator any more.
const LEFT_TO_OPERATOR_UNTIL: Seconds = Seconds::days(2);

/// Where an operator's server is, if its card names one.
pub(super) fn server(wallet: &OpenWallet, operator: OperatorId) -> Option<String> {
    let card = wallet.state().records().operators.get(&operator);
    Some(card.map_or_else(String::new, |card| card.server.clone()))
}

/// The newest list that the wallet has of an operator, under this key or one that it had before.
pub(super) fn known_list(wallet: &OpenWallet, operator: OperatorId) -> Option<&RevocationList> {
    wallet.state().records().revocations.get(&operator)
}

/// An operator's keys, as its server lists them: the wallet follows from one that it trusts to the next.
pub(super) fn follow(wallet: &mut OpenWallet, told: Option<&Value>, at: &Moment) -> Answer {
    #[derive(Deserialize)]
    struct Told {
        keys: Vec<Key>,
    }
    #[derive(Deserialize)]
    struct Key {
        rotation: Option<Signed<OperatorKey>>,
    }
    let told: Told = parsed(told)?;
    for rotation in told.keys.into_iter().filter_map(|key| key.rotation) {
        // An operator that was trusted after its first rotations shows those too.
        let trusted = &wallet.state().records().trusted;
        let known = rotation
            .signer()
            .is_ok_and(|signer| trusted.keys().any(|key| key == signer));
        if known {
            tell(wallet, vec![News::OperatorKey(rotation)], at)?;
        }
    }
    Ok(json!({ "send": false }))
}

/// What changed in an operator's list of purses that are closing. If it does not fit the list that is known, the answer
/// asks for the whole list.
pub(super) fn revocations(
    wallet: &mut OpenWallet,
    operator: OperatorId,
    told: Option<&Value>,
    at: &Moment,
) -> Answer {
    #[derive(Deserialize)]
    struct Told {
        revocations: Signed<Revocations>,
        since: u64,
        added: Vec<PurseKey>,
        removed: Vec<PurseKey>,
    }
    let told: Told = parsed(told)?;
    let known = known_list(wallet, operator).filter(|list| list.version == told.since);
    let is_change = told.since > 0;
    let mut purses = known.map_or_else(BTreeSet::new, |list| list.purses.clone());
    purses.extend(told.added);
    for closed in &told.removed {
        purses.remove(closed);
    }
    let token = token(wallet);
    let news = News::Revocations {
        list: Purses::new(purses),
        statement: told.revocations.message,
        signature: told.revocations.signature,
    };
    match wallet.learn(news, at.now) {
        Ok(_) => Ok(json!({ "send": false })),
        Err(SyncError::Revocations(RevocationRefusal::OtherList)) if is_change => {
            Ok(json!({ "send": false, "whole": true }))
        }
        Err(error) => Err(failures!(&token, error)),
    }
}

/// What a server gave for a payment that was handed in. It counts as handed in only if it clears that payment, by an
/// operator that this wallet trusts, and while there is time to bring it on-chain should the operator not settle.
pub(super) fn cleared(
    wallet: &mut OpenWallet,
    round: &Round,
    index: usize,
    given: &Value,
    at: &Moment,
) -> Answer {
    #[derive(Deserialize)]
    struct Given {
        clearance: Signed<Clearance>,
        path: Vec<B256>,
    }
    let Some(Task::HandIn {
        id,
        purse,
        signed,
        by,
    }) = round.tasks.get(index)
    else {
        return Err(Failure::malformed("no such task"));
    };
    let given: Given = parsed(Some(given))?;
    let state = wallet.state();
    let domain = state.deployment().domain;
    let signer = signed.payment.recover(&domain, &signed.signature);
    let signer = signer.map_err(Failure::malformed)?;
    let payment = RecordedPayment {
        purse: signer,
        id: *id,
    };
    let (clearance, signature) = (&given.clearance.message, &given.clearance.signature);
    let trusted = &state.records().trusted;
    let operator = check_clearance(payment, &given.path, clearance, signature, &domain, trusted)
        .map_err(refused)?;
    let time = state.time(at.now);
    let in_time = by.is_none_or(|by| time.saturating_add(LEFT_TO_OPERATOR_UNTIL) < by);
    // Kept: it shows what the operator said, whatever becomes of it.
    let held = PaymentClearance {
        payment: *id,
        purse: signer,
        operator,
        clearance: *clearance,
        signature: *signature,
        path: given.path,
    };
    let mut news = vec![News::Cleared(Box::new(held))];
    if in_time {
        news.push(News::HandedIn {
            purse: *purse,
            payee: signed.payment.payee,
            cumulative: signed.payment.cumulative,
            transaction: None,
        });
    }
    tell(wallet, news, at)?;
    Ok(json!({ "handedIn": in_time }))
}

fn refused(refusal: ClearanceRefusal) -> Failure {
    let untrusted = matches!(refusal, ClearanceRefusal::UntrustedOperator { .. });
    Failure {
        // Its key may be one that the operator moved on to just now.
        retryable: untrusted,
        ..Failure::new(
            refusal.code(),
            "What the operator's server gave does not clear this payment.",
        )
    }
}

fn parsed<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Result<T, Failure> {
    let value = value.ok_or_else(|| Failure::answer("nothing"))?;
    serde_json::from_value(value.clone()).map_err(Failure::answer)
}

#[cfg(test)]
mod tests;
