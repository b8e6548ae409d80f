//! Payments are cleared by the shards of their purses, and answered in the order in which they were handed in.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use futures_util::future::join_all;
use offpay_api::{
    Code, Problem,
    payments::{ClearedPayment, ClearedPayments, ClearingResult},
};
use offpay_operator::{slots::Slot, storage::clearing::StoredPayment};

use super::{Known, forward::mark, forward::unanswered};
use crate::{
    App,
    clearing::{RowOutcome, RowRefusal, WhenFull},
    problem::Refused,
    routes::payments::{cleared_result, results},
};

/// How often payments are followed to where their slots were moved.
const MOST_TURNS: usize = 4;
/// The most bytes of payments that one request hands on; a payment has about 600.
const MOST_BYTES: usize = 1_000_000;

/// A payment that has no answer yet.
struct Waiting {
    place: usize,
    stored: StoredPayment,
    row: Bytes,
}

/// Clears one payment, wherever its purse is.
pub(crate) async fn clear_one(
    app: &App,
    row: Bytes,
    from_server: bool,
) -> Result<ClearedPayment, Refused> {
    let results = clear_rows(app, vec![row], WhenFull::Refuse, from_server).await;
    match results.into_iter().next() {
        Some(ClearingResult::Cleared(cleared)) => Ok(*cleared),
        Some(ClearingResult::Problem(problem)) => Err((*problem).into()),
        None => Err(Problem::new(Code::Internal, "no answer for a payment").into()),
    }
}

/// Clears payments, wherever their purses are. From another server, only those that are here.
pub(crate) async fn clear_rows(
    app: &App,
    rows: Vec<Bytes>,
    when_full: WhenFull,
    from_server: bool,
) -> Vec<ClearingResult> {
    let Some(known) = app.shards.known.as_ref().filter(|_| !from_server) else {
        let outcomes = app.clearing.clear_all(rows, when_full).await;
        return results(app, outcomes).await;
    };
    let mut answers: Vec<Option<ClearingResult>> = rows.iter().map(|_| None).collect();
    let mut waiting = Vec::new();
    match app.clearing.check_rows(rows.clone()).await {
        None => return rows.iter().map(|_| not_recorded()).collect(),
        Some(checked) => {
            for (place, (row, checked)) in rows.into_iter().zip(checked).enumerate() {
                match checked {
                    Ok(stored) => waiting.push(Waiting { place, stored, row }),
                    Err(refusal) => put(&mut answers, place, told(app, Err(refusal)).await),
                }
            }
        }
    }
    for _ in 0..MOST_TURNS {
        if waiting.is_empty() {
            break;
        }
        waiting = turn(app, known, waiting, when_full, &mut answers).await;
    }
    answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(moving))
        .collect()
}

/// Hands each on to where its slot is known to be; those come back whose slot is elsewhere.
async fn turn(
    app: &App,
    known: &Known,
    waiting: Vec<Waiting>,
    when_full: WhenFull,
    answers: &mut [Option<ClearingResult>],
) -> Vec<Waiting> {
    let map = app.shards.slots.current();
    let mut here = Vec::new();
    let mut away: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
    for one in waiting {
        match known.elsewhere(&map, Slot::of(one.stored.purse)) {
            Some(shard) => away.entry(shard).or_default().push(one),
            None => here.push(one),
        }
    }
    let own = async {
        if here.is_empty() {
            return Vec::new();
        }
        let payments = here.iter().map(|one| one.stored).collect();
        let outcomes = app.clearing.clear_checked(payments, when_full).await;
        let outcomes = outcomes
            .into_iter()
            .map(|outcome| outcome.map_err(RowRefusal::Refused));
        results(app, outcomes.collect()).await
    };
    let requests = away
        .iter()
        .flat_map(|(shard, some)| cut(some).map(move |some| (shard, some)));
    let others = requests.map(|(shard, some)| hand_on(known, shard, some));
    let (own, others) = tokio::join!(own, join_all(others));
    let all: Vec<Waiting> = here
        .into_iter()
        .chain(away.into_values().flatten())
        .collect();
    let results = own.into_iter().chain(others.into_iter().flatten());
    let mut again = Vec::new();
    for (one, result) in all.into_iter().zip(results) {
        match elsewhere(&result) {
            Some(shard) => {
                known.learn(Slot::of(one.stored.purse), shard);
                again.push(one);
            }
            None => put(answers, one.place, result),
        }
    }
    if !again.is_empty()
        && let Err(error) = app.shards.slots.refresh(&app.database).await
    {
        tracing::warn!(code = error.code(), %error, "the slot map cannot be read");
    }
    again
}

/// Parts that fit into one request.
fn cut(waiting: &[Waiting]) -> impl Iterator<Item = &[Waiting]> {
    let mut rest = waiting;
    std::iter::from_fn(move || {
        let (mut bytes, mut count) = (0_usize, 0_usize);
        for one in rest.iter().take(crate::clearing::MOST_TOGETHER) {
            bytes = bytes.saturating_add(one.row.len());
            if count > 0 && bytes > MOST_BYTES {
                break;
            }
            count = count.saturating_add(1);
        }
        let (part, after) = rest.split_at(count);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// What another shard answers, one for each.
async fn hand_on(known: &Known, shard: &str, payments: &[Waiting]) -> Vec<ClearingResult> {
    let mut body = Vec::from(&b"{\"payments\":["[..]);
    for (place, one) in payments.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&one.row);
    }
    body.extend_from_slice(b"]}");
    let body = Bytes::from(body);
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    mark(known, &mut headers);
    let answer = known
        .peers
        .ask(shard, "/v1/payments/batch", |client, url| {
            client
                .post(url)
                .headers(headers.clone())
                .body(Bytes::clone(&body))
        })
        .await;
    let read = async {
        let response = answer.ok()?;
        let bytes = tokio::time::timeout(known.peers.patience, response.bytes()).await;
        let told: ClearedPayments = serde_json::from_slice(&bytes.ok()?.ok()?).ok()?;
        (told.results.len() == payments.len()).then_some(told.results)
    };
    let count = u64::try_from(payments.len()).unwrap_or(u64::MAX);
    metrics::counter!("offpay_shard_payments_forwarded_total", "shard" => shard.to_owned())
        .increment(count);
    match read.await {
        Some(results) => results,
        // They may be recorded there: handing them in again tells.
        None => payments
            .iter()
            .map(|_| ClearingResult::Problem(Box::new(unanswered(shard))))
            .collect(),
    }
}

/// The shard that an answer says has the purse.
fn elsewhere(result: &ClearingResult) -> Option<&str> {
    match result {
        ClearingResult::Problem(problem) if problem.code == Code::NotThisShard => {
            problem.data["shard"].as_str()
        }
        _ => None,
    }
}

fn put(answers: &mut [Option<ClearingResult>], place: usize, result: ClearingResult) {
    if let Some(answer) = answers.get_mut(place) {
        *answer = Some(result);
    }
}

async fn told(app: &App, outcome: RowOutcome) -> ClearingResult {
    let mut found = std::collections::HashMap::new();
    cleared_result(app, outcome, &mut found).await
}

fn not_recorded() -> ClearingResult {
    let detail = "the payment could not be recorded: try again";
    ClearingResult::Problem(Box::new(Problem::new(Code::NotRecorded, detail)))
}

fn moving() -> ClearingResult {
    let detail = "the purse is being moved to another database: try again in a moment";
    ClearingResult::Problem(Box::new(Problem::new(Code::PurseMoving, detail)))
}
