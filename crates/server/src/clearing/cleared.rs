//! A cleared payment, with what proves it.

use alloy_primitives::B256;
use offpay_operator::storage::clearing::StoredClearance;
use offpay_protocol::{
    Domain, OperatorId, PaymentId, PurseKey, Signed,
    certificate::TrustedOperators,
    clearance::{ClearanceRefusal, RecordedPayment, check_clearance},
    messages::Clearance,
};

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
