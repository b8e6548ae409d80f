//! `POST /v1/payments`, `POST /v1/payments/batch`, `GET /v1/payments/{purse}/{id}`

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use offpay_api::{
    Code, Problem,
    payments::{
        ClearPayment, ClearPayments, ClearedPayment, ClearedPayments, ClearingResult,
        MOST_TOGETHER, SeenPayment, SeenState,
    },
};
use offpay_operator::{
    clearing::{ClearingRefusal, KeptFor},
    follower::{State as ChainState, Subject},
    storage::{
        ChainStorage as _, StorageError,
        clearing::{ClearingStorage as _, PaymentStanding},
    },
};
use offpay_protocol::{PaymentId, PurseKey, Signed};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::named;
use crate::{
    App,
    clearing::{self, Cleared, RowOutcome, RowRefusal, WhenFull},
    problem::Refused,
    shards,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(clear))
        .routes(routes!(clear_batch))
        .routes(routes!(seen))
}

/// Records a payment and clears it. Anybody can hand it in, any number of times: the same payment gives the same
/// clearance, with or without an `Idempotency-Key`.
///
/// A payment that is not cleared because its purse ends or has too little is kept, and brought on-chain. Of two that
/// conflict the first is cleared; both are evidence, and reported on-chain.
#[utoipa::path(
    post, path = "/v1/payments", tag = "clearing", request_body = ClearPayment,
    responses(
        (status = 200, description = "It is cleared", body = ClearedPayment),
        (status = 400, description = "Not a payment of this deployment", body = Problem),
        (status = 404, description = "No final block has the purse open, or not yet", body = Problem),
        (status = 409, description = "It is not cleared; `double_spend` has the evidence in `data`", body = Problem),
        (status = 503, description = "It is not known to be recorded: hand it in again", body = Problem),
    ),
)]
async fn clear(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<ClearPayment>,
) -> Result<Json<ClearedPayment>, Refused> {
    if app.shards.are_several() {
        let row = serde_json::to_vec(&body.payment)
            .map_err(|_| Problem::new(Code::Internal, "a payment cannot be written"))?;
        let from_server = app.shards.is_from_server(&headers);
        let cleared = shards::clear_one(&app, row.into(), from_server).await?;
        return Ok(Json(cleared));
    }
    match app.clearing.clear(body.payment).await {
        Ok(cleared) => Ok(Json(view(cleared))),
        Err(refusal) => {
            let evidence = match stopped(&refusal) {
                Some(purse) => evidence(&app, purse).await?,
                None => Value::Null,
            };
            Err(problem(&refusal, &evidence).into())
        }
    }
}

/// Records up to 1,000 payments, and clears each for itself. What became of each stands at its place.
///
/// Whoever has many to hand in all the time is served best by `/v1/payments/stream`.
#[utoipa::path(
    post, path = "/v1/payments/batch", tag = "clearing", request_body = ClearPayments,
    responses(
        (status = 200, description = "What became of each", body = ClearedPayments),
        (status = 400, description = "Too many, or no list", body = Problem),
    ),
)]
async fn clear_batch(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<Rows>,
) -> Result<Json<ClearedPayments>, Refused> {
    if body.payments.len() > MOST_TOGETHER {
        let detail = format!("hand in at most {MOST_TOGETHER} payments together");
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let rows = body.payments.into_iter().map(|row| {
        let text: Box<str> = row.into();
        text.into_string().into()
    });
    let from_server = app.shards.is_from_server(&headers);
    let results = shards::clear_rows(&app, rows.collect(), WhenFull::Refuse, from_server).await;
    Ok(Json(ClearedPayments { results }))
}

/// [`ClearPayments`], with rows that the threads read that check them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    payments: Vec<Box<RawValue>>,
}

