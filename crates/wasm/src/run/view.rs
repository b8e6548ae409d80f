//! What is there to be seen. Nothing in here is a secret.

use std::collections::BTreeMap;

use offpay_protocol::{Amount, PaymentId, cover::cover};
use offpay_wallet::{
    State,
    history::{Direction, HistoryEntry, HistoryQuery, Through, to_csv},
    messages::Message as _,
    profile::Identity,
    records::{OwnPurse, Pair, PurseStanding, StoredCertificate},
    sync::{NotReady, Progress, Readiness, Standing},
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, token};
use crate::{
    command::Way,
    engine::{Engine, Moment},
    failure::Failure,
};

impl Engine {
    /// The whole picture, as the home screen shows it.
    pub(super) fn view(&mut self, at: &Moment) -> Value {
        let Some(wallet) = self.wallet.as_mut() else {
            return json!({ "exists": false });
        };
        let unlocked = wallet.is_unlocked(at.now);
        let state = wallet.state();
        let (records, deployment) = (state.records(), state.deployment());
        let spent = state.spending(at.now);
        let role = match state.identity() {
            Identity::Owner {
                owner_key: Some(_), ..
            } => "owner",
            Identity::Owner {
                owner_key: None, ..
            } => "ownerElsewhere",
            Identity::Payee { .. } => "payee",
        };
        json!({
            "exists": true, "unlocked": unlocked, "account": state.account(), "name": state.profile().name, "role": role,
            "deployment": deployment, "time": state.time(at.now),
            "synced": records.synced, "settings": state.settings(),
            "readiness": readiness(state, at),
            "purses": records.purses.values().map(described).collect::<Vec<_>>(),
            "held": held(state, at),
            "operators": records.operators.values().collect::<Vec<_>>(),
            "circles": records.circles.values().collect::<Vec<_>>(),
            "contacts": records.contacts.values().collect::<Vec<_>>(),
            "evidence": records.evidence.len(),
            "defaults": defaults(state),
            "passkeys": passkeys(state),
            "spent": { "total": spent.total, "payments": spent.payments },
            "channels": records.channels.values().filter_map(|channel| super::channel::described(state, channel, at)).collect::<Vec<_>>(),
            "payers": payers(state),
            "till": till(state, at),
        })
    }
}

fn readiness(state: &State, at: &Moment) -> Value {
    match state.readiness(at.now) {
        Readiness::Ready {
            until,
            purse,
            up_to,
            renew_soon,
        } => {
            json!({ "ready": true, "until": until, "purse": purse, "upTo": up_to, "renewSoon": renew_soon })
        }
        Readiness::NotReady(why) => {
            let code = match why {
                NotReady::NoPurse => "noPurse",
                NotReady::Empty => "empty",
                NotReady::NoFreshCertificate => "noFreshCertificate",
            };
            json!({ "ready": false, "why": code, "message": why.message(&state.deployment().token) })
        }
    }
}

fn described(purse: &OwnPurse) -> Value {
    let closes_at = match purse.standing {
        PurseStanding::Closing { closes_at } => Some(closes_at),
        _ => None,
    };
    let standing = match purse.standing {
        PurseStanding::Prepared => "prepared",
        PurseStanding::Open => "open",
        PurseStanding::Closing { .. } => "closing",
        PurseStanding::Closed => "closed",
    };
    json!({
        "key": purse.key, "standing": standing, "closesAt": closes_at, "terms": purse.terms, "funds": purse.funds,
        "left": purse.left(), "certifiedLeft": purse.certified_left(), "retired": purse.retired,
        "certifiedAsOf": purse.certificate.map(|held| held.certificate.as_of),
        "certifiedFunds": purse.certificate.map(|held| held.certificate.funds),
    })
}

fn held(state: &State, at: &Moment) -> Value {
    let received = &state.records().received;
    let dates: Vec<Value> = state
        .hand_in_dates(at.now)
        .iter()
        .filter_map(|date| {
            let payment = &received.get(&date.id)?.payment;
            Some(json!({ "id": date.id, "by": date.by, "overdue": date.overdue, "amount": payment.amount }))
        })
        .collect();
    let amounts = state
        .hand_in_dates(at.now)
        .into_iter()
        .filter_map(|date| received.get(&date.id))
        .map(|received| received.payment.amount);
    let total = Amount::checked_sum(amounts).unwrap_or(Amount::MAX);
    json!({ "count": dates.len(), "total": total, "dates": dates })
}

