//! Opening sessions.

use axum::http::{HeaderMap, header};
use offpay_api::{SecretText, sessions::RecoveryNotice};
use offpay_operator::{
    UserId,
    identity::{Session, SessionId, SignInMethod, User},
    storage::identity::{NewSession, RecoveryStorage as _, SessionStorage as _},
};
use serde_json::json;
use uuid::Uuid;

use super::{events::told, secret::TokenKind};
use crate::{App, problem::Refused, vault::VaultError};

/// A session that can be opened, and its token. Whoever signs in gets a new one, whatever they sent along: nobody can
/// be led into a session that another one knows.
pub(crate) fn new_session(
    app: &App,
    user: UserId,
    method: SignInMethod,
    label: String,
) -> Result<(SecretText, NewSession), VaultError> {
    let now = app.now();
    let (token, hash) = TokenKind::Session.generate()?;
    let session = Session {
        id: SessionId(Uuid::now_v7()),
        user,
        method,
        label,
        created_at: now,
        last_seen_at: now,
        expires_at: now.saturating_add(app.accounts.lifetimes.total),
    };
    Ok((
        token,
        NewSession {
            session,
            token: hash,
        },
    ))
}

/// Opens a session for a user who proved who they are.
pub(crate) async fn open(
    app: &App,
    user: &User,
    method: SignInMethod,
    headers: &HeaderMap,
) -> Result<(SecretText, Session), Refused> {
    let (token, new) = new_session(app, user.id, method, label(headers))?;
    let event = told(
        user.id,
        "account.signed_in",
        json!({ "session": new.session.id, "method": method, "label": new.session.label }),
    );
    app.database.open_session(&new, &[event], app.now()).await?;
    Ok((token, new.session))
}

/// The user's recovery that is under way: they are told wherever they look.
pub(crate) async fn recovery_notice(
    app: &App,
    user: UserId,
) -> Result<Option<RecoveryNotice>, Refused> {
    let recovery = app.database.recovery_of(user, app.now()).await?;
    Ok(recovery.map(|recovery| RecoveryNotice {
        began_at: recovery.began_at,
        ready_at: recovery.ready_at,
    }))
}

/// What the program that signs in calls itself, cut short.
pub(crate) fn label(headers: &HeaderMap) -> String {
    headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect()
}
