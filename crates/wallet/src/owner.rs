//! What the owner decides: settings, circles to join, operators to trust, names of accounts.

use offpay_protocol::{
    AccountId, Circle, OperatorId, Signed, Timestamp, attestation::check_speaker,
    messages::Attestation, wire::OperatorCard as CardCode,
};
use thiserror::Error;

use crate::{
    State, Wallet,
    keys::LockedError,
    profile::{Identity, RequestKey},
    records::{Contact, JoinedCircle, OperatorCard},
    settings::Settings,
    storage::{Storage, StorageError},
    use_case::UseCase,
};

/// Why something is not set, joined or trusted.
#[derive(Debug, Error)]
pub enum OwnerError {
    /// The operator serves another deployment.
    #[error("the operator {operator} serves another deployment")]
    OtherDeployment {
        /// The operator.
        operator: OperatorId,
    },
    /// The zero address cannot sign anything.
    #[error("the operator's card names no key")]
    NoOperator,
    /// The attestation is not for this wallet's payee and request key, or not by a trusted operator, or over.
    #[error("the attestation is not for this wallet, or not by a trusted operator")]
    AttestationNotForUs,
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl OwnerError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherDeployment { .. } => "operator_other_deployment",
            Self::NoOperator => "operator_without_key",
            Self::AttestationNotForUs => "attestation_not_for_us",
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

impl<S: Storage> Wallet<S> {
    /// Sets what may be paid and accepted, and when the wallet locks itself. Needs the wallet unlocked: limits that a
    /// thief could raise would be none.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn change_settings(
        &mut self,
        settings: Settings,
        now: Timestamp,
    ) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        self.keys(now)?;
        self.record(UseCase::ChangeSettings(settings), time)?;
        Ok(())
    }

    /// Trusts an operator whose card was scanned, after the owner looked at it.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn trust_operator(&mut self, card: &CardCode, now: Timestamp) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        self.keys(now)?;
        let operator = card.operator;
        if card.domain != self.state().deployment().domain {
            return Err(OwnerError::OtherDeployment { operator });
        }
        if operator.is_zero() {
            return Err(OwnerError::NoOperator);
        }
        let mut trusted = self.state().records().trusted.clone();
        trusted.add(operator);
        let card = OperatorCard {
            operator,
            name: card.name.clone(),
            server: card.url.clone(),
        };
        self.record(UseCase::TrustOperator(card, trusted), time)?;
        Ok(())
    }

    /// No longer trusts an operator, nor the keys that it moved on to.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn forget_operator(
        &mut self,
        operator: OperatorId,
        now: Timestamp,
    ) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        let mut trusted = self.state().records().trusted.clone();
        trusted.remove(operator);
        self.record(UseCase::ForgetOperator(operator, trusted), time)?;
        Ok(())
    }

    /// Joins a circle: from now on its purses count as covered, once a sync has seen the membership. Choosing a circle
    /// is trusting whoever admits its members.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn join_circle(
        &mut self,
        circle: Circle,
        name: impl Into<String>,
        now: Timestamp,
    ) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        self.keys(now)?;
        let known = self.state().records().circles.get(&circle);
        let membership = known.and_then(|joined| joined.membership);
        let joined = JoinedCircle {
            circle,
            name: name.into(),
            membership,
        };
        self.record(UseCase::RecordCircle(joined), time)?;
        Ok(())
    }

    /// Leaves a circle: its purses no longer count as covered. Payments that are held keep the cover that they have.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn leave_circle(&mut self, circle: Circle, now: Timestamp) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        self.record(UseCase::LeaveCircle(circle), time)?;
        Ok(())
    }

    /// Names an account: requests for it show this name, as verified.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn save_contact(
        &mut self,
        account: AccountId,
        name: impl Into<String>,
        now: Timestamp,
    ) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        self.keys(now)?;
        self.record(
            UseCase::RecordContact(Contact {
                account,
                name: name.into(),
            }),
            time,
        )?;
        Ok(())
    }

    /// Forgets an account's name.
    ///
    /// # Errors
    ///
    /// See [`OwnerError`].
    pub fn forget_contact(&mut self, account: AccountId, now: Timestamp) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        self.record(UseCase::ForgetContact(account), time)?;
        Ok(())
    }

    /// Takes the operator's word on this till's request key and name.
    ///
    /// # Errors
    ///
    /// [`OwnerError::AttestationNotForUs`].
    pub fn take_attestation(
        &mut self,
        attestation: Signed<Attestation>,
        now: Timestamp,
    ) -> Result<(), OwnerError> {
        let time = self.prepare(now)?;
        let key = self.state().attested_key(attestation, now)?;
        self.record(UseCase::RecordAttestation(key), time)?;
        Ok(())
    }
}

impl State {
    fn attested_key(
        &self,
        attestation: Signed<Attestation>,
        now: Timestamp,
    ) -> Result<RequestKey, OwnerError> {
        let Identity::Payee {
            account,
            request_key,
        } = self.identity()
        else {
            return Err(OwnerError::AttestationNotForUs);
        };
        let attested = check_speaker(
            request_key.address,
            *account,
            Some((&attestation.message, &attestation.signature)),
            &self.deployment().domain,
            &self.records().trusted,
            self.time(now),
        );
        if attested.is_err() || attestation.message.name != self.profile().name {
            return Err(OwnerError::AttestationNotForUs);
        }
        Ok(RequestKey {
            attestation: Some(attestation),
            ..(**request_key).clone()
        })
    }
}
