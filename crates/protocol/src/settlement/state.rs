use std::collections::BTreeMap;

use super::PurseError;
use crate::{
    AccountId, Amount, Circle, Timestamp,
    cover::{BasisPoints, Parameters, cover, payable_share},
};

/// A purse as the contract keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurseState {
    /// Who opened it.
    pub owner: AccountId,
    /// Whose members may claim on the pledge.
    pub circle: Circle,
    /// All money that was ever put in. Of a closed purse, what it paid.
    pub funds: Amount,
    /// What was paid out of the funds.
    pub paid: Amount,
    /// The collateral that stands behind it.
    pub pledge: Amount,
    /// How many covers the pledge is divided into.
    pub cover_count: u16,
    /// From when on it can be closed, once it has begun to close.
    pub closes_at: Option<Timestamp>,
    /// A double spend was reported.
    pub reported: bool,
    /// Some pair was in default at some time: the pledge is fixed.
    pub defaulted: bool,
    /// A default was not made good in time: the pledge is not returned.
    pub condemned: bool,
    /// Only the tombstone is left.
    pub closed: bool,
    /// What all pairs in default reserve.
    pub reserved: Amount,
    /// All that was ever paid from the pledge.
    pub paid_from_collateral: Amount,
    /// Every payee that was ever credited or presented.
    pub pairs: BTreeMap<AccountId, PairState>,
    pub(super) parameters: Parameters,
}

/// A pair of a purse and a payee as the contract keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairState {
    /// `paidTo`: what the payee was credited, out of funds, balance or collateral.
    pub paid: Amount,
    /// The highest cumulative that was presented and could not be paid in full at once.
    pub presented: Amount,
    /// The present default, if the pair is in one.
    pub in_default: Option<OpenDefault>,
    /// What it had from collateral in defaults that are over.
    pub from_collateral: Amount,
    /// Whether the payee was a member of the circle at some presentation in default.
    pub was_member: bool,
}

/// A default that is neither made good nor resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDefault {
    /// When it began.
    pub since: Timestamp,
    /// What of the pledge is set aside for it.
    pub reserved: Amount,
}

impl PurseState {
    /// A purse that was just opened.
    ///
    /// # Errors
    ///
    /// [`PurseError::InvalidCoverCount`] and [`PurseError::ZeroAmount`], for a purse without pledge.
    pub fn open(
        parameters: Parameters,
        owner: AccountId,
        circle: Circle,
        funds: Amount,
        pledge: Amount,
        cover_count: u16,
    ) -> Result<Self, PurseError> {
        if cover_count == 0 || cover_count == u16::MAX {
            return Err(PurseError::InvalidCoverCount(cover_count));
        }
        if pledge.is_zero() {
            return Err(PurseError::ZeroAmount);
        }
        Ok(Self {
            owner,
            circle,
            funds,
            paid: Amount::ZERO,
            pledge,
            cover_count,
            closes_at: None,
            reported: false,
            defaulted: false,
            condemned: false,
            closed: false,
            reserved: Amount::ZERO,
            paid_from_collateral: Amount::ZERO,
            pairs: BTreeMap::new(),
            parameters,
        })
    }

    /// The pair of this purse and `payee`, as it is or as it would begin.
    pub fn pair(&self, payee: AccountId) -> PairState {
        self.pairs.get(&payee).copied().unwrap_or_default()
    }

    /// How many pairs are in default.
    pub fn pairs_in_default(&self) -> usize {
        self.pairs
            .values()
            .filter(|pair| pair.in_default.is_some())
            .count()
    }

    /// What one payee can claim of the pledge.
    pub fn cover(&self) -> Amount {
        cover(self.pledge, self.penalty(), self.cover_count)
    }

    /// What all payees together can claim of the pledge.
    pub fn payable_share(&self) -> Amount {
        payable_share(self.pledge, self.penalty())
    }

    fn penalty(&self) -> BasisPoints {
        self.parameters.penalty(self.circle)
    }

    pub(super) fn require_open(&self) -> Result<(), PurseError> {
        if self.closed {
            Err(PurseError::PurseIsClosed)
        } else {
            Ok(())
        }
    }

    /// Sets `closes_at`, once: nothing ever moves one that is set.
    pub(super) fn start_closing(&mut self, now: Timestamp) {
        self.closes_at
            .get_or_insert(now.saturating_add(self.parameters.close_delay));
    }

    pub(super) fn period_ends(&self, default: OpenDefault) -> Timestamp {
        default
            .since
            .saturating_add(self.parameters.settlement_period)
    }

    /// Any payment to a pair whose settlement period has passed condemns the purse.
    pub(super) fn condemn_if_late(&mut self, default: OpenDefault, now: Timestamp) {
        self.condemned |= now >= self.period_ends(default);
    }
}

impl PairState {
    /// What the highest cumulative that was presented is short of.
    pub fn owed(&self) -> Amount {
        self.presented.saturating_sub(self.paid)
    }
}
