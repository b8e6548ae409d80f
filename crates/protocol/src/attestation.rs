//! Who may speak for a payee: its own key, or one that an operator attests.
//!
//! A payee's address may have no key at all (a till), or one that stays at home. So the device at the counter signs
//! requests and receipts with a key of its own that can spend nothing, and an operator attests it together with the
//! payee's name.

use alloy_primitives::Address;
use thiserror::Error;

use crate::{
    AccountId, Domain, OperatorId, Signable, Signature, Timestamp, certificate::TrustedOperators,
    messages::Attestation, signature::SignatureError,
};

/// By what right a signer speaks for a payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// It is the payee's own key. That says nothing about the name.
    Payee,
    /// An operator attests the key, and the name in the attestation.
    Attested {
        /// The operator.
        operator: OperatorId,
    },
}

/// Why a signer does not speak for a payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AttestationRefusal {
    /// It is not the payee's key, and nothing attests it.
    #[error("{signer} is not known to speak for the payee")]
    NotThePayee {
        /// Who signed.
        signer: Address,
    },
    /// The attestation is of another payee or another key.
    #[error("the attestation is of something else")]
    OtherSubject,
    /// Nobody can have signed the attestation.
    #[error("the attestation's signature: {0}")]
    Signature(SignatureError),
    /// Its signer is not an operator that this wallet trusts now.
    #[error("{operator} is not an operator that you trust")]
    UntrustedOperator {
        /// Who signed the attestation.
        operator: OperatorId,
    },
    /// The attestation no longer counts.
    #[error("the attestation expired at {expires_at}")]
    Expired {
        /// When it did.
        expires_at: Timestamp,
    },
}

impl AttestationRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotThePayee { .. } => "attestation_missing",
            Self::OtherSubject => "attestation_other_subject",
            Self::Signature(_) => "attestation_signature",
            Self::UntrustedOperator { .. } => "attestation_operator_untrusted",
            Self::Expired { .. } => "attestation_expired",
        }
    }
}

/// Whether the key that signed a request or a receipt may speak for the payee in it.
///
/// An attestation carries no date of its own: it counts while its signer is the operator's present key.
///
/// # Errors
///
/// Why it may not.
pub fn check_speaker(
    signer: Address,
    payee: AccountId,
    attestation: Option<(&Attestation, &Signature)>,
    domain: &Domain,
    operators: &TrustedOperators,
    now: Timestamp,
) -> Result<Speaker, AttestationRefusal> {
    let Some((attestation, signature)) = attestation else {
        return if signer == payee.address() {
            Ok(Speaker::Payee)
        } else {
            Err(AttestationRefusal::NotThePayee { signer })
        };
    };
    if attestation.payee != payee || attestation.signer != signer {
        return Err(AttestationRefusal::OtherSubject);
    }
    let operator = attestation
        .recover(domain, signature)
        .map_err(AttestationRefusal::Signature)?;
    if !operators.trusts(operator, now) {
        return Err(AttestationRefusal::UntrustedOperator { operator });
    }
    let expires_at = attestation.expires_at;
    if now >= expires_at {
        return Err(AttestationRefusal::Expired { expires_at });
    }
    Ok(Speaker::Attested { operator })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    const NOW: u64 = 1_000_000;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn attestation() -> Attestation {
        Attestation {
            payee: AccountId::new([0xaa; 20].into()),
            signer: key(3).address(),
            name: "Blue Door".to_owned(),
            expires_at: at(NOW + 1),
        }
    }

    fn check(
        change: impl FnOnce(&mut Attestation),
        operator: u8,
        now: u64,
    ) -> Result<Speaker, AttestationRefusal> {
        let domain = Domain::new(1, [0xff; 20].into());
        let operators = TrustedOperators::new([key(10).address().into()]);
        let mut attestation = attestation();
        change(&mut attestation);
        let signature = attestation.sign(&domain, &key(operator)).unwrap();
        let payee = AccountId::new([0xaa; 20].into());
        let attested = Some((&attestation, &signature));
        check_speaker(
            key(3).address(),
            payee,
            attested,
            &domain,
            &operators,
            at(now),
        )
    }

    #[test]
    fn the_payees_own_key_needs_no_attestation() {
        let domain = Domain::new(1, [0xff; 20].into());
        let operators = TrustedOperators::default();
        let check = |payee: Address| {
            check_speaker(
                key(3).address(),
                payee.into(),
                None,
                &domain,
                &operators,
                at(NOW),
            )
        };
        assert_eq!(check(key(3).address()), Ok(Speaker::Payee));
        let signer = key(3).address();
        assert_eq!(
            check(key(4).address()),
            Err(AttestationRefusal::NotThePayee { signer })
        );
    }

    #[test]
    fn an_attested_key_speaks_until_the_attestation_expires() {
        let operator = key(10).address().into();
        assert_eq!(check(|_| {}, 10, NOW), Ok(Speaker::Attested { operator }));
        let expired = AttestationRefusal::Expired {
            expires_at: at(NOW + 1),
        };
        assert_eq!(check(|_| {}, 10, NOW + 1), Err(expired));
    }

    #[test]
    fn only_by_a_trusted_operator_and_only_for_this_payee_and_key() {
        let operator = key(11).address().into();
        assert_eq!(
            check(|_| {}, 11, NOW),
            Err(AttestationRefusal::UntrustedOperator { operator })
        );
        let other = check(|attestation| attestation.payee = AccountId::ZERO, 10, NOW);
        assert_eq!(other, Err(AttestationRefusal::OtherSubject));
        let other = check(|attestation| attestation.signer = key(4).address(), 10, NOW);
        assert_eq!(other, Err(AttestationRefusal::OtherSubject));
    }
}
