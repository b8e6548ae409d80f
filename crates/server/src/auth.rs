//! Who calls.

mod admin;
mod cookie;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use offpay_api::{Code, Problem};
use offpay_operator::{
    UserId,
    identity::{AccessTokenId, Custody, Scope, Scopes, Session, User, session::Standing},
    storage::identity::{SessionStorage as _, Spent, TokenStorage as _},
};
use offpay_protocol::{AccountId, Amount};
use serde_json::json;

use crate::{
    App,
    accounts::secret::{self, TokenKind},
    http::IdempotencyKey,
    problem::Refused,
};
pub use admin::Admin;
pub(crate) use cookie::{end_cookie, session_cookie};

/// A user who is signed in, by a session or by an access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// Their account in the contract.
    pub account: AccountId,
    /// Who holds the account's key.
    pub custody: Custody,
    /// The operator froze them.
    pub frozen: bool,
    /// The name of what they ask for, if they sent an idempotency key with it.
    pub once: Option<IdempotencyKey>,
    via: Via,
}

#[derive(Clone, Debug)]
enum Via {
    Session(Session),
    Token { id: AccessTokenId, scopes: Scopes },
}

impl Caller {
    /// Refuses a caller whose token does not allow this, and one who is frozen if it is more than looking.
    ///
    /// # Errors
    ///
    /// [`Code::ScopeMissing`] and [`Code::AccountFrozen`].
    pub fn require(&self, scope: Scope) -> Result<(), Refused> {
        self.look(scope)?;
        if self.frozen && scope != Scope::Read {
            return Err(Problem::new(
                Code::AccountFrozen,
                "the operator froze this account: ask them why",
            )
            .into());
        }
        Ok(())
    }

    /// Refuses a caller whose token does not allow this. For what only looks, which who is frozen may, too.
    ///
    /// # Errors
    ///
    /// [`Code::ScopeMissing`].
    pub fn look(&self, scope: Scope) -> Result<(), Refused> {
        if let Via::Token { scopes, .. } = &self.via
            && !scopes.contains(scope)
        {
            let name = scope.name();
            return Err(Problem::new(
                Code::ScopeMissing,
                format!("the access token needs the scope {name}"),
            )
            .with(json!({ "scope": name }))
            .into());
        }
        Ok(())
    }

    /// Refuses a caller with an access token: what no token ever allows.
    ///
    /// # Errors
    ///
    /// [`Code::Forbidden`].
    pub fn session(&self) -> Result<&Session, Refused> {
        match &self.via {
            Via::Session(session) => Ok(session),
            Via::Token { .. } => {
                Err(Problem::new(Code::Forbidden, "no access token allows this: sign in").into())
            }
        }
    }

    /// Takes an amount from the budget of the caller's token, once for the same `work` however often it is asked.
    /// A session has no budget. To be called before the money moves; [`Self::give_back`] if it certainly did not.
    ///
    /// # Errors
    ///
    /// [`Code::BudgetExceeded`], [`Code::Unauthorized`] if the token was revoked meanwhile.
    pub async fn spend(&self, app: &App, work: &str, amount: Amount) -> Result<(), Refused> {
        let Via::Token { id, .. } = self.via else {
            return Ok(());
        };
        match app
            .database
            .spend_budget(id, work, amount, app.now())
            .await?
        {
            Spent::Yes { .. } => Ok(()),
            Spent::Exceeded { remaining } => Err(Problem::new(
                Code::BudgetExceeded,
                "this is more than is left of the access token's budget",
            )
            .with(json!({ "remaining": remaining }))
            .into()),
            Spent::Over => Err(unauthorized()),
            Spent::Mismatch => Err(Problem::new(
                Code::IdempotencyMismatch,
                "the same work was to cost another amount before",
            )
            .into()),
        }
    }

    /// Gives back what `work` took from the budget.
    ///
    /// # Errors
    ///
    /// If the database does not do it.
    pub async fn give_back(&self, app: &App, work: &str) -> Result<(), Refused> {
        if let Via::Token { id, .. } = self.via {
            app.database.release_budget(id, work).await?;
        }
        Ok(())
    }

    fn new(user: &User, via: Via, parts: &Parts) -> Self {
        Self {
            user: user.id,
            account: user.account,
            custody: user.custody,
            frozen: user.frozen_at.is_some(),
            once: parts.extensions.get().copied(),
            via,
        }
    }
}

fn unauthorized() -> Refused {
    Problem::new(
        Code::Unauthorized,
        "no session or access token was sent, or it is over",
    )
    .into()
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let token = match bearer(&parts.headers) {
            Some(token) => token,
            None => from_cookie(parts, app)?,
        };
        let hash = secret::hash(token);
        let now = app.now();
        match TokenKind::of(token) {
            Some(TokenKind::Session) => {
                let found = app.database.session(&hash).await?;
                let (session, user) = found.ok_or_else(unauthorized)?;
                match session.standing(app.accounts.lifetimes, now) {
                    Standing::Over => return Err(unauthorized()),
                    Standing::Good { touch: false } => {}
                    Standing::Good { touch: true } => {
                        app.database.touch_session(session.id, now).await?;
                    }
                }
                Ok(Self::new(&user, Via::Session(session), parts))
            }
            Some(TokenKind::Access) => {
                let found = app.database.access_token(&hash).await?;
                let (token, user) = found
                    .filter(|(token, _)| now < token.expires_at)
                    .ok_or_else(unauthorized)?;
                let via = Via::Token {
                    id: token.id,
                    scopes: token.scopes,
                };
                Ok(Self::new(&user, via, parts))
            }
            Some(TokenKind::Recovery) | None => Err(unauthorized()),
        }
    }
}

/// What stands after `Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session in the cookie. Browsers send it by themselves, so what changes anything has to come from a page of ours.
fn from_cookie<'a>(parts: &'a Parts, app: &App) -> Result<&'a str, Refused> {
    let token = cookie::token(&parts.headers).ok_or_else(unauthorized)?;
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || cookie::is_from_our_page(&parts.headers, &app.config.http.origin()) {
        Ok(token)
    } else {
        Err(Problem::new(
            Code::Forbidden,
            "a session in a cookie changes things from this server's own pages alone",
        )
        .into())
    }
}
