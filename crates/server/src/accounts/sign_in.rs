//! Signing in with a password, and the second factor if it is on.

use offpay_api::{Code, Problem, SecretText};
use offpay_operator::{
    UserId,
    identity::{Handle, Session, User},
    storage::identity::UserStorage as _,
};
use zeroize::Zeroizing;

use super::{
    guesses::{self, Subject},
    password, second_factor,
};
use crate::{App, auth::Caller, problem::Refused};

/// One answer to a wrong handle, a wrong password, and a user without one.
pub(crate) fn refused() -> Refused {
    Problem::new(Code::SignInRefused, "handle or password is wrong").into()
}

/// The user whose handle and password these are, and whose code if they have a second factor.
pub(crate) async fn with_password(
    app: &App,
    handle: &str,
    password: &SecretText,
    code: Option<&SecretText>,
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
    if user.second_factor {
        let code = code.ok_or_else(|| {
            Problem::new(
                Code::SecondFactorRequired,
                "the password is right: send a code of the authenticator with it",
            )
        })?;
        second_factor::check(app, user.id, code).await?;
    }
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

/// Refuses a session that is not of the last ten minutes, for what changes how to sign in; and an access token.
pub(crate) fn require_fresh<'a>(app: &App, caller: &'a Caller) -> Result<&'a Session, Refused> {
    let session = caller.session()?;
    if session.is_fresh(app.now()) {
        Ok(session)
    } else {
        Err(Problem::new(
            Code::SignInAgain,
            "this needs a session of the last ten minutes: sign in again",
        )
        .into())
    }
}