/// What became of rows, as it is told.
pub(crate) async fn results(app: &App, outcomes: Vec<RowOutcome>) -> Vec<ClearingResult> {
    let mut found = HashMap::new();
    let mut results = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        results.push(cleared_result(app, outcome, &mut found).await);
    }
    results
}

/// What became of one row, as it is told. Evidence that was looked up is found again.
pub(crate) async fn cleared_result(
    app: &App,
    outcome: RowOutcome,
    found: &mut HashMap<PurseKey, Value>,
) -> ClearingResult {
    match outcome {
        Ok(cleared) => ClearingResult::Cleared(Box::new(view(cleared))),
        Err(RowRefusal::Unreadable) => {
            let detail = "the row is no payment in its full form";
            let problem = Problem::new(Code::InvalidRequest, detail);
            ClearingResult::Problem(Box::new(problem))
        }
        Err(RowRefusal::Refused(refusal)) => {
            let data = match stopped(&refusal) {
                Some(purse) => evidence_once(app, purse, found).await,
                None => Value::Null,
            };
            ClearingResult::Problem(Box::new(problem(&refusal, &data)))
        }
    }
}

/// A payment that was handed in, what became of it, and what clears it.
#[utoipa::path(
    get, path = "/v1/payments/{purse}/{id}", tag = "clearing",
    params(
        ("purse" = String, Path, description = "The purse's key"),
        ("id" = String, Path, description = "The payment's name"),
    ),
    responses(
        (status = 200, description = "The payment", body = SeenPayment),
        (status = 404, description = "It was not handed in", body = Problem),
    ),
)]
async fn seen(
    State(app): State<App>,
    Path((purse, id)): Path<(String, String)>,
) -> Result<Json<SeenPayment>, Refused> {
    let (purse, id): (PurseKey, PaymentId) = (named(&purse, "purse")?, named(&id, "payment")?);
    let Some((stored, standing)) = app.database.payment(purse, id).await? else {
        let detail = "no such payment of that purse was handed in";
        return Err(Problem::new(Code::NotFound, detail).into());
    };
    let (state, cleared) = match standing {
        PaymentStanding::Cleared(number) => {
            let cleared = clearing::stored(&app, &stored, number).await?;
            (SeenState::Cleared, cleared.map(view))
        }
        PaymentStanding::Kept(KeptFor::Presenting) => (SeenState::KeptToPresent, None),
        PaymentStanding::Kept(KeptFor::Funds) => (SeenState::KeptForFunds, None),
    };
    let pair = Subject::Pair(purse, stored.payment.payee);
    let settled = match app.database.followed_one(pair).await?.finalized {
        Some(ChainState::Pair(pair)) => pair.paid >= stored.payment.cumulative,
        _ => false,
    };
    Ok(Json(SeenPayment {
        payment: Signed {
            domain: *app.contract.domain(),
            message: stored.payment,
            signature: stored.signature,
        },
        state,
        cleared,
        settled,
    }))
}

fn view(cleared: Cleared) -> ClearedPayment {
    ClearedPayment {
        id: cleared.payment,
        purse: cleared.purse,
        operator: cleared.operator,
        clearance: cleared.clearance,
        path: cleared.path,
    }
}

/// The refusal as a problem: the two have their codes in common.
fn problem(refusal: &ClearingRefusal, evidence: &Value) -> Problem {
    let known = Code::ALL.iter().find(|code| code.name() == refusal.code());
    let problem = Problem::new(*known.unwrap_or(&Code::Internal), refusal.to_string());
    let data = match refusal {
        ClearingRefusal::DoubleSpend { .. } | ClearingRefusal::PurseStopped { .. } => {
            json!({ "evidence": evidence })
        }
        ClearingRefusal::PurseClosing { purse, closes_at } => {
            json!({ "purse": purse, "closes_at": closes_at })
        }
        ClearingRefusal::NotThisShard { shard, .. } => json!({ "shard": shard }),
        ClearingRefusal::UnknownPurse { purse }
        | ClearingRefusal::PurseClosed { purse }
        | ClearingRefusal::PurseInDefault { purse } => json!({ "purse": purse }),
        ClearingRefusal::BeyondFunds { funds, .. }
        | ClearingRefusal::Overpromised { funds, .. } => json!({ "funds": funds }),
        _ => return problem,
    };
    problem.with(data)
}

