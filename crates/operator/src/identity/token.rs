//! Access tokens: what an app may do for a user, and how much it may move.

use offpay_protocol::{Amount, Timestamp};

use super::{AccessTokenId, Scopes};
use crate::UserId;

/// An access token that a user gave to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Its name.
    pub id: AccessTokenId,
    /// Whose it is.
    pub user: UserId,
    /// What the user called it.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// How much it may move in all. Nothing if it may move nothing.
    pub budget: Amount,
    /// How much it has moved.
    pub spent: Amount,
    /// When it was given.
    pub created_at: Timestamp,
    /// It ends then.
    pub expires_at: Timestamp,
}

impl AccessToken {
    /// What is left of its budget.
    pub const fn remaining(&self) -> Amount {
        self.budget.saturating_sub(self.spent)
    }
}

/// Why an amount is not taken out of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetExceeded {
    /// What is left.
    pub remaining: Amount,
}

/// What is spent after `amount` more.
///
/// # Errors
///
/// [`BudgetExceeded`]: then nothing is spent.
pub fn spend(budget: Amount, spent: Amount, amount: Amount) -> Result<Amount, BudgetExceeded> {
    match spent.checked_add(amount) {
        Some(total) if total <= budget => Ok(total),
        _ => Err(BudgetExceeded {
            remaining: budget.saturating_sub(spent),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_the_last_unit_and_no_further() {
        let units = Amount::from_u64;
        assert_eq!(spend(units(10), units(4), units(6)), Ok(units(10)));
        assert_eq!(
            spend(units(10), units(4), units(7)),
            Err(BudgetExceeded {
                remaining: units(6)
            })
        );
        assert!(spend(Amount::MAX, Amount::MAX, units(1)).is_err());
    }
}
