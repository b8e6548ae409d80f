//! Signing in with a password, and the second factor if it is on.

use offpay_api::{Code, Problem, SecretText};
use offpay_operator::{
    UserId,
    identity::{Handle, User},
    storage::identity::UserStorage as _,
};
use zeroize::Zeroizing;

use super::{
    guesses::{self, Subject},
    password,
};
use crate::{App, problem::Refused};

/// One answer to a wrong handle, a wrong password, and a user without one.
pub(crate) fn refused() -> Refused {
    Problem::new(Code::SignInRefused, "handle or password is wrong").into()
}

/// The user whose handle and password these are, and whose code if they have a second factor.
pub(crate) async fn with_password(
    app: &App,
    handle: &str,
    password: &SecretText,
    _code: Option<&SecretText>,
) -> Result<User, Refused> {
    let Ok(handle) = handle.parse::<Handle>() else {
        return Err(refused());
    };
    let subject = Subject::Password(&handle);
    guesses::count(app, &subject).await?;
    let user = app.database.user_by_handle(&handle).await?;
    if !check_password(app, user.as_ref().map(|user| user.id), password).await? {
        return Err(refused());
    }
    let user = user.ok_or_else(refused)?;
    guesses::forget(app, &subject).await?;
    Ok(user)
}

/// Whether it is the user's password. Takes as long for nobody.
pub(crate) async fn check_password(
    app: &App,
    user: Option<UserId>,
    typed: &SecretText,
) -> Result<bool, Refused> {
    let hash = match user {
        Some(user) => app.vault.open(user, password::PURPOSE).await?,
        None => None,
    };
    let hash = hash
        .as_deref()
        .and_then(|hash| std::str::from_utf8(hash).ok())
        .map(|hash| Zeroizing::new(hash.to_owned()));
    Ok(app.accounts.passwords.verify(typed, hash).await?)
}
