//! Guesses are counted before they are checked.

use offpay_api::{Code, Problem};
use offpay_operator::{
    UserId,
    identity::{Handle, guessing::Guess},
    storage::identity::GuessStorage as _,
};
use serde_json::json;

use crate::{App, problem::Refused};

/// What is guessed at.
pub(crate) enum Subject<'a> {
    /// The password of whoever has this handle, or nobody.
    Password(&'a Handle),
    /// A code of the second factor.
    SecondFactor(UserId),
    /// A recovery code of whoever has this handle, or nobody.
    Recovery(&'a Handle),
}

impl Subject<'_> {
    fn name(&self) -> String {
        match self {
            Self::Password(handle) => format!("password:{handle}"),
            Self::SecondFactor(user) => format!("second-factor:{user}"),
            Self::Recovery(handle) => format!("recovery:{handle}"),
        }
    }
}

/// Counts a guess, or refuses it unchecked.
pub(crate) async fn count(app: &App, subject: &Subject<'_>) -> Result<(), Refused> {
    match app.database.count_guess(&subject.name(), app.now()).await? {
        Guess::Check(_) => Ok(()),
        Guess::Wait { remaining } => Err(Problem::new(
            Code::TooManyGuesses,
            "too many wrong guesses: wait, or sign in with a passkey",
        )
        .with(json!({ "retry_after": remaining.get() }))
        .into()),
    }
}

/// The guess was right.
pub(crate) async fn forget(app: &App, subject: &Subject<'_>) -> Result<(), Refused> {
    Ok(app.database.forget_guesses(&subject.name()).await?)
}
