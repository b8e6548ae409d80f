//! Two payments that prove a lie.

use offpay_protocol::{
    PurseKey, Signed, Timestamp,
    conflict::{Conflict, conflict},
    messages::Payment,
};
use thiserror::Error;

/// Two conflicting payments of one purse: what stops it, here and on-chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoubleSpend {
    /// The purse that signed both.
    pub purse: PurseKey,
    /// The one that was seen first.
    pub first: Signed<Payment>,
    /// The one that was refused.
    pub second: Signed<Payment>,
    /// When the second was seen.
    pub found_at: Timestamp,
}

/// Why two payments prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotEvidence {
    /// They were not signed by one purse for one deployment.
    #[error("the two payments are not of one purse")]
    Strangers,
    /// They do not conflict.
    #[error("the two payments do not conflict")]
    NoConflict,
}

impl DoubleSpend {
    /// The evidence, if it is any: checked by the protocol's own rule over the two messages alone, whatever an index
    /// said. What is reported on-chain is never only believed.
    ///
    /// # Errors
    ///
    /// [`NotEvidence`].
    pub fn new(
        first: Signed<Payment>,
        second: Signed<Payment>,
        found_at: Timestamp,
    ) -> Result<Self, NotEvidence> {
        let purse = first.signer().map_err(|_| NotEvidence::Strangers)?;
        if first.domain != second.domain || second.signer() != Ok(purse) {
            return Err(NotEvidence::Strangers);
        }
        conflict(&first.message, &second.message).ok_or(NotEvidence::NoConflict)?;
        Ok(Self {
            purse,
            first,
            second,
            found_at,
        })
    }

    /// The rule that the two break; `None` for no double spend.
    pub fn conflict(&self) -> Option<Conflict> {
        conflict(&self.first.message, &self.second.message)
    }
}
