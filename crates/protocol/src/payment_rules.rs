//! What makes a payment well formed, and what a set of them may add up to (sections 5.1 and 6 of the protocol).

use thiserror::Error;

use crate::{Amount, messages::Payment};

/// Why a payment can never be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedPayment {
    /// It is to the zero address.
    #[error("the payment is to nobody")]
    NoPayee,
    /// It pays nothing.
    #[error("the payment pays nothing")]
    NothingPaid,
    /// The amount is more than the payee is said to have been promised in all.
    #[error("the amount {amount} is more than the cumulative {cumulative}")]
    AmountAboveCumulative {
        /// What the payment pays.
        amount: Amount,
        /// What it says was promised in all.
        cumulative: Amount,
    },
    /// The payee is said to have been promised more than the serials that were handed out.
    #[error("the cumulative {cumulative} is more than the serials up to {start} + {amount}")]
    CumulativeAboveSerials {
        /// What the payment says was promised in all.
        cumulative: Amount,
        /// Its first serial.
        start: Amount,
        /// Its number of serials.
        amount: Amount,
    },
    /// It spends serials that the purse does not have.
    #[error("the serials end at {end}, beyond the funds {funds}")]
    BeyondFunds {
        /// `start + amount`.
        end: u128,
        /// The purse's funds.
        funds: Amount,
    },
}

impl MalformedPayment {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoPayee => "payment_no_payee",
            Self::NothingPaid => "payment_nothing_paid",
            Self::AmountAboveCumulative { .. } => "payment_amount_above_cumulative",
            Self::CumulativeAboveSerials { .. } => "payment_cumulative_above_serials",
            Self::BeyondFunds { .. } => "payment_beyond_funds",
        }
    }
}

impl Payment {
    /// A payee, and `0 < amount <= cumulative <= start + amount`: what holds of a payment whatever its purse holds.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check_form(&self) -> Result<(), MalformedPayment> {
        let Self {
            payee,
            start,
            amount,
            cumulative,
            ..
        } = *self;
        if payee.is_zero() {
            return Err(MalformedPayment::NoPayee);
        }
        if amount.is_zero() {
            return Err(MalformedPayment::NothingPaid);
        }
        if amount > cumulative {
            return Err(MalformedPayment::AmountAboveCumulative { amount, cumulative });
        }
        if cumulative.get() > self.serials_end() {
            return Err(MalformedPayment::CumulativeAboveSerials {
                cumulative,
                start,
                amount,
            });
        }
        Ok(())
    }

    /// A payee, and `0 < amount <= cumulative <= start + amount <= funds`: what the contract asks before it settles.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check_within(&self, funds: Amount) -> Result<(), MalformedPayment> {
        self.check_form()?;
        if self.serials_end() > funds.get() {
            return Err(MalformedPayment::BeyondFunds {
                end: self.serials_end(),
                funds,
            });
        }
        Ok(())
    }

    /// `start + amount`, which can be beyond a `uint96` in a payment that nobody checked yet.
    pub(crate) fn serials_end(&self) -> u128 {
        self.start.get().saturating_add(self.amount.get())
    }
}

/// The sum rule: whether payees' highest known cumulatives add up to more than the funds.
///
/// Then some payee cannot be paid out of the funds, even if no two payments [conflict](crate::conflict::conflict):
/// lies spread over three payments can evade every pair. An operator refuses to clear such a payment.
pub fn promises_exceed(
    highest_cumulatives: impl IntoIterator<Item = Amount>,
    funds: Amount,
) -> bool {
    Amount::checked_sum(highest_cumulatives).is_none_or(|promised| promised > funds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountId;

    fn payment(start: Amount, amount: u64, cumulative: Amount) -> Payment {
        Payment {
            payee: AccountId::new([1; 20].into()),
            start,
            amount: amount.into(),
            cumulative,
            reference: Default::default(),
        }
    }

    fn units(units: u64) -> Amount {
        units.into()
    }

    #[test]
    fn each_rule_at_its_edge() {
        let funds = units(100);
        assert_eq!(
            payment(units(0), 100, units(100)).check_within(funds),
            Ok(())
        );
        assert_eq!(
            payment(units(99), 1, units(100)).check_within(funds),
            Ok(())
        );
        let nobody = Payment {
            payee: AccountId::ZERO,
            ..payment(units(0), 1, units(1))
        };
        assert_eq!(nobody.check_within(funds), Err(MalformedPayment::NoPayee));
        assert_eq!(
            payment(units(0), 0, units(0)).check_within(funds),
            Err(MalformedPayment::NothingPaid)
        );
        assert_eq!(
            payment(units(5), 3, units(2)).check_within(funds),
            Err(MalformedPayment::AmountAboveCumulative {
                amount: units(3),
                cumulative: units(2)
            })
        );
        assert_eq!(
            payment(units(5), 3, units(9)).check_within(funds),
            Err(MalformedPayment::CumulativeAboveSerials {
                cumulative: units(9),
                start: units(5),
                amount: units(3)
            })
        );
        assert_eq!(
            payment(units(98), 3, units(3)).check_within(funds),
            Err(MalformedPayment::BeyondFunds { end: 101, funds })
        );
    }

    #[test]
    fn the_end_of_uint96_does_not_wrap() {
        let last = payment(Amount::MAX, 1, Amount::MAX);
        assert_eq!(last.check_form(), Ok(()));
        assert!(matches!(
            last.check_within(Amount::MAX),
            Err(MalformedPayment::BeyondFunds { .. })
        ));
        assert_eq!(last.serials(), None);
    }

    #[test]
    fn promises_may_use_up_the_funds() {
        assert!(!promises_exceed([units(60), units(40)], units(100)));
        assert!(promises_exceed([units(60), units(41)], units(100)));
        assert!(promises_exceed([Amount::MAX, Amount::MAX], Amount::MAX));
    }
}
