//! New users.

use axum::http::HeaderMap;
use offpay_api::SecretText;
use offpay_operator::{
    UserId,
    identity::{Custody, Handle, Session, SignInMethod},
    storage::identity::{NewUser, Registered, UserStorage as _},
};
use offpay_protocol::AccountId;
use serde_json::json;
use uuid::Uuid;

use super::{events::told, password, recovery_codes, sessions};
use crate::{
    App,
    problem::Refused,
    vault::{KeyName, new_signing_key},
};

/// A user who was just registered, with what is shown once.
pub(crate) struct Fresh {
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
    pub(crate) session: Session,
    pub(crate) token: SecretText,
    pub(crate) recovery_codes: Vec<SecretText>,
}

/// Registers a hosted user; nothing if the handle is taken.
pub(crate) async fn register(
    app: &App,
    handle: &Handle,
    chosen: &SecretText,
    headers: &HeaderMap,
) -> Result<Option<Fresh>, Refused> {
    // Random, not of the time: the id becomes public in places where the moment of registration should not.
    let user = UserId(Uuid::new_v4());
    let hash = app.accounts.passwords.hash(chosen).await?;
    let (data_key, sealed) = app.vault.new_data_key(user).await?;
    let key = new_signing_key()?;
    let account = AccountId::new(key.address());
    let secrets = vec![
        data_key.seal(&KeyName::Account.purpose(), key.expose_secret())?,
        data_key.seal(password::PURPOSE, hash.as_bytes())?,
    ];
    let (codes, hashes) = recovery_codes::generate()?;
    let (token, session) =
        sessions::new_session(app, user, SignInMethod::Password, sessions::label(headers))?;
    let new = NewUser {
        id: user,
        handle: Some(handle.clone()),
        account,
        custody: Custody::Hosted,
        data_key: sealed,
        secrets,
        recovery_codes: hashes,
        session: Some(session.clone()),
    };
    let event = told(user, "account.registered", json!({ "account": account }));
    match app.database.register(&new, &[event], app.now()).await? {
        Registered::Taken => Ok(None),
        Registered::Yes => Ok(Some(Fresh {
            user,
            account,
            session: session.session,
            token,
            recovery_codes: codes,
        })),
    }
}