/// What a browser needs to find the passkeys that open this wallet.
fn passkeys(state: &State) -> Value {
    let known = state.profile().vault.passkeys().iter();
    known
        .map(|passkey| json!({ "credential": passkey.credential, "salt": passkey.salt }))
        .collect()
}

/// What is shown of a till's own key: what an operator is asked to attest, and until when it has.
fn till(state: &State, at: &Moment) -> Value {
    let Identity::Payee { request_key, .. } = state.identity() else {
        return Value::Null;
    };
    let attested = request_key.attestation.as_ref();
    let until = attested.map(|attested| attested.message.expires_at);
    let name = attested.map(|attested| attested.message.name.clone());
    json!({
        "signer": request_key.address, "attestedUntil": until, "attestedName": name,
        "attested": until.is_some_and(|until| until > state.time(at.now)),
    })
}

/// Purses that paid this wallet, with the circle whose members they are for.
fn payers(state: &State) -> Vec<Value> {
    let records = state.records();
    let mut newest = BTreeMap::new();
    for received in records.received.values() {
        let known: &mut &StoredCertificate = newest
            .entry((received.certificate.certificate.circle, received.purse))
            .or_insert(&received.certificate);
        if received.certificate.certificate.as_of > known.certificate.as_of {
            *known = &received.certificate;
        }
    }
    newest
        .into_iter()
        .map(|((circle, purse), held)| {
            let certificate = &held.certificate;
            let contact = records.contacts.get(&certificate.owner);
            let penalty = state.deployment().parameters.penalty(circle);
            json!({
                "circle": circle, "purse": purse, "owner": certificate.owner,
                "name": contact.map(|contact| contact.name.clone()).unwrap_or_default(),
                "cover": cover(certificate.pledge, penalty, certificate.cover_count),
                "coverCount": certificate.cover_count,
            })
        })
        .collect()
}

/// The circle whose members the purse of a payment is for, and what the owner calls it.
pub(super) fn circle_of(state: &State, id: PaymentId) -> Value {
    let records = state.records();
    let Some(received) = records.received.get(&id) else {
        return Value::Null;
    };
    let circle = received.certificate.certificate.circle;
    let joined = records.circles.get(&circle);
    json!({ "circle": circle, "name": joined.map(|joined| joined.name.clone()), "open": circle.is_open() })
}

/// Pairs in default, own and others'.
fn defaults(state: &State) -> Vec<Value> {
    let period = state.deployment().parameters.settlement_period;
    let pairs = state.records().pairs.values();
    pairs
        .filter_map(|pair| {
            let since = pair.in_default_since?;
            Some(json!({
                "purse": pair.purse, "payee": pair.payee, "since": since, "until": since.saturating_add(period),
                "own": state.records().purses.contains_key(&pair.purse),
                "name": called(state, pair),
                "held": held_of(state, pair), "cover": cover_of(state, pair),
            }))
        })
        .collect()
}

/// What a pair in default was promised beyond what is proven to be paid.
fn held_of(state: &State, pair: &Pair) -> Amount {
    let records = state.records();
    let received = records.received.values().filter_map(|received| {
        let same = (received.purse, received.payment.payee) == (pair.purse, pair.payee);
        same.then_some(received.payment.cumulative)
    });
    let made = records.made.values().filter_map(|made| {
        let same = (made.purse, made.payment.payee) == (pair.purse, pair.payee);
        same.then_some(made.payment.cumulative)
    });
    let promised = received.chain(made).max().unwrap_or(Amount::ZERO);
    promised.saturating_sub(pair.settled())
}

/// What this payee can claim out of the pledge, by the newest certificate that came with a payment.
fn cover_of(state: &State, pair: &Pair) -> Option<Amount> {
    let received = state.records().received.values();
    let of_purse = received.filter(|received| received.purse == pair.purse);
    let newest = of_purse.max_by_key(|received| received.certificate.certificate.as_of)?;
    let certificate = newest.certificate.certificate;
    let penalty = state.deployment().parameters.penalty(certificate.circle);
    Some(cover(certificate.pledge, penalty, certificate.cover_count))
}

