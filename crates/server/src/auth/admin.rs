//! The operator.

use axum::{extract::FromRequestParts, http::request::Parts};
use data_encoding::HEXLOWER_PERMISSIVE;
use offpay_api::{Code, Problem};
use offpay_operator::admin::NewAction;
use serde_json::Value;
use subtle::{Choice, ConstantTimeEq as _};

use super::bearer;
use crate::{
    App,
    accounts::secret::{self, TokenKind},
    http::RequestId,
    problem::Refused,
};

/// The operator, by a token whose hash is configured. Nothing that it opens can sign for a user or change how one
/// signs in.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Whose token it is.
    pub name: String,
    request: String,
}

impl Admin {
    /// Something that they do, to be stored with the change itself.
    pub(crate) fn does(
        &self,
        action: &'static str,
        subject: &(impl ToString + ?Sized),
        reason: &str,
        details: Value,
    ) -> NewAction {
        NewAction {
            actor: self.name.clone(),
            action,
            subject: subject.to_string(),
            reason: reason.trim().to_owned(),
            details,
            request: self.request.clone(),
        }
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let config = &app.config;
        let refused = |code, detail: &str| Err(Problem::new(code, detail).into());
        if config.admin.hashes(&config.accounts).next().is_none() {
            return refused(
                Code::NotFound,
                "this server has no admin API: its configuration names no token in [admin]",
            );
        }
        let token = bearer(&parts.headers);
        let sent = token.map(|token| secret::hash(token).0).unwrap_or_default();
        // Every hash is compared, and each in whole: how long it takes tells nothing.
        let mut name = "";
        for (owner, hex) in config.admin.hashes(&config.accounts) {
            let hash = HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes());
            let same: Choice = hash.unwrap_or_default().as_slice().ct_eq(&sent);
            if bool::from(same) {
                name = owner;
            }
        }
        if token.is_none() || name.is_empty() {
            return if token.and_then(TokenKind::of).is_some() {
                refused(Code::Forbidden, "no user's token opens this")
            } else {
                refused(Code::Unauthorized, "this is for the operator alone")
            };
        }
        let id = parts.extensions.get::<RequestId>();
        Ok(Self {
            name: name.to_owned(),
            request: id
                .and_then(|id| id.0.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
        })
    }
}
