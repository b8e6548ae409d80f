//! Clearances: one signature over the payments of one commit, and for each payment a path to it.
//!
//! A binary Merkle tree over the payments, each with its purse: two purses that sign the same message give it the same
//! id. A leaf is `keccak256(0x00 ‖ purse ‖ id)` (20 and 32 bytes) and a node `keccak256(0x01 ‖ low ‖ high)`,
//! the smaller hash first, so that a path needs no directions. The prefixes keep a node from passing for a payment. A
//! hash without a partner moves up unchanged.

use alloy_primitives::{B256, Keccak256};
use thiserror::Error;

use crate::{
    Domain, OperatorId, PaymentId, PurseKey, Signable, Signature, certificate::TrustedOperators,
    messages::Clearance, signature::SignatureError,
};

/// The longest path that is read: more payments than one commit can ever hold.
pub const LONGEST_PATH: usize = 32;

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// A payment as an operator records it. Its id alone does not say who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordedPayment {
    /// The purse that signed it.
    pub purse: PurseKey,
    /// The payment.
    pub id: PaymentId,
}

/// The Merkle tree over the payments of one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearanceTree {
    /// From the leaves up; the last level is the root alone.
    levels: Vec<Vec<B256>>,
}

impl ClearanceTree {
    /// The tree over these payments, in this order; `None` without any.
    pub fn new(payments: &[RecordedPayment]) -> Option<Self> {
        let mut level: Vec<B256> = payments.iter().map(leaf).collect();
        if level.is_empty() {
            return None;
        }
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = level.chunks(2).filter_map(|pair| match pair {
                [left, right] => Some(node(*left, *right)),
                [alone] => Some(*alone),
                _ => None,
            });
            let above = above.collect();
            levels.push(core::mem::replace(&mut level, above));
        }
        levels.push(level);
        Some(Self { levels })
    }

    /// What the operator signs.
    pub fn root(&self) -> B256 {
        self.levels
            .last()
            .and_then(|level| level.first())
            .copied()
            .unwrap_or_default()
    }

    /// The path of the payment at `index`; `None` beyond the last.
    pub fn path(&self, index: usize) -> Option<Vec<B256>> {
        self.levels.first()?.get(index)?;
        let mut path = Vec::new();
        for (height, level) in self.levels.iter().enumerate() {
            let place = index.checked_shr(u32::try_from(height).ok()?)?;
            // The neighbour in its pair differs in the last bit.
            path.extend(level.get(place ^ 1));
        }
        Some(path)
    }
}

/// The root that `path` leads to from a payment; `None` if it is longer than any path is.
pub fn root_of(payment: RecordedPayment, path: &[B256]) -> Option<B256> {
    let within = path.len() <= LONGEST_PATH;
    within.then(|| {
        path.iter()
            .fold(leaf(&payment), |hash, sibling| node(hash, *sibling))
    })
}

fn leaf(payment: &RecordedPayment) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update([LEAF]);
    hasher.update(payment.purse.address());
    hasher.update(payment.id.bytes());
    hasher.finalize()
}

fn node(a: B256, b: B256) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update([NODE]);
    hasher.update(a.min(b));
    hasher.update(a.max(b));
    hasher.finalize()
}

/// Why a clearance does not clear a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClearanceRefusal {
    /// The path does not lead from the payment to the root.
    #[error("the clearance is for other payments")]
    NotInTree,
    /// Nobody can have signed it.
    #[error("the clearance's signature: {0}")]
    Signature(SignatureError),
    /// Its signer is not an operator that this wallet trusts, or was not at that time.
    #[error("{operator} is not an operator that you trust")]
    UntrustedOperator {
        /// Who signed it.
        operator: OperatorId,
    },
}

impl ClearanceRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotInTree => "clearance_other_payments",
            Self::Signature(_) => "clearance_signature",
            Self::UntrustedOperator { .. } => "clearance_operator_untrusted",
        }
    }
}

