//! The list of purses that are closing, and the operator's word on which list is the newest.

use std::collections::BTreeSet;

use alloy_primitives::{B256, Keccak256};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Domain, OperatorId, PurseKey, Signable, Signature, certificate::TrustedOperators,
    messages::Revocations, signature::SignatureError,
};

/// Every purse that is closing, from a request, a default or a double spend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RevocationList(BTreeSet<PurseKey>);

/// Why a list does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RevocationRefusal {
    /// The operator signed another list.
    #[error("the revocation list is not the one that was signed")]
    OtherList,
    /// Nobody can have signed it.
    #[error("the revocation list's signature: {0}")]
    Signature(SignatureError),
    /// Its signer is not an operator that this wallet trusts, or was not at that time.
    #[error("{operator} is not an operator that you trust")]
    UntrustedOperator {
        /// Who signed it.
        operator: OperatorId,
    },
}

impl RevocationRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherList => "revocations_other_list",
            Self::Signature(_) => "revocations_signature",
            Self::UntrustedOperator { .. } => "revocations_operator_untrusted",
        }
    }
}

impl RevocationList {
    /// The list of these purses.
    pub fn new(purses: impl IntoIterator<Item = PurseKey>) -> Self {
        Self(purses.into_iter().collect())
    }

    /// Whether a purse is on it.
    pub fn contains(&self, purse: PurseKey) -> bool {
        self.0.contains(&purse)
    }

    /// The purses in ascending order.
    pub fn purses(&self) -> impl Iterator<Item = PurseKey> {
        self.0.iter().copied()
    }

    /// What the operator signs: the keccak of the addresses in ascending order, 20 bytes each.
    pub fn digest(&self) -> B256 {
        let mut hasher = Keccak256::new();
        for purse in &self.0 {
            hasher.update(purse.address());
        }
        hasher.finalize()
    }

    /// Checks that a trusted operator signed this list. Returns the operator.
    ///
    /// Whether it is newer than the one before shows in [`Revocations::version`].
    ///
    /// # Errors
    ///
    /// Why it does not count.
    pub fn check(
        &self,
        revocations: &Revocations,
        signature: &Signature,
        domain: &Domain,
        operators: &TrustedOperators,
    ) -> Result<OperatorId, RevocationRefusal> {
        if self.digest() != revocations.digest {
            return Err(RevocationRefusal::OtherList);
        }
        let operator = revocations
            .recover(domain, signature)
            .map_err(RevocationRefusal::Signature)?;
        if !operators.trusts(operator, revocations.as_of) {
            return Err(RevocationRefusal::UntrustedOperator { operator });
        }
        Ok(operator)
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::keccak256;

    use super::*;
    use crate::{SigningKey, Timestamp};

    fn purse(byte: u8) -> PurseKey {
        PurseKey::new([byte; 20].into())
    }

    #[test]
    fn the_order_in_which_purses_came_does_not_matter() {
        let list = RevocationList::new([purse(2), purse(1), purse(2)]);
        assert_eq!(list.digest(), keccak256([[1; 20], [2; 20]].concat()));
        assert_eq!(list, RevocationList::new([purse(1), purse(2)]));
        assert!(list.contains(purse(1)) && !list.contains(purse(3)));
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<RevocationList>(&json).unwrap(), list);
    }

    #[test]
    fn only_the_signed_list_by_a_trusted_operator() {
        let domain = Domain::new(1, [0xff; 20].into());
        let key = SigningKey::from_bytes(&[10; 32]).unwrap();
        let list = RevocationList::new([purse(1)]);
        let signed = Revocations {
            version: 1,
            digest: list.digest(),
            as_of: Timestamp::ZERO,
        };
        let signature = signed.sign(&domain, &key).unwrap();
        let trusted = TrustedOperators::new([key.address().into()]);
        let check =
            |list: &RevocationList, operators| list.check(&signed, &signature, &domain, operators);
        assert_eq!(check(&list, &trusted), Ok(key.address().into()));
        let shorter = RevocationList::default();
        assert_eq!(check(&shorter, &trusted), Err(RevocationRefusal::OtherList));
        assert!(matches!(
            check(&list, &TrustedOperators::default()),
            Err(RevocationRefusal::UntrustedOperator { .. })
        ));
    }
}
