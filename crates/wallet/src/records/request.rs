use offpay_protocol::{Reference, Signature, Timestamp, messages::Request};
use serde::{Deserialize, Serialize};

use crate::sale::Sale;

/// A request that this wallet showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuedRequest {
    /// The entry in which it was stored.
    pub number: u64,
    /// What payments of it carry as their reference.
    pub reference: Reference,
    /// The request.
    pub request: Request,
    /// The signature of the payee, or of its attested key; `None` for one that was printed unsigned.
    pub signature: Option<Signature>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The owner took it back: payments of it are refused.
    pub withdrawn: bool,
    /// What a till sells with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<Sale>,
}
