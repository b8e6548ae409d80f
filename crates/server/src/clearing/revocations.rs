//! The list of closing purses, signed whenever it changes.

use std::{collections::BTreeSet, time::Duration};

use offpay_operator::{
    follower::{State, Subject},
    storage::{
        ChainStorage as _, FollowerStorage as _, StorageError,
        clearing::{
            ClearingStorage as _, RevocationChanges, RevocationStorage as _, StoredRevocations,
        },
    },
};
use offpay_protocol::{
    PurseKey, Signable as _, Timestamp, messages::Revocations, revocations::RevocationList,
    signature::SignatureError,
};
use thiserror::Error;

use crate::App;

/// How often it is looked whether a purse was stopped. The chain wakes it besides.
const LOOK: Duration = Duration::from_secs(1);

/// Why the list cannot be signed at the moment.
#[derive(Debug, Error)]
pub enum RevocationsError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It cannot be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// No key of this server counts at this time.
    #[error("no operator key is valid at {0}")]
    NoKey(Timestamp),
}

impl RevocationsError {
    /// A name that stays the same, for logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Storage(error) => error.code(),
            Self::Signature(_) => "revocations_not_signed",
            Self::NoKey(_) => "operator_key_not_valid",
        }
    }

    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_retryable(),
            Self::Signature(_) => false,
            Self::NoKey(_) => true,
        }
    }
}

/// Keeps the list until the server stops.
pub async fn keep_revocations(app: App) {
    let mut moved = app.chain.subscribe();
    while !app.stop.is_cancelled() {
        // Before the chain was looked at, what closes is not known.
        if let Some(as_of) = app.chain.time()
            && let Err(error) = revoke(&app, as_of).await
        {
            tracing::error!(code = error.code(), %error, "the list of closing purses is not signed");
        }
        tokio::select! {
            () = app.stop.cancelled() => {}
            _ = moved.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Signs the next list if it differs from the newest, or if that one is old. `as_of` is the time of the chain's head
/// when it was followed before: the list is at least as new.
///
/// # Errors
///
/// [`RevocationsError`]; it is to be done again.
pub async fn revoke(app: &App, as_of: Timestamp) -> Result<(), RevocationsError> {
    let listed: BTreeSet<PurseKey> = listed(app).await?;
    let newest = app.database.newest_revocations().await?;
    let before = app.database.revocation_changes(0).await?.added;
    let before: BTreeSet<PurseKey> = before.into_iter().collect();
    let changes = RevocationChanges {
        added: listed.difference(&before).copied().collect(),
        removed: before.difference(&listed).copied().collect(),
    };
    if let Some(newest) = &newest {
        let signed_at = newest.revocations.as_of;
        let is_old = as_of.since(signed_at) >= app.config.clearing.revocations_every();
        if changes == RevocationChanges::default() && !is_old {
            return Ok(());
        }
    }
    // Readers refuse a list of an earlier time: a chain that was taken back must not turn it back.
    let (last, earliest) = newest.map_or((0, Timestamp::ZERO), |newest| {
        (newest.revocations.version, newest.revocations.as_of)
    });
    let as_of = as_of.max(earliest);
    let revocations = Revocations {
        version: last.saturating_add(1),
        digest: RevocationList::new(listed).digest(),
        as_of,
    };
    let key = app
        .operator_keys
        .at(as_of)
        .ok_or(RevocationsError::NoKey(as_of))?;
    let list = StoredRevocations {
        revocations,
        signature: revocations.sign(app.contract.domain(), key)?,
    };
    app.database.add_revocations(&list, &changes).await?;
    Ok(())
}

/// What closes on-chain, and what was stopped here and is not closed.
async fn listed(app: &App) -> Result<BTreeSet<PurseKey>, StorageError> {
    let closing = app.database.closing_purses().await?;
    let mut listed: BTreeSet<_> = closing
        .iter()
        .filter(|purse| !purse.closed)
        .map(|purse| purse.key)
        .collect();
    let stopped = app.database.stopped_purses().await?;
    let subjects: Vec<_> = stopped.iter().copied().map(Subject::Purse).collect();
    let mut closed = BTreeSet::new();
    for (subject, followed) in app.database.followed(&subjects).await? {
        if let (Subject::Purse(key), Some(State::Purse(state))) = (subject, followed.head)
            && state.closed
        {
            closed.insert(key);
        }
    }
    listed.extend(stopped.into_iter().filter(|purse| !closed.contains(purse)));
    Ok(listed)
}
