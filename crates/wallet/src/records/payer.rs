use offpay_protocol::{PurseKey, Timestamp};
use serde::{Deserialize, Serialize};

use super::{PurseStanding, StoredCertificate};

/// Another wallet's purse, as it stood in the last finalized block that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayerPurse {
    /// The purse.
    pub purse: PurseKey,
    /// How it stood.
    pub standing: PurseStanding,
    /// The time of that block.
    pub seen_at: Timestamp,
    /// A certificate that came with a payment and that a finalized block contradicts: kept as evidence against the
    /// operator that signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_certificate: Option<StoredCertificate>,
}
