//! The second factor: codes of an authenticator (TOTP, RFC 6238).

use data_encoding::BASE32_NOPAD;
use offpay_api::{Code, Problem, SecretText, me::SecondFactorSecret};
use offpay_operator::{
    UserId,
    identity::User,
    storage::identity::{SecretStorage as _, UserStorage as _},
};
use serde_json::json;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::{
    events::told,
    guesses::{self, Subject},
};
use crate::{App, problem::Refused, vault::VaultError};

/// Under what name the secret is in the vault. Recovering an account removes it.
pub(crate) const PURPOSE: &str = "second-factor";

fn refused() -> Refused {
    Problem::new(
        Code::SignInRefused,
        "the code is wrong, or was used already",
    )
    .into()
}

/// Six digits, every 30 seconds, one step early or late: what every authenticator does.
fn totp(secret: &[u8]) -> Result<Totp, VaultError> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(secret.to_vec())
        .build()
        .map_err(|_| VaultError::Altered)
}

/// Makes a secret, in place of one that was never confirmed.
pub(crate) async fn begin(app: &App, user: &User) -> Result<SecondFactorSecret, Refused> {
    if user.second_factor {
        return Err(Problem::new(Code::Forbidden, "it is on: turn it off first").into());
    }
    let mut secret = Zeroizing::new([0u8; 20]);
    getrandom::fill(secret.as_mut_slice()).map_err(|_| VaultError::Entropy)?;
    let sealed = app.vault.seal(user.id, PURPOSE, secret.as_slice()).await?;
    app.database
        .replace_secret(user.id, &sealed, &[], app.now())
        .await?;
    let text = Zeroizing::new(BASE32_NOPAD.encode(secret.as_slice()));
    let name = user
        .handle
        .as_ref()
        .map_or("wallet", |handle| handle.as_str());
    Ok(SecondFactorSecret {
        link: SecretText::new(format!(
            "otpauth://totp/OffPay:{name}?secret={}&issuer=OffPay&algorithm=SHA1&digits=6&period=30",
            *text
        )),
        secret: SecretText::new(text.as_str()),
    })
}

/// Turns it on, with a first code.
pub(crate) async fn confirm(app: &App, user: UserId, code: &SecretText) -> Result<(), Refused> {
    check(app, user, code).await?;
    let event = told(user, "account.second_factor_on", json!({}));
    Ok(app
        .database
        .set_second_factor(user, true, &[event], app.now())
        .await?)
}

/// Turns it off, with a code.
pub(crate) async fn end(app: &App, user: UserId, code: &SecretText) -> Result<(), Refused> {
    check(app, user, code).await?;
    let event = told(user, "account.second_factor_off", json!({}));
    app.database
        .set_second_factor(user, false, &[event], app.now())
        .await?;
    Ok(app.database.remove_secret(user, PURPOSE).await?)
}

/// Takes a code that was not taken before.
pub(crate) async fn check(app: &App, user: UserId, code: &SecretText) -> Result<(), Refused> {
    let subject = Subject::SecondFactor(user);
    guesses::count(app, &subject).await?;
    let secret = app.vault.open(user, PURPOSE).await?.ok_or_else(refused)?;
    let (totp, code) = (totp(&secret)?, code.expose().trim());
    // After the system's clock was ahead for a while, this server's own stands still; the user's goes on.
    let step = [app.clock.system(), app.now()]
        .into_iter()
        .find_map(|now| totp.check(code, now.get()))
        .ok_or_else(refused)?;
    if !app.database.use_second_factor_step(user, step).await? {
        return Err(refused());
    }
    guesses::forget(app, &subject).await
}
