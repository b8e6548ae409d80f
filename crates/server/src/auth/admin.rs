//! The operator.

use axum::{extract::FromRequestParts, http::request::Parts};
use data_encoding::HEXLOWER_PERMISSIVE;
use offpay_api::{Code, Problem};
use subtle::ConstantTimeEq as _;

use super::bearer;
use crate::{App, accounts::secret, problem::Refused};

/// The operator, by the token whose hash is configured. Nothing that it opens can sign for a user or change how one
/// signs in.
#[derive(Clone, Copy, Debug)]
pub struct Admin(());

impl FromRequestParts<App> for Admin {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let expected = app
            .config
            .accounts
            .admin_token_sha256
            .as_deref()
            .and_then(|hex| HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes()).ok());
        let sent = bearer(&parts.headers).map(|token| secret::hash(token).0);
        match (expected, sent) {
            (Some(expected), Some(sent)) if bool::from(expected.as_slice().ct_eq(&sent)) => {
                Ok(Self(()))
            }
            _ => Err(Problem::new(Code::Unauthorized, "this is for the operator alone").into()),
        }
    }
}
