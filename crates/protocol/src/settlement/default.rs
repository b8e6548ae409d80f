use super::{OpenDefault, PairState, Presentation, PurseError, PurseState};
use crate::{
    AccountId, Amount, Timestamp,
    cover::{ReservationBounds, reservation},
};

impl PurseState {
    /// What the funds could not pay puts the pair in default, or keeps it there.
    pub(super) fn present_in_default(
        &mut self,
        pair: &mut PairState,
        cumulative: Amount,
        target: Amount,
        is_member: bool,
        now: Timestamp,
    ) -> Presentation {
        let held = pair
            .in_default
            .map_or(Amount::ZERO, |default| default.reserved);
        let others = self.reserved.saturating_sub(held);
        let may_reserve = pair.was_member || is_member;
        let reserved = if may_reserve {
            let bounds = ReservationBounds {
                cover: self.cover(),
                payable_share: self.payable_share(),
                had: pair.from_collateral,
                reserved_by_others: others,
                paid_from_collateral: self.paid_from_collateral,
            };
            reservation(target.saturating_sub(pair.paid), &bounds)
        } else {
            Amount::ZERO
        };
        let since = match pair.in_default {
            // Neither restarted nor lowered until it is paid in full.
            Some(default) => default.since,
            None if reserved.is_zero() && cumulative <= pair.presented => {
                return Presentation::StaysResolved;
            }
            None => now,
        };
        let default = OpenDefault { since, reserved };
        pair.was_member = may_reserve;
        pair.presented = target;
        pair.in_default = Some(default);
        // Bounded by the payable share, which is an amount.
        self.reserved = others.checked_add(reserved).unwrap_or(Amount::MAX);
        self.defaulted = true;
        self.start_closing(now);
        Presentation::InDefault(default)
    }

    /// A pair that was paid in full is no longer in default; what it reserved is free for others.
    pub(super) fn cure(&mut self, pair: &mut PairState) -> Presentation {
        match pair.in_default.take() {
            None => Presentation::PaidInFull,
            Some(default) => {
                self.reserved = self.reserved.saturating_sub(default.reserved);
                Presentation::Cured
            }
        }
    }

    /// `settlePaymentAfterSettlementPeriod`: pays what the pair reserves out of collateral, maybe nothing, and condemns
    /// the purse. Returns what was paid.
    ///
    /// # Errors
    ///
    /// [`PurseError::NotInDefault`], [`PurseError::SettlementPeriodRunning`].
    pub fn settle_after_settlement_period(
        &mut self,
        payee: AccountId,
        now: Timestamp,
    ) -> Result<Amount, PurseError> {
        let mut pair = self.pair(payee);
        let default = pair.in_default.ok_or(PurseError::NotInDefault { payee })?;
        let ends_at = self.period_ends(default);
        if now < ends_at {
            return Err(PurseError::SettlementPeriodRunning { ends_at });
        }
        let amount = default.reserved;
        // Reservations and payments from collateral stay within the payable share together.
        self.reserved = self.reserved.saturating_sub(amount);
        self.paid_from_collateral = self
            .paid_from_collateral
            .checked_add(amount)
            .unwrap_or(Amount::MAX);
        self.condemned = true;
        pair.from_collateral = pair
            .from_collateral
            .checked_add(amount)
            .unwrap_or(Amount::MAX);
        pair.paid = pair.paid.checked_add(amount).unwrap_or(Amount::MAX);
        pair.in_default = None;
        self.pairs.insert(payee, pair);
        Ok(amount)
    }
}