/// The purse whose evidence belongs to the refusal.
const fn stopped(refusal: &ClearingRefusal) -> Option<PurseKey> {
    match refusal {
        ClearingRefusal::DoubleSpend { purse } | ClearingRefusal::PurseStopped { purse } => {
            Some(*purse)
        }
        _ => None,
    }
}

/// The two payments that stopped a purse: everybody can check them.
async fn evidence(app: &App, purse: PurseKey) -> Result<Value, StorageError> {
    let found = app.database.double_spend(purse).await?;
    Ok(found.map_or(Value::Null, |found| {
        json!({
            "purse": found.purse,
            "first": found.first,
            "second": found.second,
            "found_at": found.found_at,
        })
    }))
}

/// The same for many rows. What was cleared must be told even if evidence cannot be read at the moment.
async fn evidence_once(app: &App, purse: PurseKey, found: &mut HashMap<PurseKey, Value>) -> Value {
    if let Some(known) = found.get(&purse) {
        return known.clone();
    }
    let evidence = evidence(app, purse).await.unwrap_or_else(|error| {
        tracing::warn!(code = error.code(), %error, "evidence cannot be read at the moment");
        Value::Null
    });
    found.insert(purse, evidence.clone());
    evidence
}

#[cfg(test)]
mod tests {
    use offpay_protocol::{Amount, Domain, Timestamp, payment_rules::MalformedPayment};

    use super::*;

    /// Otherwise clients would see `internal` for it.
    #[test]
    fn each_refusal_has_its_code() {
        let (purse, amount) = (PurseKey::ZERO, Amount::ZERO);
        let refusals = [
            ClearingRefusal::ForeignDomain {
                signed: Box::new(Domain::new(1, [1; 20].into())),
            },
            ClearingRefusal::Malformed(MalformedPayment::NoPayee),
            ClearingRefusal::Malformed(MalformedPayment::NothingPaid),
            ClearingRefusal::Malformed(MalformedPayment::AmountAboveCumulative {
                amount,
                cumulative: amount,
            }),
            ClearingRefusal::Malformed(MalformedPayment::CumulativeAboveSerials {
                cumulative: amount,
                start: amount,
                amount,
            }),
            ClearingRefusal::Malformed(MalformedPayment::BeyondFunds {
                end: 1,
                funds: amount,
            }),
            ClearingRefusal::Signature(offpay_protocol::signature::SignatureError::Unrecoverable),
            ClearingRefusal::UnknownPurse { purse },
            ClearingRefusal::PurseClosed { purse },
            ClearingRefusal::PurseClosing {
                purse,
                closes_at: Timestamp::ZERO,
            },
            ClearingRefusal::PurseInDefault { purse },
            ClearingRefusal::PurseStopped { purse },
            ClearingRefusal::DoubleSpend { purse },
            ClearingRefusal::BeyondFunds {
                end: 1,
                funds: amount,
            },
            ClearingRefusal::Overpromised {
                promised: 1,
                funds: amount,
            },
            ClearingRefusal::TooManyPayments { purse, limit: 1 },
            ClearingRefusal::PurseMoving { purse },
            ClearingRefusal::NotThisShard {
                purse,
                shard: "b".to_owned(),
            },
            ClearingRefusal::Overloaded,
            ClearingRefusal::NotRecorded,
        ];
        for refusal in refusals {
            let problem = problem(&refusal, &Value::Null);
            assert_eq!(problem.code.name(), refusal.code());
            assert_eq!(problem.retryable, refusal.is_retryable(), "{refusal}");
        }
    }
}
