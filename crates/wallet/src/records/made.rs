use alloy_primitives::Address;
use offpay_protocol::{
    OperatorId, PaymentId, PurseKey, Signature, Timestamp,
    messages::{Payment, Request},
};
use serde::{Deserialize, Serialize};

use super::SignedReceipt;

/// A payment that this wallet signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MadePayment {
    /// The entry in which it was stored.
    pub number: u64,
    /// Its name.
    pub id: PaymentId,
    /// The purse that pays.
    pub purse: PurseKey,
    /// The payment.
    pub payment: Payment,
    /// The device key's signature.
    pub signature: Signature,
    /// When it was signed.
    pub made_at: Timestamp,
    /// What it pays.
    pub request: Request,
    /// Who was said to be paid, and how far that could be trusted.
    pub payee_name: PayeeName,
    /// Who signed the request: the payee, or the key that was attested for it. Whose receipts count.
    pub request_signer: Option<Address>,
    /// The payment to this wallet that it gives back.
    pub refund_of: Option<PaymentId>,
    /// The payee's "I accepted this payment".
    pub receipt: Option<SignedReceipt>,
}

/// What a payee is called, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PayeeName {
    /// The owner of this wallet knows the payee.
    Contact {
        /// As the owner calls it.
        name: String,
    },
    /// A trusted operator vouches for the name, and the request is signed by the key that it names.
    Attested {
        /// The name.
        name: String,
        /// The operator.
        operator: OperatorId,
    },
    /// Only the request says so. It may be anybody.
    Unverified {
        /// The name.
        name: String,
    },
}

impl PayeeName {
    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::Contact { name } | Self::Attested { name, .. } | Self::Unverified { name } => {
                name
            }
        }
    }

    /// Whether somebody else than the request says so.
    pub const fn is_verified(&self) -> bool {
        !matches!(self, Self::Unverified { .. })
    }
}
