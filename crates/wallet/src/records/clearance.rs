use alloy_primitives::B256;
use offpay_protocol::{OperatorId, PaymentId, PurseKey, Signature, messages::Clearance};
use serde::{Deserialize, Serialize};

/// An operator's clearance of a payment, with the path from the payment to what was signed: whoever trusts the operator
/// can check it, with no network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaymentClearance {
    /// The payment.
    pub payment: PaymentId,
    /// The purse that signed it.
    pub purse: PurseKey,
    /// Who cleared it.
    pub operator: OperatorId,
    /// What was signed, for all payments of one commit.
    pub clearance: Clearance,
    /// The operator's signature.
    pub signature: Signature,
    /// The path from the payment to the clearance's root.
    pub path: Vec<B256>,
}
