//! Amounts of the token, in base units.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::{
    cbor::{decode_unsigned, encode_unsigned},
    word::Word,
};

mod decimal;

/// An amount of the deployment's token in base units, a Solidity `uint96`.
///
/// Arithmetic is checked: there are no operators, and what would leave the range is `None`.
/// In JSON it is a decimal string, because JavaScript's numbers end at 2^53.
///
/// ```
/// use offpay_protocol::Amount;
///
/// let price = Amount::parse_units("12.50", 6)?;
/// assert_eq!(price.get(), 12_500_000);
/// assert_eq!(price.format_units(6), "12.5");
/// assert_eq!(Amount::MAX.checked_add(price), None);
/// # Ok::<(), offpay_protocol::amount::AmountError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u128);

/// Why a number is not an [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// The text is not a plain decimal number.
    #[error("not a decimal number")]
    NotDecimal,
    /// The number is 2^96 base units or more.
    #[error("more than 2^96 - 1 base units")]
    TooLarge,
    /// The number has more digits after the point than the token has decimals.
    #[error("more than {decimals} digits after the point")]
    TooPrecise {
        /// The token's decimals.
        decimals: u8,
    },
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 2^96 - 1 base units.
    pub const MAX: Self = Self((1 << 96) - 1);

    /// An amount of `units` base units; `None` from 2^96 on.
    pub const fn new(units: u128) -> Option<Self> {
        if units <= Self::MAX.0 {
            Some(Self(units))
        } else {
            None
        }
    }

    /// An amount of `units` base units.
    pub const fn from_u64(units: u64) -> Self {
        Self(units as u128)
    }

    /// The number of base units.
    pub const fn get(self) -> u128 {
        self.0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self + other`, if it is below 2^96.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Self::new(units),
            None => None,
        }
    }

    /// `self - other`, if it is not negative.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// `self - other`, or zero where that would be negative.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum of all amounts, if it is below 2^96.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl From<u64> for Amount {
    fn from(units: u64) -> Self {
        Self::from_u64(units)
    }
}

impl TryFrom<u128> for Amount {
    type Error = AmountError;

    fn try_from(units: u128) -> Result<Self, AmountError> {
        Self::new(units).ok_or(AmountError::TooLarge)
    }
}

impl From<Amount> for u128 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Base units in decimal, digits only and without leading zeros: one text per amount.
impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits_only || (text.len() > 1 && text.starts_with('0')) {
            return Err(AmountError::NotDecimal);
        }
        let units = text.parse::<u128>().map_err(|_| AmountError::TooLarge)?;
        Self::try_from(units)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl Word for Amount {
    fn word(&self) -> [u8; 32] {
        self.0.word()
    }
}

impl<C> minicbor::Encode<C> for Amount {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encode_unsigned(&self.0.to_be_bytes(), encoder)
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Amount {
    fn decode(
        decoder: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        let position = decoder.position();
        Self::new(u128::from_be_bytes(decode_unsigned(decoder)?))
            .ok_or_else(|| minicbor::decode::Error::message("amount beyond uint96").at(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_uint96() {
        assert_eq!(Amount::MAX.get(), 79_228_162_514_264_337_593_543_950_335);
        assert_eq!(Amount::new(1 << 96), None);
        assert_eq!(Amount::MAX.checked_add(Amount::from_u64(1)), None);
        assert_eq!(Amount::ZERO.checked_sub(Amount::from_u64(1)), None);
        assert_eq!(Amount::ZERO.saturating_sub(Amount::MAX), Amount::ZERO);
    }

    #[test]
    fn one_text_per_amount() {
        assert_eq!("0".parse(), Ok(Amount::ZERO));
        assert_eq!("79228162514264337593543950335".parse(), Ok(Amount::MAX));
        for text in [
            "", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "0x1", "1_000", "١",
        ] {
            assert_eq!(
                text.parse::<Amount>(),
                Err(AmountError::NotDecimal),
                "{text:?}"
            );
        }
        for text in [
            "79228162514264337593543950336",
            "999999999999999999999999999999999999999999",
        ] {
            assert_eq!(
                text.parse::<Amount>(),
                Err(AmountError::TooLarge),
                "{text:?}"
            );
        }
    }

    #[test]
    fn json_is_a_decimal_string_and_nothing_else() {
        assert_eq!(
            serde_json::to_string(&Amount::MAX).unwrap(),
            "\"79228162514264337593543950335\""
        );
        assert_eq!(
            serde_json::from_str::<Amount>("\"5\"").unwrap(),
            Amount::from_u64(5)
        );
        assert!(serde_json::from_str::<Amount>("5").is_err());
    }

    #[test]
    fn cbor_ends_at_uint96() {
        let bytes = minicbor::to_vec(Amount::MAX).unwrap();
        assert_eq!(minicbor::decode::<Amount>(&bytes).unwrap(), Amount::MAX);
        let mut bytes = vec![0xc2, 0x4d];
        bytes.extend([1; 13]);
        assert!(minicbor::decode::<Amount>(&bytes).is_err());
    }

    #[test]
    fn a_sum_that_overflows_is_none() {
        assert_eq!(
            Amount::checked_sum([Amount::MAX, Amount::ZERO]),
            Some(Amount::MAX)
        );
        assert_eq!(
            Amount::checked_sum([Amount::MAX, Amount::from_u64(1)]),
            None
        );
    }
}
