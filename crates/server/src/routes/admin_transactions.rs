//! `GET /v1/admin/transactions`, `POST /v1/admin/transactions/{number}/retry`,
//! `POST /v1/admin/transactions/{number}/abandon`, `POST /v1/admin/transactions/{number}/cancel`

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use offpay_api::{
    Code, Problem,
    admin_transactions::{ListedTransactionView, Reason, TransactionRetried, TransactionsQuery},
    page::{MOST, Page},
};
use offpay_operator::{
    admin::{Abandoned, Cancelled, ListedTransaction, NotRetried, Retried, TransactionFilter},
    event::{Audience, NewEvent},
    storage::AdminStorage as _,
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{admin_accounts::reason, named, next};
use crate::{App, auth::Admin, config::outbox::seconds, problem::Refused};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(transactions))
        .routes(routes!(retry))
        .routes(routes!(abandon))
        .routes(routes!(cancel))
}

/// What the operator sends, newest first: what is stuck, waits or failed.
#[utoipa::path(
    get, path = "/v1/admin/transactions", tag = "admin", params(TransactionsQuery),
    responses(
        (status = 200, description = "Transactions", body = Page<ListedTransactionView>),
        (status = 400, description = "There is no such state", body = Problem),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
    ),
)]
async fn transactions(
    State(app): State<App>,
    _: Admin,
    Query(query): Query<TransactionsQuery>,
) -> Result<Json<Page<ListedTransactionView>>, Refused> {
    let limit = query.limit.unwrap_or(50).clamp(1, MOST);
    let before = match &query.cursor {
        Some(cursor) => named(cursor, "transaction")?,
        None => i64::MAX,
    };
    let stuck = app.now().saturating_sub(seconds(app.config.outbox.stuck_s));
    let filter = match query.state.as_deref() {
        None | Some("stuck") => TransactionFilter::Stuck(stuck),
        Some("waiting") => TransactionFilter::Waiting,
        Some("failed") => TransactionFilter::Failed,
        Some("all") => TransactionFilter::All,
        Some(_) => {
            let detail = "state is stuck, waiting, failed or all";
            return Err(Problem::new(Code::InvalidRequest, detail).into());
        }
    };
    let found = app
        .database
        .list_transactions(filter, before, limit)
        .await?;
    Ok(Json(Page {
        next: next(&found, limit, |last| last.transaction.number.to_string()),
        items: found.into_iter().map(view).collect(),
    }))
}

fn view(listed: ListedTransaction) -> ListedTransactionView {
    let transaction = listed.transaction;
    ListedTransactionView {
        number: transaction.number.to_string(),
        work: transaction.work,
        purpose: transaction.purpose.name().to_owned(),
        state: transaction.state.name().to_owned(),
        failure: transaction.failure,
        created_at: transaction.created_at,
        deadline: transaction.deadline,
        nonce: listed.nonce,
        attempts: listed.attempts,
        fee: listed.fee.map(|fee| fee.to_string()),
        sent_at: listed.sent_at,
    }
}

/// Try a transaction again. Never does work twice: what was signed is sent as it is, and what reverted gets a new number
/// only when its block is final.
#[utoipa::path(
    post, path = "/v1/admin/transactions/{number}/retry", tag = "admin", request_body = Reason,
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 200, description = "It is tried again", body = TransactionRetried),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "There is none with this number", body = Problem),
        (status = 409, description = "It is done, or somebody else has to begin it anew", body = Problem),
    ),
)]
async fn retry(
    State(app): State<App>,
    admin: Admin,
    Path(number): Path<String>,
    Json(request): Json<Reason>,
) -> Result<Json<TransactionRetried>, Refused> {
    let number = transaction(&number)?;
    let why = reason(&request.reason)?;
    let action = admin.does("transaction.retry", &number, why, json!({}));
    let retried = app
        .database
        .retry_transaction(number, &action, app.now())
        .await?;
    let (outcome, follow) = match retried {
        Retried::Queued => ("queued", number),
        Retried::SentAgain => ("sent_again", number),
        Retried::Requeued => ("requeued", number),
        Retried::PutInAgain(new) => ("put_in_again", new),
        Retried::No(why) => return Err(not_retried(why).into()),
    };
    app.outbox.wake();
    Ok(Json(TransactionRetried {
        outcome: outcome.to_owned(),
        number: follow.to_string(),
    }))
}

