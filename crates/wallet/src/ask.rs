//! Being paid: making the requests that a payee shows.

use offpay_protocol::{
    Amount, Nonce, Reference, Seconds, Signable, Signature, Signed, Timestamp,
    messages::{Attestation, Request},
};
use thiserror::Error;

use crate::{
    Durable, Entropy, State, Unstored, Wallet,
    keys::{KeyError, LockedError, Unlocked},
    profile::Identity,
    records::IssuedRequest,
    sale::Sale,
    storage::{Storage, StorageError},
    use_case::UseCase,
};

/// The longest name and memo, in bytes: a request is to fit a QR code that a camera reads.
pub const LONGEST_TEXT: usize = 64;

/// What a payee asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How much; zero leaves it to the payer.
    pub amount: Amount,
    /// For how long it can be paid; `None` for ever, as on a printed request.
    pub valid_for: Option<Seconds>,
    /// What for.
    pub memo: String,
    /// Whether to sign it. An unsigned one is smaller, and its name is never verified.
    pub signed: bool,
}

/// A request that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRequest {
    /// The request.
    pub request: Request,
    /// What payments of it carry.
    pub reference: Reference,
    /// The signature of the payee or of its attested key.
    pub signature: Option<Signature>,
    /// The operator's word on the key and the name.
    pub attestation: Option<Signed<Attestation>>,
}

/// Why a request is not made.
#[derive(Debug, Error)]
pub enum AskError {
    /// The name or the memo is too long.
    #[error("a name and a memo have at most {LONGEST_TEXT} bytes each")]
    TooLong,
    /// A fixed amount needs an expiry: a printed request leaves the amount to the payer.
    #[error("a request for a fixed amount needs a time until when it can be paid")]
    NeedsExpiry,
    /// The key that signs requests is not in this wallet.
    #[error("this wallet holds no key to sign requests with")]
    NoKey,
    /// No such request was made.
    #[error("this wallet made no request {0}")]
    Unknown(Reference),
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AskError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "request_too_long",
            Self::NeedsExpiry => "request_needs_expiry",
            Self::NoKey => "no_request_key",
            Self::Unknown(_) => "request_unknown",
            Self::Locked(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Locked(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl From<KeyError> for AskError {
    fn from(error: KeyError) -> Self {
        Self::Locked(error.into())
    }
}

impl State {
    /// Makes a request. `keys` is needed for a signed one only: a locked till can still ask.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub fn ask(
        &self,
        keys: Option<&Unlocked>,
        ask: &Ask,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Unstored<ShownRequest>, AskError> {
        self.ask_with(keys, ask, None, entropy, now)
    }

    /// Makes a request, and keeps what is sold with it.
    pub(crate) fn ask_with(
        &self,
        keys: Option<&Unlocked>,
        ask: &Ask,
        sale: Option<Sale>,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Unstored<ShownRequest>, AskError> {
        let name = &self.profile().name;
        if name.len() > LONGEST_TEXT || ask.memo.len() > LONGEST_TEXT {
            return Err(AskError::TooLong);
        }
        if ask.valid_for.is_none() && !ask.amount.is_zero() {
            return Err(AskError::NeedsExpiry);
        }
        let time = self.time(now);
        let expires_at = ask
            .valid_for
            .map_or(Timestamp::ZERO, |valid_for| time.saturating_add(valid_for));
        let request = Request {
            payee: self.account(),
            amount: ask.amount,
            nonce: Nonce::short(*entropy.draw::<8>("request nonce")),
            expires_at,
            name: name.clone(),
            memo: ask.memo.clone(),
        };
        let signature = match (ask.signed, keys) {
            (false, _) => None,
            (true, None) => return Err(LockedError::Locked.into()),
            (true, Some(keys)) => Some(self.sign_as_payee(keys, &request)?),
        };
        let issued = IssuedRequest {
            number: self.next_number(),
            reference: request.reference(&self.deployment().domain),
            request,
            signature,
            made_at: time,
            withdrawn: false,
            sale,
        };
        let shown = self.shown_request(&issued);
        Ok(self.decided(UseCase::RecordRequest(issued), now, shown))
    }

    /// Signs as the payee, or with its attested key.
    pub(crate) fn sign_as_payee(
        &self,
        keys: &Unlocked,
        message: &impl Signable,
    ) -> Result<Signature, AskError> {
        let (kind, address, sealed) = self.identity().request_signer().ok_or(AskError::NoKey)?;
        let key = keys.open(kind, address, sealed)?;
        message
            .sign(&self.deployment().domain, &key)
            .map_err(|_| KeyError::NotAKey.into())
    }

    /// Whether what this wallet signs as a payee counts for payers: with the account's own key, or with one that an
    /// operator vouches for now. A signature of any other key makes payers refuse the request.
    pub fn signs_requests(&self, now: Timestamp) -> bool {
        match self.identity() {
            Identity::Owner { owner_key, .. } => owner_key.is_some(),
            Identity::Payee { request_key, .. } => request_key
                .attestation
                .as_ref()
                .is_some_and(|attested| attested.message.expires_at > self.time(now)),
        }
    }

    fn shown_request(&self, issued: &IssuedRequest) -> ShownRequest {
        ShownRequest {
            request: issued.request.clone(),
            reference: issued.reference,
            signature: issued.signature,
            attestation: self.identity().attestation().cloned(),
        }
    }
}

impl<S: Storage> Wallet<S> {
    /// Makes a request that may be shown.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub fn ask(
        &mut self,
        ask: &Ask,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<ShownRequest>, AskError> {
        self.prepare(now)?;
        let unstored = if ask.signed {
            let (state, keys) = self.keys(now)?;
            state.ask(Some(keys), ask, entropy, now)?
        } else {
            self.state().ask(None, ask, entropy, now)?
        };
        Ok(self.commit(unstored)?)
    }

    /// A request that was made before, to show it again.
    ///
    /// # Errors
    ///
    /// [`AskError::Unknown`].
    pub fn show_request(&self, reference: Reference) -> Result<Durable<ShownRequest>, AskError> {
        let state = self.state();
        let issued = state.records().requests.get(&reference);
        let issued = issued.ok_or(AskError::Unknown(reference))?;
        Ok(Durable::from_records(state.shown_request(issued)))
    }

    /// Takes a request back: payments of it are refused from now on.
    ///
    /// # Errors
    ///
    /// [`AskError::Unknown`].
    pub fn withdraw_request(
        &mut self,
        reference: Reference,
        now: Timestamp,
    ) -> Result<(), AskError> {
        let time = self.prepare(now)?;
        if !self.state().records().requests.contains_key(&reference) {
            return Err(AskError::Unknown(reference));
        }
        self.record(UseCase::WithdrawRequest(reference), time)?;
        Ok(())
    }
}
