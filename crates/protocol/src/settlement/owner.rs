use super::{PurseError, PurseState};
use crate::{Amount, Timestamp, conflict::conflict, messages::Payment};

/// Terms that only ever improve, and the two ways in which a purse begins to close.
impl PurseState {
    /// `topUpPurse`: adds to the funds, until the purse is closed.
    ///
    /// # Errors
    ///
    /// [`PurseError::ZeroAmount`], [`PurseError::PurseIsClosed`], [`PurseError::HoldingsTooLarge`].
    pub fn top_up(&mut self, amount: Amount) -> Result<(), PurseError> {
        if amount.is_zero() {
            return Err(PurseError::ZeroAmount);
        }
        self.require_open()?;
        self.funds = self
            .funds
            .checked_add(amount)
            .ok_or(PurseError::HoldingsTooLarge)?;
        Ok(())
    }

    /// `addPledge`: pledges more collateral, until the first default.
    ///
    /// # Errors
    ///
    /// [`PurseError::ZeroAmount`], [`PurseError::PurseIsClosed`], [`PurseError::PledgeFixed`],
    /// [`PurseError::HoldingsTooLarge`].
    pub fn add_pledge(&mut self, amount: Amount) -> Result<(), PurseError> {
        if amount.is_zero() {
            return Err(PurseError::ZeroAmount);
        }
        self.require_open()?;
        if self.defaulted {
            return Err(PurseError::PledgeFixed);
        }
        self.pledge = self
            .pledge
            .checked_add(amount)
            .ok_or(PurseError::HoldingsTooLarge)?;
        Ok(())
    }

    /// `requestPurseClose`: begins to close the purse, which cannot be undone.
    ///
    /// # Errors
    ///
    /// [`PurseError::PurseIsClosed`], [`PurseError::PurseClosing`].
    pub fn request_close(&mut self, now: Timestamp) -> Result<(), PurseError> {
        self.require_open()?;
        if let Some(closes_at) = self.closes_at {
            return Err(PurseError::PurseClosing { closes_at });
        }
        self.start_closing(now);
        Ok(())
    }

    /// `reportDoubleSpend`: two payments of this purse's key that conflict begin to close it. Says whether this report
    /// was the first.
    ///
    /// # Errors
    ///
    /// [`PurseError::MalformedPayment`], [`PurseError::NoConflict`], [`PurseError::PurseIsClosed`].
    pub fn report_double_spend(
        &mut self,
        a: &Payment,
        b: &Payment,
        now: Timestamp,
    ) -> Result<bool, PurseError> {
        a.check_form()?;
        b.check_form()?;
        conflict(a, b).ok_or(PurseError::NoConflict)?;
        self.require_open()?;
        if self.reported {
            return Ok(false);
        }
        self.start_closing(now);
        self.reported = true;
        Ok(true)
    }
}
