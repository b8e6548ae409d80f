//! How long a request may take.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use offpay_api::{Code, Problem};

use crate::{App, problem::Refused};

/// Ends a request that takes too long, be it that its body does not come. Streams of events have begun by then.
pub(super) async fn limit(app: &App, answer: impl Future<Output = Response>) -> Response {
    let limit = Duration::from_secs(app.config.http.request_timeout);
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) => Refused(Problem::new(
            Code::Unavailable,
            "it took too long: try again, with the same idempotency key",
        ))
        .into_response(),
    }
}
