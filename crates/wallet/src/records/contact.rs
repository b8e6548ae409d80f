use offpay_protocol::AccountId;
use serde::{Deserialize, Serialize};

/// An account that the owner of this wallet knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contact {
    /// The account.
    pub account: AccountId,
    /// What the owner calls it.
    pub name: String,
}
