//! A pair in default: what is owed, what is reserved, when it comes, and what to keep.

use offpay_protocol::{AccountId, PurseKey, Signed};
use serde_json::{Value, json};

use super::{
    abi::OffPay::{pairOfCall, purseOfCall},
    ask::{self, view},
    convert::{amount, set, wide},
};
use crate::{
    engine::Moment,
    failure::Failure,
    run::{Answer, OpenWallet},
};

pub(super) fn calls(wallet: &OpenWallet, purse: PurseKey, payee: AccountId) -> Value {
    let contract = wallet.state().deployment().domain.contract();
    let latest = json!("latest");
    let pair = pairOfCall {
        key: purse.into(),
        payee: payee.into(),
    };
    let of_purse = purseOfCall { key: purse.into() };
    json!([
        view(contract, &pair, &latest),
        view(contract, &of_purse, &latest)
    ])
}

pub(super) fn read(
    wallet: &OpenWallet,
    purse: PurseKey,
    payee: AccountId,
    results: &[Value],
    at: &Moment,
) -> Answer {
    let state = wallet.state();
    let pair = ask::read::<pairOfCall>(results.first())?;
    let of_purse = ask::read::<purseOfCall>(results.get(1))?;
    let paid = wide(pair.paid)?;
    let owed = amount(pair.presented).saturating_sub(paid);
    let since = set(pair.inDefaultSince);
    let until =
        since.map(|since| since.saturating_add(state.deployment().parameters.settlement_period));
    Ok(json!({
        "purse": purse, "payee": payee, "since": since, "until": until, "owed": owed, "paid": paid,
        "reserved": amount(pair.reserved), "fromCollateral": amount(pair.fromCollateral), "wasMember": pair.wasMember,
        "owner": of_purse.owner, "pledge": amount(of_purse.pledge), "condemned": of_purse.condemned, "closesAt": set(of_purse.closesAt),
        "due": until.is_some_and(|until| state.time(at.now) >= until),
    }))
}

/// Everything that proves what the pair was promised: the payments as they were signed, the certificates that came with
/// them, and double spends of the purse. Whoever has it can settle and claim, with any tool that speaks the protocol.
pub(super) fn evidence(wallet: &OpenWallet, purse: PurseKey, payee: AccountId) -> Answer {
    let state = wallet.state();
    let domain = state.deployment().domain;
    let records = state.records();
    let mut payments = Vec::new();
    let received = records.received.values();
    for held in received.filter(|held| (held.purse, held.payment.payee) == (purse, payee)) {
        payments.push(json!({
            "payment": Signed { domain, message: held.payment, signature: held.signature },
            "certificate": Signed {
                domain, message: held.certificate.certificate, signature: held.certificate.signature,
            },
            "id": held.id, "receivedAt": held.received_at, "acceptance": held.acceptance,
        }));
    }
    let made = records.made.values();
    for made in made.filter(|made| (made.purse, made.payment.payee) == (purse, payee)) {
        payments.push(json!({
            "payment": Signed { domain, message: made.payment, signature: made.signature },
            "id": made.id, "madeAt": made.made_at, "receipt": made.receipt,
        }));
    }
    if payments.is_empty() {
        return Err(Failure::new(
            "payment_unknown",
            "There is no payment of this purse in this wallet.",
        ));
    }
    let doubles: Vec<_> = records
        .evidence
        .iter()
        .filter(|evidence| evidence.purse == purse)
        .collect();
    let pair = records.pairs.get(&(purse, payee));
    let file = json!({
        "format": "offpay-evidence", "version": 1, "domain": domain, "purse": purse, "payee": payee,
        "payments": payments, "doubleSpends": doubles, "pair": pair,
    });
    let file = serde_json::to_string_pretty(&file).map_err(Failure::malformed)?;
    Ok(json!({ "file": file }))
}
