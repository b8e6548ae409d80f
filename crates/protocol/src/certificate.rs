//! When a wallet believes an operator: which keys it trusts, and how fresh a certificate is.

use thiserror::Error;

use crate::{
    Domain, OperatorId, Seconds, Signable, Signature, Timestamp, cover::Parameters,
    messages::Certificate, signature::SignatureError,
};

mod assemble;
mod operators;

pub use assemble::{FinalizedPurse, NotCertifiable};
pub use operators::{RotationRefusal, TrustedOperators};

/// A certificate is fresh while it is younger than this, whatever the deployment's settlement period.
pub const FRESH_FOR: Seconds = Seconds::DAY;

/// How far a certificate may be ahead of the reader's clock before one of the two must be wrong.
pub const CLOCK_TOLERANCE: Seconds = match Seconds::new(10 * 60) {
    Some(tolerance) => tolerance,
    None => Seconds::ZERO,
};

/// Why a certificate does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateRefusal {
    /// Nobody can have signed it.
    #[error("the certificate's signature: {0}")]
    Signature(SignatureError),
    /// Its signer is not an operator that this wallet trusts, or was not at that time.
    #[error("{operator} is not an operator that you trust")]
    UntrustedOperator {
        /// Who signed it.
        operator: OperatorId,
    },
    /// It is too old.
    #[error("the certificate is {age} seconds old; at most {limit} count")]
    Stale {
        /// Its age.
        age: Seconds,
        /// The age at which it stops counting.
        limit: Seconds,
    },
    /// It is from the future: this device's clock is behind, or the operator's is ahead.
    #[error("the certificate is of {as_of}, and it is {now} now: a clock is wrong")]
    FromTheFuture {
        /// The time that it states.
        as_of: Timestamp,
        /// The reader's time.
        now: Timestamp,
    },
    /// Its terms cannot be those of a purse: the contract opens none like that.
    #[error("no purse has these terms")]
    ImpossibleTerms,
}

impl CertificateRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Signature(_) => "certificate_signature",
            Self::UntrustedOperator { .. } => "certificate_operator_untrusted",
            Self::Stale { .. } => "certificate_stale",
            Self::FromTheFuture { .. } => "certificate_from_the_future",
            Self::ImpossibleTerms => "certificate_impossible_terms",
        }
    }
}

/// The age at which a certificate stops counting: 24 hours, and never more than the settlement period.
///
/// Younger than 24 hours but as old as the settlement period still counts, so the two limits differ by a second.
fn age_limit(parameters: &Parameters) -> Seconds {
    let past_period = parameters.settlement_period.get().saturating_add(1);
    Seconds::new(FRESH_FOR.get().min(past_period)).unwrap_or(FRESH_FOR)
}

/// Checks who signed a certificate and how old it is. Returns the operator.
///
/// `now` is the highest time that this wallet has ever seen.
///
/// # Errors
///
/// The first reason why it does not count.
pub fn check_certificate(
    certificate: &Certificate,
    signature: &Signature,
    domain: &Domain,
    operators: &TrustedOperators,
    parameters: &Parameters,
    now: Timestamp,
) -> Result<OperatorId, CertificateRefusal> {
    let operator = certificate
        .recover(domain, signature)
        .map_err(CertificateRefusal::Signature)?;
    let as_of = certificate.as_of;
    if !operators.trusts(operator, as_of) {
        return Err(CertificateRefusal::UntrustedOperator { operator });
    }
    if as_of > now.saturating_add(CLOCK_TOLERANCE) {
        return Err(CertificateRefusal::FromTheFuture { as_of, now });
    }
    let (age, limit) = (now.since(as_of), age_limit(parameters));
    if age >= limit {
        return Err(CertificateRefusal::Stale { age, limit });
    }
    if certificate.cover_count == 0 || certificate.cover_count == u16::MAX {
        return Err(CertificateRefusal::ImpossibleTerms);
    }
    Ok(operator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Amount, SigningKey};

    fn operator() -> SigningKey {
        SigningKey::from_bytes(&[10; 32]).unwrap()
    }

    fn domain() -> Domain {
        Domain::new(1, [0xff; 20].into())
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn certificate(as_of: u64) -> Certificate {
        Certificate {
            purse: crate::PurseKey::new([1; 20].into()),
            owner: Default::default(),
            circle: Default::default(),
            funds: Amount::from_u64(100),
            pledge: Amount::from_u64(100),
            cover_count: 10,
            circle_size: u16::MAX,
            as_of: at(as_of),
        }
    }

    fn check(
        certificate: &Certificate,
        parameters: &Parameters,
        now: u64,
    ) -> Result<OperatorId, CertificateRefusal> {
        let signature = certificate.sign(&domain(), &operator()).unwrap();
        let operators = TrustedOperators::new([operator().address().into()]);
        check_certificate(
            certificate,
            &signature,
            &domain(),
            &operators,
            parameters,
            at(now),
        )
    }

    #[test]
    fn younger_than_a_day() {
        let parameters = Parameters::standard(Amount::ZERO);
        let certificate = certificate(1_000_000);
        assert_eq!(
            check(&certificate, &parameters, 1_086_399),
            Ok(operator().address().into())
        );
        assert_eq!(
            check(&certificate, &parameters, 1_086_400),
            Err(CertificateRefusal::Stale {
                age: Seconds::DAY,
                limit: Seconds::DAY
            })
        );
    }

    #[test]
    fn never_older_than_the_settlement_period() {
        let settlement_period = Seconds::HOUR;
        let parameters = Parameters {
            settlement_period,
            ..Parameters::standard(Amount::ZERO)
        };
        let certificate = certificate(1_000_000);
        assert!(check(&certificate, &parameters, 1_003_600).is_ok());
        assert!(matches!(
            check(&certificate, &parameters, 1_003_601),
            Err(CertificateRefusal::Stale { .. })
        ));
    }

    #[test]
    fn a_clock_may_be_a_little_behind() {
        let parameters = Parameters::standard(Amount::ZERO);
        let certificate = certificate(1_000_600);
        assert!(check(&certificate, &parameters, 1_000_000).is_ok());
        assert!(matches!(
            check(&certificate, &parameters, 999_999),
            Err(CertificateRefusal::FromTheFuture { .. })
        ));
    }

    #[test]
    fn only_for_this_deployment_and_by_a_trusted_operator() {
        let parameters = Parameters::standard(Amount::ZERO);
        let certificate = certificate(1_000_000);
        let elsewhere = Domain::new(2, domain().contract());
        let signature = certificate.sign(&elsewhere, &operator()).unwrap();
        let operators = TrustedOperators::new([operator().address().into()]);
        assert!(matches!(
            check_certificate(
                &certificate,
                &signature,
                &domain(),
                &operators,
                &parameters,
                at(1_000_000)
            ),
            Err(CertificateRefusal::UntrustedOperator { .. })
        ));
    }

    #[test]
    fn terms_that_no_purse_can_have() {
        let parameters = Parameters::standard(Amount::ZERO);
        for cover_count in [0, u16::MAX] {
            let certificate = Certificate {
                cover_count,
                ..certificate(1_000_000)
            };
            assert_eq!(
                check(&certificate, &parameters, 1_000_000),
                Err(CertificateRefusal::ImpossibleTerms)
            );
        }
    }
}
