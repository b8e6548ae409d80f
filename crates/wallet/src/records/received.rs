use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Reference, Signature, Timestamp,
    acceptance::{Accepted, Verdict},
    messages::{Payment, Receipt},
};
use serde::{Deserialize, Serialize};

use super::StoredCertificate;

/// A payment that this wallet accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceivedPayment {
    /// The entry in which it was stored.
    pub number: u64,
    /// Its name.
    pub id: PaymentId,
    /// The purse that pays.
    pub purse: PurseKey,
    /// The account that the purse belongs to.
    pub payer: AccountId,
    /// The payment.
    pub payment: Payment,
    /// The device key's signature.
    pub signature: Signature,
    /// The certificate that came with it.
    pub certificate: StoredCertificate,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// Where the payee stood then.
    pub acceptance: Acceptance,
    /// The request that it pays.
    pub request: Reference,
    /// The payment by this wallet that it gives back.
    pub refund_of: Option<PaymentId>,
    /// The receipt that was given for it.
    pub receipt: Option<SignedReceipt>,
}

/// Where a payee stood when it accepted a payment: the verdict and the numbers behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Acceptance {
    /// The verdict.
    pub verdict: Verdict,
    /// What of the pledge this payee can claim.
    pub cover: Amount,
    /// What was held unsettled from the purse, this payment included.
    pub exposure: Amount,
    /// What the purse promised beyond the payments that were accepted.
    pub excess: Amount,
    /// An older payment that turned up after a newer one.
    pub is_older: bool,
    /// By when it is to be in a finalized block.
    pub hand_in_by: Timestamp,
}

impl From<&Accepted> for Acceptance {
    fn from(accepted: &Accepted) -> Self {
        Self {
            verdict: accepted.verdict,
            cover: accepted.cover,
            exposure: accepted.exposure,
            excess: accepted.excess,
            is_older: accepted.is_older,
            hand_in_by: accepted.hand_in_by,
        }
    }
}

/// A receipt with its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// The signature of the payee, or of its attested key.
    pub signature: Signature,
}
