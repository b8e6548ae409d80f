//! Points in time and spans of it, as the chain counts them.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::word::Word;

const LIMIT: u64 = (1 << 40) - 1;

/// The number of seconds does not fit a Solidity `uint40`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("more than 2^40 - 1 seconds")]
pub struct OutOfRange;

/// A point in time: seconds since 1970, a Solidity `uint40`. Zero stands for "never" where a field says so.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Timestamp(u64);

/// A span of time in seconds, a Solidity `uint40`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Seconds(u64);

impl Timestamp {
    /// The zero of the count.
    pub const ZERO: Self = Self(0);
    /// The last one that can be written.
    pub const MAX: Self = Self(LIMIT);

    /// `seconds` after 1970; `None` from 2^40 on.
    pub const fn new(seconds: u64) -> Option<Self> {
        if seconds <= LIMIT {
            Some(Self(seconds))
        } else {
            None
        }
    }

    /// Seconds since 1970.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether it is zero, which fields of the contract use for "not set".
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `span` later, if that can be written.
    pub const fn checked_add(self, span: Seconds) -> Option<Self> {
        match self.0.checked_add(span.0) {
            Some(seconds) => Self::new(seconds),
            None => None,
        }
    }

    /// `span` earlier, if that is not before 1970.
    pub const fn checked_sub(self, span: Seconds) -> Option<Self> {
        match self.0.checked_sub(span.0) {
            Some(seconds) => Some(Self(seconds)),
            None => None,
        }
    }

    /// `span` later, or the last timestamp that can be written.
    pub const fn saturating_add(self, span: Seconds) -> Self {
        match self.checked_add(span) {
            Some(later) => later,
            None => Self::MAX,
        }
    }

    /// `span` earlier, or 1970.
    pub const fn saturating_sub(self, span: Seconds) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The time since `earlier`, or no time at all if that lies ahead.
    pub const fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }
}

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One hour.
    pub const HOUR: Self = Self(60 * 60);
    /// One day.
    pub const DAY: Self = Self(24 * 60 * 60);

    /// A span of `seconds`; `None` from 2^40 on.
    pub const fn new(seconds: u64) -> Option<Self> {
        if seconds <= LIMIT {
            Some(Self(seconds))
        } else {
            None
        }
    }

    /// A span of so many days.
    pub const fn days(days: u16) -> Self {
        // 65535 days are below 2^33 seconds.
        Self(Self::DAY.0.saturating_mul(days as u64))
    }

    /// The number of seconds.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

macro_rules! uint40 {
    ($name:ident) => {
        impl TryFrom<u64> for $name {
            type Error = OutOfRange;

            fn try_from(seconds: u64) -> Result<Self, OutOfRange> {
                Self::new(seconds).ok_or(OutOfRange)
            }
        }

        impl From<$name> for u64 {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl Word for $name {
            fn word(&self) -> [u8; 32] {
                self.0.word()
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                encoder: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                encoder.u64(self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                decoder: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let position = decoder.position();
                Self::new(decoder.u64()?).ok_or_else(|| {
                    minicbor::decode::Error::message("seconds beyond uint40").at(position)
                })
            }
        }
    };
}

uint40!(Timestamp);
uint40!(Seconds);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_uint40() {
        assert_eq!(Timestamp::MAX.get(), 1_099_511_627_775);
        assert_eq!(Timestamp::new(1 << 40), None);
        assert_eq!(Timestamp::MAX.checked_add(Seconds::new(1).unwrap()), None);
        assert_eq!(Timestamp::MAX.saturating_add(Seconds::DAY), Timestamp::MAX);
        assert_eq!(Timestamp::ZERO.checked_sub(Seconds::DAY), None);
        assert_eq!(
            Timestamp::ZERO.saturating_sub(Seconds::DAY),
            Timestamp::ZERO
        );
        assert!(serde_json::from_str::<Timestamp>("1099511627776").is_err());
        assert!(minicbor::decode::<Seconds>(&minicbor::to_vec(1u64 << 40).unwrap()).is_err());
    }

    #[test]
    fn time_since_the_future_is_none() {
        let noon = Timestamp::new(1_000_000).unwrap();
        assert_eq!(noon.saturating_add(Seconds::DAY).since(noon), Seconds::DAY);
        assert_eq!(noon.since(noon.saturating_add(Seconds::DAY)), Seconds::ZERO);
        assert_eq!(Seconds::days(7).get(), 604_800);
    }
}
