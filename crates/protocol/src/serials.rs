//! The serial numbers of a purse's money.

use core::fmt;

use crate::Amount;

/// A run of serials, `[start, start + amount)`. Never empty, and its end fits a `uint96`.
///
/// Every unit of money in a purse has one serial, 0 up to `funds - 1`; two payments over the same serial are a
/// double spend.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serials {
    start: Amount,
    end: Amount,
}

impl Serials {
    /// The `amount` serials from `start` on; `None` if that is none at all, or more than there can be.
    pub fn new(start: Amount, amount: Amount) -> Option<Self> {
        if amount.is_zero() {
            return None;
        }
        let end = start.checked_add(amount)?;
        Some(Self { start, end })
    }

    /// The first serial.
    pub const fn start(self) -> Amount {
        self.start
    }

    /// The serial after the last one.
    pub const fn end(self) -> Amount {
        self.end
    }

    /// How many there are.
    pub const fn amount(self) -> Amount {
        self.end.saturating_sub(self.start)
    }

    /// Whether one serial is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `serial` is among them.
    pub fn contains(self, serial: Amount) -> bool {
        self.start <= serial && serial < self.end
    }
}

impl fmt::Debug for Serials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn serials(start: u64, amount: u64) -> Serials {
        Serials::new(start.into(), amount.into()).unwrap()
    }

    #[test]
    fn neither_empty_nor_beyond_uint96() {
        assert_eq!(Serials::new(Amount::ZERO, Amount::ZERO), None);
        assert_eq!(Serials::new(Amount::MAX, Amount::from_u64(1)), None);
        assert!(Serials::new(Amount::ZERO, Amount::MAX).is_some());
    }

    #[test]
    fn neighbours_do_not_overlap() {
        assert!(!serials(0, 10).overlaps(serials(10, 5)));
        assert!(serials(0, 11).overlaps(serials(10, 5)));
        assert!(serials(3, 1).overlaps(serials(0, 10)));
    }

    proptest! {
        #[test]
        fn overlap_means_a_serial_in_common(a in 0u64..40, m in 1u64..20, b in 0u64..40, n in 1u64..20) {
            let (one, other) = (serials(a, m), serials(b, n));
            let shared = (0..60u64).any(|at| one.contains(at.into()) && other.contains(at.into()));
            prop_assert_eq!(one.overlaps(other), shared);
            prop_assert_eq!(other.overlaps(one), shared);
            prop_assert_eq!(one.amount(), Amount::from_u64(m));
        }
    }
}
