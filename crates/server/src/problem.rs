//! Errors as responses.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use offpay_api::{Code, Problem};
use offpay_chain::ChainError;
use offpay_operator::storage::StorageError;

/// A problem as a response. Handlers return `Result<_, Refused>` and use `?`.
#[derive(Debug)]
pub struct Refused(pub Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

/// The details go to the log: they can name files and hosts.
impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        tracing::error!(code = error.code(), %error, "storage failed");
        let code = if error.is_retryable() {
            Code::Unavailable
        } else {
            Code::Internal
        };
        Problem::new(
            code,
            "the database did not do it: try again, with the same idempotency key",
        )
        .into()
    }
}

impl From<ChainError> for Refused {
    fn from(error: ChainError) -> Self {
        tracing::warn!(code = error.code(), %error, "the chain did not answer");
        Problem::new(Code::NodeUnavailable, "the chain did not answer: try again").into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.0)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.0.retryable {
            let seconds = self.0.data["retry_after"].as_u64().unwrap_or(1);
            response
                .headers_mut()
                .entry(header::RETRY_AFTER)
                .or_insert(HeaderValue::from(seconds));
        }
        response
    }
}
