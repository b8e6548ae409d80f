//! `/v1/attestations`: the operator's word on a payee's name and the key of its till.

use offpay_protocol::{AccountId, Signature, Timestamp, messages::Attestation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which key may speak for the caller's account, or for one of its tills.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// The address of the key that will sign requests and receipts; the account's own without it.
    #[schema(value_type = Option<String>)]
    pub signer: Option<AccountId>,
    /// The number of the till that is paid; the account itself without it.
    pub till: Option<u64>,
}

/// An attestation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttestationView {
    /// What is attested.
    #[schema(value_type = Object)]
    pub attestation: Attestation,
    /// By the operator.
    #[schema(value_type = String)]
    pub signature: Signature,
    /// The same as text for a QR code.
    pub code: String,
    /// From when on it no longer counts.
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
}
