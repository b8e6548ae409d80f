//! What a payee can claim out of a purse's collateral (section 5.3 of the protocol), in the contract's own integers.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Amount, Circle, Seconds};

/// One, in basis points.
const WHOLE_BPS: u16 = 10_000;

/// A share in basis points, from none of it to all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct BasisPoints(u16);

/// More than 10,000 basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("more than 10000 basis points")]
pub struct MoreThanWhole;

impl BasisPoints {
    /// So many basis points; `None` above 10,000.
    pub const fn new(bps: u16) -> Option<Self> {
        if bps <= WHOLE_BPS {
            Some(Self(bps))
        } else {
            None
        }
    }

    /// The number of basis points.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What is left of the whole.
    const fn rest(self) -> u128 {
        WHOLE_BPS.saturating_sub(self.0) as u128
    }
}

impl TryFrom<u16> for BasisPoints {
    type Error = MoreThanWhole;

    fn try_from(bps: u16) -> Result<Self, MoreThanWhole> {
        Self::new(bps).ok_or(MoreThanWhole)
    }
}

impl From<BasisPoints> for u16 {
    fn from(bps: BasisPoints) -> Self {
        bps.0
    }
}

/// What is fixed when the contract is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameters {
    /// How long an owner has to make good on a default.
    pub settlement_period: Seconds,
    /// How long a purse takes to close, a membership to count and a dismissal to take effect.
    pub close_delay: Seconds,
    /// The least collateral of a registered account.
    pub healthy_collateral: Amount,
    /// What of a pledge no payee can claim, in circle zero.
    pub open_penalty: BasisPoints,
    /// What of a pledge no payee can claim, in any other circle.
    pub circle_penalty: BasisPoints,
}

impl Parameters {
    /// The rates and delays of the protocol, with the least collateral that a deployment asks for.
    pub const fn standard(healthy_collateral: Amount) -> Self {
        Self {
            settlement_period: Seconds::DAY,
            close_delay: Seconds::days(7),
            healthy_collateral,
            open_penalty: BasisPoints(5_000),
            circle_penalty: BasisPoints(1_000),
        }
    }

    /// What of a pledge no payee of `circle` can claim.
    pub const fn penalty(&self, circle: Circle) -> BasisPoints {
        if circle.is_open() {
            self.open_penalty
        } else {
            self.circle_penalty
        }
    }
}

/// What all payees together can claim: `floor(pledge * (10000 - penalty) / 10000)`.
pub fn payable_share(pledge: Amount, penalty: BasisPoints) -> Amount {
    scaled(pledge, penalty, u128::from(WHOLE_BPS))
}

/// What one payee can claim: `floor(pledge * (10000 - penalty) / (10000 * cover_count))`.
///
/// Rounded once, as in the contract. With a `cover_count` of zero, which the contract refuses, it is zero.
pub fn cover(pledge: Amount, penalty: BasisPoints, cover_count: u16) -> Amount {
    scaled(
        pledge,
        penalty,
        u128::from(WHOLE_BPS).saturating_mul(cover_count.into()),
    )
}

fn scaled(pledge: Amount, penalty: BasisPoints, divisor: u128) -> Amount {
    // Below 2^96 * 10^4 < 2^110; divided by 10^4 at least it is at most the pledge again.
    let product = pledge.get().saturating_mul(penalty.rest());
    product
        .checked_div(divisor)
        .and_then(Amount::new)
        .unwrap_or(Amount::ZERO)
}

/// What bounds a pair's reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservationBounds {
    /// What the payee can claim in all.
    pub cover: Amount,
    /// What all payees together can claim.
    pub payable_share: Amount,
    /// What the pair had from collateral before.
    pub had: Amount,
    /// What other pairs reserve.
    pub reserved_by_others: Amount,
    /// All that was ever paid from this pledge.
    pub paid_from_collateral: Amount,
}

/// What a member's pair reserves when it is presented:
/// `min(still owed, cover - had, payable share - reserved by others - paid from collateral)`.
pub fn reservation(still_owed: Amount, bounds: &ReservationBounds) -> Amount {
    let own = bounds.cover.saturating_sub(bounds.had);
    let left = bounds
        .payable_share
        .saturating_sub(bounds.reserved_by_others)
        .saturating_sub(bounds.paid_from_collateral);
    still_owed.min(own).min(left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPEN: BasisPoints = BasisPoints(5_000);
    const CIRCLE: BasisPoints = BasisPoints(1_000);

    #[test]
    fn rounded_once_and_down() {
        assert_eq!(
            payable_share(Amount::from_u64(7), OPEN),
            Amount::from_u64(3)
        );
        assert_eq!(cover(Amount::from_u64(7), OPEN, 2), Amount::from_u64(1));
        assert_eq!(
            cover(Amount::from_u64(100), CIRCLE, 1),
            Amount::from_u64(90)
        );
        assert_eq!(
            cover(Amount::from_u64(100), CIRCLE, 7),
            Amount::from_u64(12)
        );
        assert_eq!(cover(Amount::MAX, BasisPoints(0), 1), Amount::MAX);
        assert_eq!(cover(Amount::MAX, BasisPoints(10_000), 1), Amount::ZERO);
        assert_eq!(cover(Amount::MAX, OPEN, 0), Amount::ZERO);
    }

    #[test]
    fn the_penalty_is_the_circles() {
        let parameters = Parameters::standard(Amount::from_u64(1));
        assert_eq!(parameters.penalty(Circle::OPEN), OPEN);
        assert_eq!(parameters.penalty(Circle::new([1; 20].into())), CIRCLE);
    }

    #[test]
    fn basis_points_end_at_the_whole() {
        assert_eq!(BasisPoints::new(10_000).map(BasisPoints::get), Some(10_000));
        assert_eq!(BasisPoints::new(10_001), None);
        assert_eq!(serde_json::to_string(&OPEN).unwrap(), "5000");
        assert!(serde_json::from_str::<BasisPoints>("10001").is_err());
    }

    #[test]
    fn the_tightest_bound_wins() {
        let bounds = ReservationBounds {
            cover: Amount::from_u64(50),
            payable_share: Amount::from_u64(100),
            had: Amount::from_u64(10),
            reserved_by_others: Amount::from_u64(45),
            paid_from_collateral: Amount::from_u64(10),
        };
        assert_eq!(
            reservation(Amount::from_u64(30), &bounds),
            Amount::from_u64(30)
        );
        assert_eq!(
            reservation(Amount::from_u64(60), &bounds),
            Amount::from_u64(40)
        );
        let crowded = ReservationBounds {
            reserved_by_others: Amount::from_u64(70),
            ..bounds
        };
        assert_eq!(
            reservation(Amount::from_u64(60), &crowded),
            Amount::from_u64(20)
        );
        let full = ReservationBounds {
            reserved_by_others: Amount::from_u64(95),
            ..bounds
        };
        assert_eq!(reservation(Amount::from_u64(60), &full), Amount::ZERO);
    }

    proptest! {
        /// N covers fit into the payable share: why "while at most N payees claim" holds.
        #[test]
        fn all_covers_fit(pledge in 0..=Amount::MAX.get(), bps in 0u16..=10_000, count in 1u16..=65_534) {
            let (pledge, penalty) = (Amount::new(pledge).unwrap(), BasisPoints(bps));
            let share = payable_share(pledge, penalty);
            let covers = cover(pledge, penalty, count).get() * u128::from(count);
            prop_assert!(covers <= share.get());
            prop_assert!(share <= pledge);
        }
    }
}
