use offpay_protocol::{Amount, Seconds, Timestamp};

use super::PayError;
use crate::{State, records::VoucherDirection};

/// What was paid in the last 24 hours, out of purses and through channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// How much.
    pub total: Amount,
    /// In how many payments.
    pub payments: u32,
}

impl Spending {
    fn add(&mut self, amount: Amount) {
        self.total = self.total.checked_add(amount).unwrap_or(Amount::MAX);
        self.payments = self.payments.saturating_add(1);
    }
}

impl State {
    /// What was paid in the last 24 hours.
    pub fn spending(&self, now: Timestamp) -> Spending {
        let since = self.time(now).saturating_sub(Seconds::DAY);
        let mut spending = Spending::default();
        let recent = self
            .index
            .made_newest_first()
            .filter_map(|id| self.records().made.get(&id))
            .take_while(|made| made.made_at > since);
        for made in recent {
            spending.add(made.payment.amount);
        }
        let recent = self
            .records()
            .vouchers
            .iter()
            .rev()
            .take_while(|note| note.at > since);
        for note in recent.filter(|note| note.direction == VoucherDirection::Sent) {
            spending.add(note.amount);
        }
        spending
    }

    /// Whether the owner allows to pay this much more.
    pub(super) fn check_spending(&self, amount: Amount, now: Timestamp) -> Result<(), PayError> {
        let limits = self.settings().spending;
        if let Some(limit) = limits.per_payment.filter(|limit| amount > *limit) {
            return Err(PayError::OverPaymentLimit { amount, limit });
        }
        let spending = self.spending(now);
        if let Some(limit) = limits
            .payments_per_day
            .filter(|limit| spending.payments >= *limit)
        {
            return Err(PayError::OverCountLimit { limit });
        }
        let spent = spending.total;
        let total = spent.checked_add(amount).unwrap_or(Amount::MAX);
        if let Some(limit) = limits.per_day.filter(|limit| total > *limit) {
            return Err(PayError::OverDayLimit {
                amount,
                spent,
                limit,
            });
        }
        Ok(())
    }
}