/// Checks that a trusted operator cleared a payment. Returns the operator.
///
/// # Errors
///
/// Why it does not count.
pub fn check_clearance(
    payment: RecordedPayment,
    path: &[B256],
    clearance: &Clearance,
    signature: &Signature,
    domain: &Domain,
    operators: &TrustedOperators,
) -> Result<OperatorId, ClearanceRefusal> {
    if root_of(payment, path) != Some(clearance.root) {
        return Err(ClearanceRefusal::NotInTree);
    }
    let operator = clearance
        .recover(domain, signature)
        .map_err(ClearanceRefusal::Signature)?;
    if !operators.trusts(operator, clearance.cleared_at) {
        return Err(ClearanceRefusal::UntrustedOperator { operator });
    }
    Ok(operator)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{SigningKey, Timestamp};

    fn ids(count: usize) -> Vec<RecordedPayment> {
        let recorded = |index: usize| RecordedPayment {
            purse: PurseKey::new([7; 20].into()),
            id: B256::left_padding_from(&index.to_be_bytes()).into(),
        };
        (0..count).map(recorded).collect()
    }

    #[test]
    fn a_payment_is_not_cleared_by_another_purses_same_message() {
        let recorded = ids(1)[0];
        let other = RecordedPayment {
            purse: PurseKey::new([8; 20].into()),
            ..recorded
        };
        let tree = ClearanceTree::new(&[recorded, ids(2)[1]]).unwrap();
        let path = tree.path(0).unwrap();
        assert_eq!(root_of(recorded, &path), Some(tree.root()));
        assert_ne!(root_of(other, &path), Some(tree.root()));
    }

    #[test]
    fn no_payments_no_tree() {
        assert_eq!(ClearanceTree::new(&[]), None);
    }

    #[test]
    fn one_payment_is_its_own_root() {
        let tree = ClearanceTree::new(&ids(1)).unwrap();
        assert_eq!(tree.path(0), Some(vec![]));
        assert_eq!(tree.path(1), None);
        assert_eq!(root_of(ids(1)[0], &[]), Some(tree.root()));
    }

    #[test]
    fn a_node_does_not_pass_for_a_payment() {
        let tree = ClearanceTree::new(&ids(4)).unwrap();
        let inner = tree.levels[1][0];
        assert_ne!(
            root_of(
                RecordedPayment {
                    id: inner.into(),
                    ..ids(1)[0]
                },
                &[tree.levels[1][1]]
            ),
            Some(tree.root())
        );
    }

    #[test]
    fn a_path_has_a_longest() {
        assert!(root_of(ids(1)[0], &[B256::ZERO; LONGEST_PATH]).is_some());
        assert_eq!(root_of(ids(1)[0], &[B256::ZERO; LONGEST_PATH + 1]), None);
    }

    #[test]
    fn a_clearance_is_checked_from_path_to_operator() {
        let domain = Domain::new(1, [0xff; 20].into());
        let key = SigningKey::from_bytes(&[10; 32]).unwrap();
        let operators = TrustedOperators::new([key.address().into()]);
        let tree = ClearanceTree::new(&ids(5)).unwrap();
        let clearance = Clearance {
            root: tree.root(),
            cleared_at: Timestamp::ZERO,
        };
        let signature = clearance.sign(&domain, &key).unwrap();
        let path = tree.path(3).unwrap();
        let check = |payment, operators: &TrustedOperators| {
            check_clearance(payment, &path, &clearance, &signature, &domain, operators)
        };
        assert_eq!(check(ids(5)[3], &operators), Ok(key.address().into()));
        assert_eq!(
            check(ids(5)[2], &operators),
            Err(ClearanceRefusal::NotInTree)
        );
        assert!(matches!(
            check(ids(5)[3], &TrustedOperators::default()),
            Err(ClearanceRefusal::UntrustedOperator { .. })
        ));
    }

    proptest! {
        #[test]
        fn every_payment_has_a_path_and_no_other(
            count in 1usize..70, probe: prop::sample::Index, other: [u8; 32],
        ) {
            let payments = ids(count);
            let tree = ClearanceTree::new(&payments).unwrap();
            let index = probe.index(count);
            let path = tree.path(index).unwrap();
            prop_assert_eq!(root_of(payments[index], &path), Some(tree.root()));
            prop_assert_ne!(root_of(RecordedPayment { id: B256::from(other).into(), ..payments[index] }, &path), Some(tree.root()));
            prop_assert!(path.len() <= count.next_power_of_two().ilog2() as usize);
        }
    }
}
