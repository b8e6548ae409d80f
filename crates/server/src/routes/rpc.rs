//! `POST /v1/rpc`: the node, for wallets in browsers. They need one origin only, and the node's address and key stay here.

mod allowed;

use axum::{Json, body::Bytes, extract::State, response::IntoResponse as _, response::Response};
use futures_util::{StreamExt as _, stream};
use offpay_api::{Code, Problem};
use offpay_chain::Forwarded;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, http::CallerAddress, problem::Refused};
use allowed::{Allowed, Denied};

/// Where it is.
pub(super) const PATH: &str = "/v1/rpc";

/// The largest body: a transaction of a wallet has a few kilobytes.
const BODY: usize = 64 * 1024;

/// The most questions at once.
const MOST: usize = 50;

/// How many of them the node is asked at the same time.
const AT_ONCE: usize = 8;

/// JSON-RPC's numbers for errors.
const INVALID_REQUEST: i64 = -32_600;
const NO_SUCH_METHOD: i64 = -32_601;
const INVALID_PARAMETERS: i64 = -32_602;
const NO_NODE: i64 = -32_603;

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(rpc))
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    jsonrpc: String,
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Vec<Value>,
}

#[derive(Serialize)]
struct Answer {
    jsonrpc: &'static str,
    id: Value,
    #[serde(flatten)]
    said: Said,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Result(Box<RawValue>),
    Error {
        code: i64,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<Box<RawValue>>,
    },
}

impl Said {
    fn error(code: i64, message: impl Into<String>) -> Self {
        Self::Error {
            code,
            message: message.into(),
            data: None,
        }
    }
}

/// Asks the server's node: JSON-RPC 2.0, one question or up to 50.
///
/// Only what wallets need is answered: blocks, balances, nonces, gas, receipts, calls and proofs of the OffPay contract and
/// its token, and sending a signed transaction. What a node says is not believed: wallets check proofs.
#[utoipa::path(
    post, path = "/v1/rpc", tag = "web", request_body = Object,
    responses(
        (status = 200, description = "The answers, in the order of the questions; an error of JSON-RPC for what is not allowed", body = Object),
        (status = 400, description = "The body is no JSON-RPC, or has too many questions", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 429, description = "Too many questions", body = Problem),
    ),
)]
async fn rpc(
    State(app): State<App>,
    from: CallerAddress,
    body: Bytes,
) -> Result<Response, Refused> {
    if body.len() > BODY {
        let detail = format!("a body of questions has at most {BODY} bytes");
        return Err(Problem::new(Code::TooLarge, detail).into());
    }
    let asked: Value = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(
            Code::InvalidRequest,
            format!("the body is no JSON: {error}"),
        )
    })?;
    let (questions, is_one) = match asked {
        Value::Array(questions) => (questions, false),
        one => (vec![one], true),
    };
    if !(1..=MOST).contains(&questions.len()) {
        let detail = format!(
            "{} questions at once: 1 to {MOST} are answered",
            questions.len()
        );
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let count = u32::try_from(questions.len()).unwrap_or(u32::MAX);
    let per_minute = app.config.web.questions_per_minute;
    app.limits.ask(from, per_minute, count)?;
    let mut answers: Vec<Answer> = stream::iter(questions)
        .map(|question| answer(&app, question))
        .buffered(AT_ONCE)
        .collect()
        .await;
    match answers.pop() {
        Some(only) if is_one => Ok(Json(only).into_response()),
        last => {
            answers.extend(last);
            Ok(Json(answers).into_response())
        }
    }
}

async fn answer(app: &App, question: Value) -> Answer {
    let id = question.get("id").cloned().unwrap_or_default();
    let said = match serde_json::from_value::<Question>(question) {
        Ok(Question { jsonrpc, id, .. }) if jsonrpc != "2.0" || !is_id(&id) => Said::error(
            INVALID_REQUEST,
            "has to have \"jsonrpc\": \"2.0\" and an id",
        ),
        Ok(question) => ask(app, &question.method, question.params).await,
        Err(error) => Said::error(INVALID_REQUEST, format!("no question: {error}")),
    };
    Answer {
        jsonrpc: "2.0",
        id: if is_id(&id) { id } else { Value::Null },
        said,
    }
}

/// Without an id nobody wants the answer.
fn is_id(id: &Value) -> bool {
    id.is_number() || id.as_str().is_some_and(|id| id.len() <= 64)
}

async fn ask(app: &App, method: &str, parameters: Vec<Value>) -> Said {
    let known = [app.contract.address(), app.contract.configuration().token];
    let Allowed { method, parameters } = match Allowed::check(method, parameters, &known) {
        Ok(allowed) => allowed,
        Err(Denied::Method) => {
            let message = format!(
                "{method} is not answered here; what is: {}",
                allowed::names()
            );
            return Said::error(
                NO_SUCH_METHOD,
                message.chars().take(1_000).collect::<String>(),
            );
        }
        Err(Denied::Parameters(why)) => return Said::error(INVALID_PARAMETERS, why),
    };
    match app.contract.node().forward(method, parameters).await {
        Ok(Forwarded::Result(result)) => Said::Result(result),
        Ok(Forwarded::Refused {
            code,
            message,
            data,
        }) => Said::Error {
            code,
            message,
            data,
        },
        Err(error) => {
            tracing::warn!(code = error.code(), %error, "the node did not answer a wallet");
            Said::error(NO_NODE, "the node does not answer: try again")
        }
    }
}
