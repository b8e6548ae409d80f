use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Domain, OperatorId, Signable, Signature, Timestamp, messages::OperatorKey,
    signature::SignatureError,
};

/// The operators that a wallet's owner chose to believe, with the keys that they moved on to.
///
/// A key counts for statements of the times at which it was the operator's: from its `validFrom` on, and until its
/// successor's. What an old key signs after it was replaced does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrustedOperators {
    keys: BTreeMap<OperatorId, Tenure>,
}

/// When a key is an operator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tenure {
    from: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    successor: Option<Successor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Successor {
    key: OperatorId,
    from: Timestamp,
}

/// Why a wallet does not follow an operator to a next key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RotationRefusal {
    /// Nobody can have signed it.
    #[error("the rotation's signature: {0}")]
    Signature(SignatureError),
    /// Its signer is not trusted.
    #[error("{operator} is not an operator that you trust")]
    UntrustedOperator {
        /// Who signed it.
        operator: OperatorId,
    },
    /// The operator named another successor before: one of the two is a thief's.
    #[error("the operator named {successor} before: one of its keys may be stolen")]
    Forked {
        /// The successor that stays.
        successor: OperatorId,
    },
    /// The next key is zero, or one that is trusted already: keys do not come back.
    #[error("{next} cannot be a next key")]
    NotANewKey {
        /// The key in question.
        next: OperatorId,
    },
    /// The next key would begin before the present one did.
    #[error("the next key would begin before the present one")]
    BackDated,
}

impl RotationRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Signature(_) => "rotation_signature",
            Self::UntrustedOperator { .. } => "rotation_operator_untrusted",
            Self::Forked { .. } => "rotation_forked",
            Self::NotANewKey { .. } => "rotation_not_a_new_key",
            Self::BackDated => "rotation_back_dated",
        }
    }
}

impl TrustedOperators {
    /// Believes these operators, whatever time they speak of.
    pub fn new(operators: impl IntoIterator<Item = OperatorId>) -> Self {
        let mut trusted = Self::default();
        for operator in operators {
            trusted.add(operator);
        }
        trusted
    }

    /// Believes one more operator. Changes nothing for one that is believed already.
    pub fn add(&mut self, operator: OperatorId) {
        self.keys.entry(operator).or_insert(Tenure {
            from: Timestamp::ZERO,
            successor: None,
        });
    }

    /// No longer believes an operator, nor the keys that it moved on to.
    pub fn remove(&mut self, operator: OperatorId) {
        let mut next = Some(operator);
        while let Some(tenure) = next.and_then(|key| self.keys.remove(&key)) {
            next = tenure.successor.map(|successor| successor.key);
        }
    }

    /// Whether what `operator` says of time `at` counts.
    pub fn trusts(&self, operator: OperatorId, at: Timestamp) -> bool {
        self.keys.get(&operator).is_some_and(|tenure| {
            let replaced = tenure
                .successor
                .is_some_and(|successor| at >= successor.from);
            at >= tenure.from && !replaced
        })
    }

    /// The keys that are believed, of whatever time.
    pub fn keys(&self) -> impl Iterator<Item = OperatorId> {
        self.keys.keys().copied()
    }

    /// Follows an operator to its next key. Following again changes nothing.
    ///
    /// # Errors
    ///
    /// Why not; nothing is changed then.
    pub fn follow(
        &mut self,
        rotation: &OperatorKey,
        signature: &Signature,
        domain: &Domain,
    ) -> Result<(), RotationRefusal> {
        let operator = rotation
            .recover(domain, signature)
            .map_err(RotationRefusal::Signature)?;
        let tenure = self
            .keys
            .get(&operator)
            .copied()
            .ok_or(RotationRefusal::UntrustedOperator { operator })?;
        let OperatorKey { next, valid_from } = *rotation;
        let successor = Successor {
            key: next,
            from: valid_from,
        };
        if let Some(known) = tenure.successor {
            return if known == successor {
                Ok(())
            } else {
                Err(RotationRefusal::Forked {
                    successor: known.key,
                })
            };
        }
        if next.is_zero() || self.keys.contains_key(&next) {
            return Err(RotationRefusal::NotANewKey { next });
        }
        if valid_from < tenure.from {
            return Err(RotationRefusal::BackDated);
        }
        self.keys.insert(
            operator,
            Tenure {
                successor: Some(successor),
                ..tenure
            },
        );
        self.keys.insert(
            next,
            Tenure {
                from: valid_from,
                successor: None,
            },
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn id(byte: u8) -> OperatorId {
        key(byte).address().into()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn rotate(
        trusted: &mut TrustedOperators,
        from: u8,
        to: u8,
        valid_from: u64,
    ) -> Result<(), RotationRefusal> {
        let domain = Domain::new(1, [0xff; 20].into());
        let rotation = OperatorKey {
            next: id(to),
            valid_from: at(valid_from),
        };
        let signature = rotation.sign(&domain, &key(from)).unwrap();
        trusted.follow(&rotation, &signature, &domain)
    }

    #[test]
    fn a_chain_is_followed_and_each_key_counts_for_its_time() {
        let mut trusted = TrustedOperators::new([id(1)]);
        rotate(&mut trusted, 1, 2, 100).unwrap();
        rotate(&mut trusted, 2, 3, 200).unwrap();
        for (key, time, counts) in [
            (1, 99, true),
            (1, 100, false),
            (2, 99, false),
            (2, 100, true),
            (2, 200, false),
            (3, 200, true),
            (3, 9_999, true),
            (4, 0, false),
        ] {
            assert_eq!(
                trusted.trusts(id(key), at(time)),
                counts,
                "key {key} at {time}"
            );
        }
        trusted.remove(id(1));
        assert_eq!(trusted, TrustedOperators::default());
    }

    #[test]
    fn a_thief_cannot_fork_the_chain() {
        let mut trusted = TrustedOperators::new([id(1)]);
        rotate(&mut trusted, 1, 2, 100).unwrap();
        assert_eq!(rotate(&mut trusted, 1, 2, 100), Ok(()));
        let forked = Err(RotationRefusal::Forked { successor: id(2) });
        assert_eq!(rotate(&mut trusted, 1, 3, 50), forked);
        assert_eq!(rotate(&mut trusted, 1, 2, 50), forked);
    }

    #[test]
    fn strangers_old_keys_and_back_dating_are_refused() {
        let mut trusted = TrustedOperators::new([id(1)]);
        rotate(&mut trusted, 1, 2, 100).unwrap();
        let before = trusted.clone();
        assert_eq!(
            rotate(&mut trusted, 9, 3, 100),
            Err(RotationRefusal::UntrustedOperator { operator: id(9) })
        );
        assert_eq!(
            rotate(&mut trusted, 2, 1, 200),
            Err(RotationRefusal::NotANewKey { next: id(1) })
        );
        assert_eq!(
            rotate(&mut trusted, 2, 3, 99),
            Err(RotationRefusal::BackDated)
        );
        assert_eq!(trusted, before);
    }

    #[test]
    fn it_can_be_stored() {
        let mut trusted = TrustedOperators::new([id(1), id(7)]);
        rotate(&mut trusted, 1, 2, 100).unwrap();
        let json = serde_json::to_string(&trusted).unwrap();
        assert_eq!(
            serde_json::from_str::<TrustedOperators>(&json).unwrap(),
            trusted
        );
    }
}