/// What the owner calls the other party of a pair.
fn called(state: &State, pair: &Pair) -> String {
    let records = state.records();
    let received = records.received.values();
    let payer = received
        .filter(|received| received.purse == pair.purse)
        .map(|received| received.payer)
        .next();
    let party = if pair.payee == state.account() {
        payer
    } else {
        Some(pair.payee)
    };
    let contact = party.and_then(|party| records.contacts.get(&party));
    contact
        .map(|contact| contact.name.clone())
        .unwrap_or_default()
}

pub(super) fn history(
    wallet: &OpenWallet,
    text: Option<String>,
    limit: Option<usize>,
    progress: Option<Progress>,
    direction: Option<Way>,
    at: &Moment,
) -> Value {
    let query = HistoryQuery {
        text,
        direction: direction.map(|way| match way {
            Way::Sent => Direction::Sent,
            Way::Received => Direction::Received,
        }),
        ..HistoryQuery::default()
    };
    let state = wallet.state();
    let entries = state.history(&query);
    entries
        .iter()
        .filter(|entry| {
            progress.is_none_or(|wanted| state.progress(entry.id, at.now) == Some(wanted))
        })
        .take(limit.unwrap_or(usize::MAX))
        .map(|entry| line(state, entry, at))
        .collect()
}

pub(super) fn csv(wallet: &OpenWallet) -> Value {
    let state = wallet.state();
    let entries = state.history(&HistoryQuery::default());
    json!({ "csv": to_csv(&entries, &state.deployment().token) })
}

pub(super) fn unpaid_requests(wallet: &OpenWallet, at: &Moment) -> Value {
    let unpaid = wallet.state().unpaid_requests(at.now);
    let described = unpaid.into_iter().map(|unpaid| {
        let (issued, request) = (unpaid.issued, &unpaid.issued.request);
        json!({
            "reference": issued.reference, "amount": request.amount, "memo": request.memo,
            "at": issued.made_at, "expiresAt": request.expires_at, "expired": unpaid.expired,
        })
    });
    described.collect()
}

fn line(state: &State, entry: &HistoryEntry, at: &Moment) -> Value {
    let through = match entry.through {
        Through::Purse(purse) => json!({ "purse": purse }),
        Through::Channel(channel) => json!({ "channel": channel }),
    };
    json!({
        "number": entry.number, "id": entry.id, "at": entry.at, "amount": entry.amount,
        "direction": match entry.direction { Direction::Sent => "sent", Direction::Received => "received" },
        "through": through, "counterparty": entry.counterparty, "name": entry.name, "memo": entry.memo,
        "refundOf": entry.refund_of, "hasReceipt": entry.has_receipt, "standing": entry.standing.map(standing),
        "progress": state.progress(entry.id, at.now),
    })
}

fn standing(standing: Standing) -> Value {
    match standing {
        Standing::Held => json!({ "is": "held" }),
        Standing::HandedIn { at } => json!({ "is": "handedIn", "at": at }),
        Standing::InDefault { since } => json!({ "is": "inDefault", "since": since }),
        Standing::Final(block) => json!({ "is": "final", "block": block }),
    }
}

/// One payment with everything that is known of it.
pub(super) fn payment(wallet: &OpenWallet, id: PaymentId, at: &Moment) -> Answer {
    let state = wallet.state();
    let entries = state.history(&HistoryQuery::default());
    let entry = entries.iter().find(|entry| entry.id == id);
    let entry = entry.ok_or_else(|| {
        Failure::new(
            "payment_unknown",
            "There is no such payment in this wallet.",
        )
    })?;
    let records = state.records();
    let mut shown = line(state, entry, at);
    let more = if let Some(received) = records.received.get(&id) {
        json!({
            "payment": received.payment, "purse": received.purse, "acceptance": received.acceptance,
            "message": received.acceptance.verdict.message(&token(wallet)), "refunded": state.refunded(id),
            "circle": circle_of(state, id),
            "sale": records.requests.get(&received.request).and_then(|issued| issued.sale.clone()),
        })
    } else if let Some(made) = records.made.get(&id) {
        json!({ "payment": made.payment, "purse": made.purse, "verified": made.payee_name.is_verified() })
    } else {
        json!({})
    };
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    Ok(shown)
}