fn not_retried(why: NotRetried) -> Problem {
    let detail = match why {
        NotRetried::Unknown => return none(),
        NotRetried::Done => "it is in a block, and did what it should".to_owned(),
        NotRetried::PlannedBySettlement => {
            "what is not settled or claimed is planned anew by itself: see /v1/admin/at-risk"
                .to_owned()
        }
        NotRetried::PutInSince(number) => format!("the same work was put in since, as {number}"),
        NotRetried::NotFinal => {
            "the block in which it reverted is not final: try again in a while".to_owned()
        }
        NotRetried::SignedByUser => {
            "a user signed it, and it is over: only they can ask for it again".to_owned()
        }
    };
    Problem::new(Code::NotPossible, detail)
}

/// Give a transaction up that was never signed: it is not sent, and whoever waits for it is told that it failed.
/// Settlement plans its debts anew.
#[utoipa::path(
    post, path = "/v1/admin/transactions/{number}/abandon", tag = "admin", request_body = Reason,
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 204, description = "It will not be sent"),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "There is none with this number", body = Problem),
        (status = 409, description = "It was signed, or is over", body = Problem),
    ),
)]
async fn abandon(
    State(app): State<App>,
    admin: Admin,
    Path(number): Path<String>,
    Json(request): Json<Reason>,
) -> Result<StatusCode, Refused> {
    let number = transaction(&number)?;
    let why = reason(&request.reason)?;
    let action = admin.does("transaction.abandon", &number, why, json!({}));
    let event = NewEvent {
        audience: Audience::Operator,
        kind: "transaction.failed",
        body: json!({ "transaction": number.to_string(), "failure": "abandoned" }),
    };
    let detail = match app
        .database
        .abandon_transaction(number, &[event], &action, app.now())
        .await?
    {
        Abandoned::Yes => return Ok(StatusCode::NO_CONTENT),
        Abandoned::Unknown => return Err(none().into()),
        Abandoned::Signed(nonce) => format!(
            "it was signed with nonce {nonce}: whoever saw it can still bring it into a block, so it cannot be taken \
             back. It is offered more gas by itself, up to outbox.fee_cap_gwei; to have its nonce used for nothing instead, \
             cancel it"
        ),
        Abandoned::Over => "it is over already".to_owned(),
    };
    Err(Problem::new(Code::NotPossible, detail).into())
}

/// Have a transaction that was signed, and that is in no block, replaced by one that does nothing with the same nonce. The
/// chain takes one of the two: if it takes this one, the transaction has failed (`cancelled`) and its work may be planned
/// anew; if it takes the other, the work is done.
#[utoipa::path(
    post, path = "/v1/admin/transactions/{number}/cancel", tag = "admin", request_body = Reason,
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 204, description = "It is replaced: see its state"),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "There is none with this number", body = Problem),
        (status = 409, description = "It was never signed, or is in a block", body = Problem),
    ),
)]
async fn cancel(
    State(app): State<App>,
    admin: Admin,
    Path(number): Path<String>,
    Json(request): Json<Reason>,
) -> Result<StatusCode, Refused> {
    let number = transaction(&number)?;
    let why = reason(&request.reason)?;
    let action = admin.does("transaction.cancel", &number, why, json!({}));
    let detail = match app
        .database
        .cancel_transaction(number, &action, app.now())
        .await?
    {
        Cancelled::Yes(_) => {
            app.outbox.wake();
            return Ok(StatusCode::NO_CONTENT);
        }
        Cancelled::Unknown => return Err(none().into()),
        Cancelled::NotSigned => "it was never signed: abandon it, which costs nothing",
        Cancelled::Over => "it is in a block, or over already: there is nothing to replace",
    };
    Err(Problem::new(Code::NotPossible, detail).into())
}

fn transaction(number: &str) -> Result<i64, Refused> {
    number.parse().map_err(|_| none().into())
}

fn none() -> Problem {
    Problem::new(Code::NotFound, "there is no transaction with this number")
}
