use std::collections::BTreeSet;

use offpay_protocol::{OperatorId, PurseKey, Timestamp};
use serde::{Deserialize, Serialize};

/// What an operator's card says: scanned once, to trust it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperatorCard {
    /// Its key.
    pub operator: OperatorId,
    /// What it calls itself.
    pub name: String,
    /// Where its server is.
    pub server: String,
}

/// An operator's newest list of purses that are closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevocationList {
    /// The key that signed it.
    pub operator: OperatorId,
    /// Grows with every list.
    pub version: u64,
    /// The time of the finalized block that it was made from.
    pub as_of: Timestamp,
    /// The purses.
    pub purses: BTreeSet<PurseKey>,
}
