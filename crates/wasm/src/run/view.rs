//! What is there to be seen. Nothing in here is a secret.

use offpay_protocol::{Amount, PaymentId};
use offpay_wallet::{
    State,
    history::{Direction, HistoryEntry, HistoryQuery, Through, to_csv},
    messages::Message as _,
    profile::Identity,
    records::{OwnPurse, PurseStanding},
    sync::{NotReady, Readiness, Standing},
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, token};
use crate::{
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
            }))
        })
        .collect()
}

pub(super) fn history(wallet: &OpenWallet, text: Option<String>, limit: Option<usize>) -> Value {
    let query = HistoryQuery {
        text,
        limit,
        ..HistoryQuery::default()
    };
    let entries = wallet.state().history(&query);
    entries.iter().map(line).collect()
}

pub(super) fn csv(wallet: &OpenWallet) -> Value {
    let state = wallet.state();
    let entries = state.history(&HistoryQuery::default());
    json!({ "csv": to_csv(&entries, &state.deployment().token) })
}

fn line(entry: &HistoryEntry) -> Value {
    let through = match entry.through {
        Through::Purse(purse) => json!({ "purse": purse }),
        Through::Channel(channel) => json!({ "channel": channel }),
    };
    json!({
        "number": entry.number, "id": entry.id, "at": entry.at, "amount": entry.amount,
        "direction": match entry.direction { Direction::Sent => "sent", Direction::Received => "received" },
        "through": through, "counterparty": entry.counterparty, "name": entry.name, "memo": entry.memo,
        "refundOf": entry.refund_of, "hasReceipt": entry.has_receipt, "standing": entry.standing.map(standing),
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
pub(super) fn payment(wallet: &OpenWallet, id: PaymentId) -> Answer {
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
    let mut shown = line(entry);
    let more = if let Some(received) = records.received.get(&id) {
        json!({
            "payment": received.payment, "purse": received.purse, "acceptance": received.acceptance,
            "message": received.acceptance.verdict.message(&token(wallet)), "refunded": state.refunded(id),
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
