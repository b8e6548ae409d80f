use super::{OpenDefault, PurseError, PurseState};
use crate::{Amount, Timestamp, messages::Payment};

/// What presenting a payment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What was credited to the payee, out of the purse's funds.
    pub credited: Amount,
    /// How the pair stands now.
    pub outcome: Presentation,
}

/// How a pair stands after a payment was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presentation {
    /// Nothing was owed: whoever loses a race loses nothing.
    NothingOwed,
    /// All that was owed is paid; the pair was not in default.
    PaidInFull,
    /// All that was owed is paid, which ends the pair's default.
    Cured,
    /// Something is still owed, and the pair is in default.
    InDefault(OpenDefault),
    /// Something is still owed, but the default was resolved before and the payment brings nothing new.
    StaysResolved,
}

impl PurseState {
    /// `settlePayment`: pays what is owed on a payment that this purse's key signed.
    ///
    /// `is_member` is whether the payee counts as a member of the purse's circle now.
    ///
    /// # Errors
    ///
    /// [`PurseError::MalformedPayment`], [`PurseError::BeyondFunds`], and [`PurseError::PurseIsClosed`] if something is
    /// still owed then.
    pub fn settle(
        &mut self,
        payment: &Payment,
        is_member: bool,
        now: Timestamp,
    ) -> Result<Settled, PurseError> {
        payment.check_form()?;
        let mut pair = self.pair(payment.payee);
        if self.closed {
            return if payment.cumulative > pair.paid {
                Err(PurseError::PurseIsClosed)
            } else {
                Ok(Settled {
                    credited: Amount::ZERO,
                    outcome: Presentation::NothingOwed,
                })
            };
        }
        payment.check_within(self.funds)?;

        let target = payment.cumulative.max(pair.presented);
        let owed = target.saturating_sub(pair.paid);
        if owed.is_zero() {
            return Ok(Settled {
                credited: Amount::ZERO,
                outcome: Presentation::NothingOwed,
            });
        }
        let credited = owed.min(self.funds.saturating_sub(self.paid));
        let still_owed = owed.saturating_sub(credited);
        // Both stay at or below the funds and the target, which are amounts.
        self.paid = self.paid.checked_add(credited).unwrap_or(self.funds);
        pair.paid = pair.paid.checked_add(credited).unwrap_or(target);

        if let Some(default) = pair.in_default
            && !credited.is_zero()
        {
            self.condemn_if_late(default, now);
        }
        let outcome = if still_owed.is_zero() {
            self.cure(&mut pair)
        } else {
            self.present_in_default(&mut pair, payment.cumulative, target, is_member, now)
        };
        self.pairs.insert(payment.payee, pair);
        Ok(Settled { credited, outcome })
    }
}
