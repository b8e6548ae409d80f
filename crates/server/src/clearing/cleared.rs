//! A cleared payment, with what proves it.

use alloy_primitives::B256;
use offpay_operator::storage::{
    SlotStorage as _, StorageError,
    clearing::{ClearingStorage as _, StoredClearance, StoredPayment},
    slots::MovedClearance,
};
use offpay_protocol::{
    Domain, OperatorId, PaymentId, PurseKey, Signed,
    certificate::TrustedOperators,
    clearance::{ClearanceRefusal, ClearanceTree, RecordedPayment, check_clearance},
    messages::Clearance,
};

use crate::App;

/// A cleared payment, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// The payment.
    pub payment: PaymentId,
    /// The purse that signed it.
    pub purse: PurseKey,
    /// Its place among all cleared payments.
    pub number: i64,
    /// The clearance: one for all payments of a commit.
    pub clearance: Signed<Clearance>,
    /// Who signed the clearance.
    pub operator: OperatorId,
    /// The path from the payment to the clearance's root.
    pub path: Vec<B256>,
}

impl Cleared {
    pub(super) fn new(
        payment: PaymentId,
        purse: PurseKey,
        number: i64,
        stored: &StoredClearance,
        domain: Domain,
        path: Vec<B256>,
    ) -> Self {
        Self {
            payment,
            purse,
            number,
            clearance: Signed {
                domain,
                message: stored.clearance,
                signature: stored.signature,
            },
            operator: stored.operator,
            path,
        }
    }

    /// One that another shard cleared.
    pub(super) fn moved(payment: &StoredPayment, moved: &MovedClearance, domain: Domain) -> Self {
        let path = moved.path.iter().map(|hash| B256::from(*hash)).collect();
        let (number, clearance) = (moved.clearance.first, &moved.clearance);
        Self::new(payment.id, payment.purse, number, clearance, domain, path)
    }

    /// Checks it as anybody can who trusts these operators.
    ///
    /// # Errors
    ///
    /// Why it proves nothing.
    pub fn check(&self, operators: &TrustedOperators) -> Result<OperatorId, ClearanceRefusal> {
        check_clearance(
            RecordedPayment {
                purse: self.purse,
                id: self.payment,
            },
            &self.path,
            &self.clearance.message,
            &self.clearance.signature,
            &self.clearance.domain,
            operators,
        )
    }
}

/// What clears a stored payment with this number; `None` if the database has no such clearance.
///
/// # Errors
///
/// [`StorageError`].
pub async fn stored(
    app: &App,
    payment: &StoredPayment,
    number: i64,
) -> Result<Option<Cleared>, StorageError> {
    let Some((clearance, recorded)) = app.database.clearance_of(number).await? else {
        let moved = app.database.moved_clearance(number).await?;
        let domain = *app.contract.domain();
        return Ok(moved.map(|moved| Cleared::moved(payment, &moved, domain)));
    };
    let place = usize::try_from(number.saturating_sub(clearance.first)).ok();
    let path = ClearanceTree::new(&recorded).and_then(|tree| tree.path(place?));
    let domain = *app.contract.domain();
    Ok(path.map(|path| Cleared::new(payment.id, payment.purse, number, &clearance, domain, path)))
}
