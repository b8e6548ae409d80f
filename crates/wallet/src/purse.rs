//! Own purses: made on this device, opened on-chain, renewed, retired.

use offpay_protocol::{
    Amount, PurseKey, Signable, Signature, SigningKey, Timestamp,
    certificate::{CertificateRefusal, check_certificate},
    messages::{Certificate, PurseOpening},
};
use thiserror::Error;

use crate::{
    Durable, Entropy, State, Unstored, Wallet,
    keys::{KeyError, LockedError, SecretKind, Unlocked},
    records::{OwnPurse, PurseStanding, PurseTerms, StoredCertificate},
    storage::{Storage, StorageError},
    use_case::UseCase,
};

/// What it takes to open a purse on-chain: the arguments of `openPurse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseOpeningOrder {
    /// The device key's address.
    pub key: PurseKey,
    /// What to open it with.
    pub terms: PurseTerms,
    /// The device key's consent to be a purse of this account.
    pub signature: Signature,
}

/// Why a purse is not prepared, renewed or retired.
#[derive(Debug, Error)]
pub enum PurseError {
    /// This wallet takes payments and cannot spend.
    #[error("this wallet takes payments and cannot have purses")]
    CannotPay,
    /// A cover count is 1 to 65534.
    #[error("a cover count is 1 to 65534, not {0}")]
    CoverCount(u16),
    /// A purse needs a pledge: without one nothing stands behind it.
    #[error("a purse needs a pledge")]
    NoPledge,
    /// The wallet has no such purse.
    #[error("this wallet has no purse {0}")]
    Unknown(PurseKey),
    /// The certificate does not count.
    #[error(transparent)]
    Certificate(#[from] CertificateRefusal),
    /// The certificate says something else than this wallet's own terms: the operator is wrong, or lies.
    #[error("the certificate of {0} contradicts what this wallet knows")]
    FalseCertificate(PurseKey),
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl PurseError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CannotPay => "cannot_pay",
            Self::CoverCount(_) => "purse_cover_count",
            Self::NoPledge => "purse_no_pledge",
            Self::Unknown(_) => "purse_unknown",
            Self::Certificate(refusal) => refusal.code(),
            Self::FalseCertificate(_) => "certificate_false",
            Self::Locked(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Certificate(_) => true,
            Self::Locked(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl From<KeyError> for PurseError {
    fn from(error: KeyError) -> Self {
        Self::Locked(error.into())
    }
}

impl State {
    /// Makes a device key for a new purse. The key is stored before anything that names it leaves.
    ///
    /// # Errors
    ///
    /// See [`PurseError`].
    pub fn prepare_purse(
        &self,
        keys: &Unlocked,
        terms: PurseTerms,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Unstored<PurseOpeningOrder>, PurseError> {
        if !self.identity().can_pay() {
            return Err(PurseError::CannotPay);
        }
        if terms.cover_count == 0 || terms.cover_count == u16::MAX {
            return Err(PurseError::CoverCount(terms.cover_count));
        }
        if terms.pledge.is_zero() {
            return Err(PurseError::NoPledge);
        }
        let secret = entropy.draw::<32>("device key");
        let device = SigningKey::from_bytes(&secret).map_err(|_| KeyError::NotAKey)?;
        let address = device.address();
        let nonce = entropy.draw::<24>("device key nonce");
        let sealed = keys.seal(SecretKind::Device(address), &device, &nonce)?;
        let order = self.opening_order(address.into(), terms, &device)?;
        let purse = OwnPurse {
            key: order.key,
            sealed,
            made_at: self.time(now),
            terms,
            next_serial: Amount::ZERO,
            funds: Amount::ZERO,
            standing: PurseStanding::Prepared,
            certificate: None,
            retired: false,
        };
        Ok(self.decided(UseCase::PreparePurse(purse), now, order))
    }

    fn opening_order(
        &self,
        key: PurseKey,
        terms: PurseTerms,
        device: &SigningKey,
    ) -> Result<PurseOpeningOrder, PurseError> {
        let opening = PurseOpening {
            owner: self.account(),
        };
        let signature = opening
            .sign(&self.deployment().domain, device)
            .map_err(|_| KeyError::NotAKey)?;
        Ok(PurseOpeningOrder {
            key,
            terms,
            signature,
        })
    }

    /// The purse with this key.
    ///
    /// # Errors
    ///
    /// [`PurseError::Unknown`].
    pub fn purse(&self, key: PurseKey) -> Result<&OwnPurse, PurseError> {
        self.records()
            .purses
            .get(&key)
            .ok_or(PurseError::Unknown(key))
    }

    /// Takes a certificate for one of the own purses, if it is fresher than the one that is held.
    ///
    /// # Errors
    ///
    /// [`PurseError::Certificate`] if it does not count, [`PurseError::FalseCertificate`] if it says what is not so.
    pub fn renew_certificate(
        &self,
        renewed: StoredCertificate,
        now: Timestamp,
    ) -> Result<Option<Unstored<()>>, PurseError> {
        let StoredCertificate {
            certificate,
            signature,
        } = renewed;
        let purse = self.purse(certificate.purse)?;
        let deployment = self.deployment();
        check_certificate(
            &certificate,
            &signature,
            &deployment.domain,
            &self.records().trusted,
            &deployment.parameters,
            self.time(now),
        )?;
        if !purse.terms.allows(&certificate, self.account()) {
            return Err(PurseError::FalseCertificate(certificate.purse));
        }
        // Terms only ever improve: of one block, the certificate with the better terms is the later one.
        let freshness =
            |certificate: &Certificate| (certificate.as_of, certificate.funds, certificate.pledge);
        let held = purse.certificate.map(|held| freshness(&held.certificate));
        if held.is_some_and(|held| held >= freshness(&certificate)) {
            return Ok(None);
        }
        let purse = OwnPurse {
            certificate: Some(renewed),
            ..purse.clone()
        };
        Ok(Some(self.decided(UseCase::UpdatePurse(purse), now, ())))
    }

    /// Takes a purse out of use: nothing is paid from it any more. Closing it on-chain is another matter.
    ///
    /// # Errors
    ///
    /// [`PurseError::Unknown`].
    pub fn retire_purse(&self, key: PurseKey, now: Timestamp) -> Result<Unstored<()>, PurseError> {
        let purse = OwnPurse {
            retired: true,
            ..self.purse(key)?.clone()
        };
        Ok(self.decided(UseCase::UpdatePurse(purse), now, ()))
    }
}

impl<S: Storage> Wallet<S> {
    /// Makes a device key for a new purse, and returns what it takes to open it on-chain.
    ///
    /// # Errors
    ///
    /// See [`PurseError`].
    pub fn prepare_purse(
        &mut self,
        terms: PurseTerms,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<PurseOpeningOrder>, PurseError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.prepare_purse(keys, terms, entropy, now)?;
        Ok(self.commit(unstored)?)
    }

    /// The order for a purse that was prepared before, to try opening it again.
    ///
    /// # Errors
    ///
    /// See [`PurseError`].
    pub fn purse_opening(
        &mut self,
        key: PurseKey,
        now: Timestamp,
    ) -> Result<Durable<PurseOpeningOrder>, PurseError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let purse = state.purse(key)?;
        let address = key.address();
        let device = keys.open(SecretKind::Device(address), address, &purse.sealed)?;
        Ok(Durable::from_records(state.opening_order(
            key,
            purse.terms,
            &device,
        )?))
    }

    /// Takes a certificate for one of the own purses. Says whether it was fresher than the one that was held.
    ///
    /// # Errors
    ///
    /// See [`State::renew_certificate`].
    pub fn renew_certificate(
        &mut self,
        renewed: StoredCertificate,
        now: Timestamp,
    ) -> Result<bool, PurseError> {
        self.prepare(now)?;
        match self.state().renew_certificate(renewed, now)? {
            None => Ok(false),
            Some(unstored) => {
                self.commit(unstored)?;
                Ok(true)
            }
        }
    }

    /// Takes a purse out of use.
    ///
    /// # Errors
    ///
    /// See [`State::retire_purse`].
    pub fn retire_purse(&mut self, key: PurseKey, now: Timestamp) -> Result<(), PurseError> {
        self.prepare(now)?;
        let unstored = self.state().retire_purse(key, now)?;
        self.commit(unstored)?;
        Ok(())
    }
}
