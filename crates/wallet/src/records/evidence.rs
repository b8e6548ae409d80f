use offpay_protocol::{PurseKey, Signature, Timestamp, messages::Payment};
use serde::{Deserialize, Serialize};

/// Two payments of one purse that conflict: with them anybody can stop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// The purse whose key signed both.
    pub purse: PurseKey,
    /// One payment.
    pub a: SignedPayment,
    /// The other.
    pub b: SignedPayment,
    /// When this wallet saw it.
    pub found_at: Timestamp,
}

/// A payment with its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedPayment {
    /// The payment.
    pub payment: Payment,
    /// The device key's signature.
    pub signature: Signature,
}
