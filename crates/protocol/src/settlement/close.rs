use super::{PurseError, PurseState};
use crate::{AccountId, Amount, Circle, Timestamp};

/// Where a closed purse's money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// To the owner's balance: what was left of the funds.
    pub rest: Amount,
    /// What of the pledge became free.
    pub released: Amount,
    /// What of the pledge went to the treasury.
    pub forfeited: Amount,
}

impl PurseState {
    /// `closePurse`: closes a purse whose time has come and that has no pair in default.
    ///
    /// # Errors
    ///
    /// [`PurseError::PurseIsClosed`], [`PurseError::NotClosable`].
    pub fn close(&mut self, now: Timestamp) -> Result<Closed, PurseError> {
        self.require_open()?;
        let pairs_in_default = self.pairs_in_default();
        let due = self.closes_at.is_some_and(|closes_at| now >= closes_at);
        if !due || pairs_in_default != 0 {
            return Err(PurseError::NotClosable {
                closes_at: self.closes_at,
                pairs_in_default,
            });
        }
        let rest = self.funds.saturating_sub(self.paid);
        let left = self.pledge.saturating_sub(self.paid_from_collateral);
        let (released, forfeited) = if self.condemned {
            (Amount::ZERO, left)
        } else {
            (left, Amount::ZERO)
        };

        // What stays is the tombstone: `paidTo` of every pair, and that the key is used.
        self.closed = true;
        self.funds = self.paid;
        self.owner = AccountId::ZERO;
        self.circle = Circle::OPEN;
        self.pledge = Amount::ZERO;
        self.reserved = Amount::ZERO;
        self.paid_from_collateral = Amount::ZERO;
        Ok(Closed {
            rest,
            released,
            forfeited,
        })
    }
}
