use alloy_primitives::B256;
use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};

/// A finalized block, as the wallet was shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinalizedBlock {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its timestamp.
    pub time: Timestamp,
    /// How many independent nodes agreed on it. One is allowed, and said so.
    pub nodes: u8,
}
