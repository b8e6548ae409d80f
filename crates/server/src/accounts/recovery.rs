//! Getting back into an account: begin with a code, wait, set a new password. See `offpay_operator::identity::recovery`.

use axum::http::HeaderMap;
use offpay_api::{Code, Problem, SecretText};
use offpay_operator::{
    event::{Audience, NewEvent},
    identity::{
        Handle, RecoveryId, Session, SignInMethod, User,
        recovery::{Progress, Recovery},
    },
    storage::identity::{Begun, NewRecovery, RecoveryStorage as _, UserStorage as _},
};
use offpay_protocol::Seconds;
use serde_json::json;
use uuid::Uuid;

use super::{
    events::told,
    guesses::{self, Subject},
    password, recovery_codes,
    secret::{TokenKind, hash},
    sessions,
};
use crate::{App, problem::Refused};

/// How long a recovery that is ready can be completed.
const OPEN: Seconds = Seconds::days(7);

/// One answer to a wrong handle and a wrong code.
fn refused() -> Refused {
    Problem::new(Code::SignInRefused, "handle or code is wrong").into()
}

/// Begins a recovery; gives it and what completes it. The user is told wherever they are signed in.
pub(crate) async fn begin(
    app: &App,
    handle: &str,
    code: &SecretText,
) -> Result<(Recovery, SecretText), Refused> {
    let handle: Handle = handle.parse().map_err(|_| refused())?;
    let subject = Subject::Recovery(&handle);
    guesses::count(app, &subject).await?;
    let user = app.database.user_by_handle(&handle).await?;
    let user = user.ok_or_else(refused)?;
    let now = app.now();
    let ready_at = now.saturating_add(app.accounts.recovery_delay);
    let (token, token_hash) = TokenKind::Recovery.generate()?;
    let new = NewRecovery {
        recovery: Recovery {
            id: RecoveryId(Uuid::now_v7()),
            user: user.id,
            began_at: now,
            ready_at,
            expires_at: ready_at.saturating_add(OPEN),
        },
        token: token_hash,
        code: recovery_codes::hash_of(code.expose()),
    };
    let body = json!({ "ready_at": ready_at });
    let events = [
        told(user.id, "account.recovery_began", body.clone()),
        NewEvent {
            audience: Audience::Operator,
            kind: "account.recovery_began",
            body: json!({ "user": user.id, "ready_at": ready_at }),
        },
    ];
    match app.database.begin_recovery(&new, &events, now).await? {
        Begun::NoSuchCode => Err(refused()),
        Begun::UnderWay => {
            guesses::forget(app, &subject).await?;
            Err(Problem::new(
                Code::RecoveryUnderWay,
                "a recovery is under way: complete it, or cancel it from where you are signed in",
            )
            .into())
        }
        Begun::Yes => {
            guesses::forget(app, &subject).await?;
            Ok((new.recovery, token))
        }
    }
}

/// Completes a recovery that waited long enough; gives the new session.
pub(crate) async fn complete(
    app: &App,
    token: &SecretText,
    chosen: &SecretText,
    headers: &HeaderMap,
) -> Result<(User, Session, SecretText), Refused> {
    let gone = || {
        Problem::new(
            Code::SignInRefused,
            "there is no such recovery: it was cancelled, completed, or not completed in time",
        )
    };
    let found = app.database.recovery(&hash(token.expose())).await?;
    let recovery = found.ok_or_else(gone)?;
    match recovery.progress(app.now()) {
        Progress::Ready => {}
        Progress::Expired => return Err(gone().into()),
        Progress::Waiting => {
            let wait = recovery.ready_at.since(app.now()).get();
            return Err(Problem::new(
                Code::RecoveryTooEarly,
                "the recovery waits, so that the owner can cancel one that is not theirs",
            )
            .with(json!({ "ready_at": recovery.ready_at, "retry_after": wait }))
            .into());
        }
    }
    let user = app.database.user(recovery.user).await?.ok_or_else(gone)?;
    password::check_choice(chosen, user.handle.as_ref())?;
    let hash = app.accounts.passwords.hash(chosen).await?;
    let sealed = app
        .vault
        .seal(user.id, password::PURPOSE, hash.as_bytes())
        .await?;
    let (token, session) = sessions::new_session(
        app,
        user.id,
        SignInMethod::Recovery,
        sessions::label(headers),
    )?;
    let event = told(user.id, "account.recovered", json!({}));
    // Whether it is still there and ready is decided again, with the change.
    let completed = app
        .database
        .complete_recovery(recovery.id, &sealed, &session, &[event], app.now())
        .await?;
    if !completed {
        return Err(gone().into());
    }
    Ok((user, session.session, token))
}
