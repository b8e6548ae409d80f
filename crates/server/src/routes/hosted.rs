//! What the endpoints of hosted money have in common.

use std::str::FromStr;

use axum::{Json, http::StatusCode};
use offpay_api::{Code, Problem, operations::OperationView};
use offpay_operator::hosted::Operation;

pub(super) use crate::money::{hosted, manage, may_manage};
use crate::{money, problem::Refused};

/// Reads a name out of a path or query.
pub(super) fn named<T: FromStr>(text: &str, what: &str) -> Result<T, Refused> {
    text.parse().map_err(|_| {
        let detail = format!("that names no {what}");
        Problem::new(Code::InvalidRequest, detail).into()
    })
}

/// Where the next page begins, if this one is full.
pub(super) fn next<T>(page: &[T], limit: u32, cursor: impl Fn(&T) -> String) -> Option<String> {
    let full = u32::try_from(page.len()).is_ok_and(|length| length >= limit);
    page.last().filter(|_| full).map(cursor)
}

/// The answer to what began: accepted, not done.
pub(super) struct Started<'a>(pub(super) &'a Operation);

impl From<Started<'_>> for (StatusCode, Json<OperationView>) {
    fn from(started: Started<'_>) -> Self {
        (StatusCode::ACCEPTED, Json(money::operation_view(started.0)))
    }
}
