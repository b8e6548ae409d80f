//! Certificates: what this operator states of a purse.

use offpay_operator::{
    follower::{Followed, State, Subject},
    storage::{
        ChainStorage as _, FollowerStorage as _, StorageError, clearing::ClearingStorage as _,
    },
};
use offpay_protocol::{
    OperatorId, PurseKey, Signable as _, Signed, Timestamp,
    certificate::{FinalizedPurse, NotCertifiable},
    messages::Certificate,
    signature::SignatureError,
};
use thiserror::Error;

use crate::App;

/// How often a read is begun anew because the newest final block moved in between.
const MOST_TURNS: u32 = 5;

/// Why there is no certificate.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// No final block has the purse.
    #[error("{purse} is not an open purse in any final block yet")]
    UnknownPurse {
        /// The purse.
        purse: PurseKey,
    },
    /// The purse ends, or the followed chain is too old.
    #[error(transparent)]
    NotCertifiable(#[from] NotCertifiable),
    /// Some payee was in default.
    #[error("the purse {purse} is in default")]
    InDefault {
        /// The purse.
        purse: PurseKey,
    },
    /// This operator has evidence of a double spend.
    #[error("the purse {purse} signed a double spend")]
    Stopped {
        /// The purse.
        purse: PurseKey,
    },
    /// The followed chain moves too fast, or is not followed yet.
    #[error("the followed chain is not ready: try again")]
    NotReady,
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It cannot be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl CertificateError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPurse { .. } => "unknown_purse",
            Self::NotCertifiable(error) => error.code(),
            Self::InDefault { .. } => "purse_in_default",
            Self::Stopped { .. } => "purse_stopped",
            Self::NotReady => "unavailable",
            Self::Storage(error) => error.code(),
            Self::Signature(_) => "internal",
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::UnknownPurse { .. } | Self::NotReady => true,
            Self::NotCertifiable(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            Self::InDefault { .. } | Self::Stopped { .. } | Self::Signature(_) => false,
        }
    }
}

/// The purse's certificate, of the newest final block.
///
/// # Errors
///
/// [`CertificateError`].
pub async fn certificate(
    app: &App,
    purse: PurseKey,
) -> Result<(OperatorId, Signed<Certificate>), CertificateError> {
    let (finalized, followed) = final_state(app, purse).await?;
    let Some(State::Purse(state)) = followed.finalized else {
        return Err(CertificateError::UnknownPurse { purse });
    };
    // The head can be taken back: it gives no certificate, but it can keep one from being given.
    let head = match followed.head {
        Some(State::Purse(head)) => head,
        _ => state,
    };
    if app.database.double_spend(purse).await?.is_some() || state.reported || head.reported {
        return Err(CertificateError::Stopped { purse });
    }
    let certificate = FinalizedPurse {
        closes_at: state.closes_at.or(head.closes_at),
        closed: state.closed || head.closed,
        ..finalized
    };
    let certificate =
        certificate.certificate(app.config.clearing.certificate_oldest(), app.now())?;
    if state.defaulted || head.defaulted {
        return Err(CertificateError::InDefault { purse });
    }
    // Readers count the key for the time that the certificate states.
    let key = app
        .operator_keys
        .at(certificate.as_of)
        .ok_or(CertificateError::NotReady)?;
    let domain = *app.contract.domain();
    let signed = Signed {
        domain,
        message: certificate,
        signature: certificate.sign(&domain, key)?,
    };
    Ok((OperatorId::new(key.address()), signed))
}

/// Purse and circle in one final block, and its time.
async fn final_state(
    app: &App,
    purse: PurseKey,
) -> Result<(FinalizedPurse, Followed), CertificateError> {
    for _ in 0..MOST_TURNS {
        let before = app.database.chain_cursor().await?;
        let Some(before) = before else {
            return Err(CertificateError::NotReady);
        };
        let followed = app.database.followed_one(Subject::Purse(purse)).await?;
        let Some(State::Purse(state)) = followed.finalized else {
            return Err(CertificateError::UnknownPurse { purse });
        };
        let (_, circle_size) = app.database.circle_sizes(state.circle).await?;
        let after = app.database.chain_cursor().await?;
        // A state under the time of another block would state what never was.
        if after.is_some_and(|after| after.finalized == before.finalized) {
            let block_time: Timestamp = before.finalized.time;
            let finalized = FinalizedPurse {
                purse,
                owner: state.owner,
                circle: state.circle,
                funds: state.funds,
                pledge: state.pledge,
                cover_count: state.cover_count,
                circle_size,
                closes_at: state.closes_at,
                closed: state.closed,
                block_time,
            };
            return Ok((finalized, followed));
        }
    }
    Err(CertificateError::NotReady)
}
