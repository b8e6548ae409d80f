//! Who calls.

use axum::{extract::FromRequestParts, http::request::Parts};
use offpay_api::{Code, Problem};
use offpay_operator::UserId;

use crate::{App, problem::Refused};

/// A hosted user who is signed in, by a session or by an access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(_parts: &mut Parts, _app: &App) -> Result<Self, Refused> {
        Err(Problem::new(Code::Unauthorized, "no session or access token was sent").into())
    }
}
