//! Amounts as people read and type them.

use super::{Amount, AmountError};

impl Amount {
    /// Reads a number of whole tokens with up to `decimals` digits after the point.
    ///
    /// Strict, because money is at stake: digits and one point, with a digit on each side of it. Signs, spaces,
    /// exponents and thousands separators are refused rather than guessed at.
    ///
    /// # Errors
    ///
    /// [`AmountError`] says what is wrong with the text.
    pub fn parse_units(text: &str, decimals: u8) -> Result<Self, AmountError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(AmountError::NotDecimal),
            None => (text, ""),
        };
        if whole.is_empty() {
            return Err(AmountError::NotDecimal);
        }
        let padding = usize::from(decimals)
            .checked_sub(fraction.len())
            .ok_or(AmountError::TooPrecise { decimals });
        let digits = whole.bytes().chain(fraction.bytes());
        let units = digits
            .map(digit)
            .try_fold(0u128, |units, digit| push(units, digit?))?;
        let units = (0..padding?).try_fold(units, |units, _| push(units, 0))?;
        Self::try_from(units)
    }

    /// Writes the amount in whole tokens, without trailing zeros after the point.
    pub fn format_units(self, decimals: u8) -> String {
        let decimals = usize::from(decimals);
        let digits = format!(
            "{:0>width$}",
            self.get(),
            width = decimals.saturating_add(1)
        );
        let split = digits.len().saturating_sub(decimals);
        let (whole, fraction) = digits.split_at_checked(split).unwrap_or((&digits, ""));
        match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        }
    }
}

fn digit(byte: u8) -> Result<u8, AmountError> {
    match byte {
        b'0'..=b'9' => Ok(byte & 0x0f),
        _ => Err(AmountError::NotDecimal),
    }
}

fn push(units: u128, digit: u8) -> Result<u128, AmountError> {
    units
        .checked_mul(10)
        .and_then(|units| units.checked_add(u128::from(digit)))
        .ok_or(AmountError::TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_write_whole_tokens() {
        for (text, decimals, units) in [
            ("0", 18, 0),
            ("1", 0, 1),
            ("12.50", 6, 12_500_000),
            ("0.000001", 6, 1),
            ("007", 2, 700),
            ("79228162514.264337593543950335", 18, (1 << 96) - 1),
        ] {
            assert_eq!(
                Amount::parse_units(text, decimals),
                Ok(Amount::new(units).unwrap()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_unclear_is_refused() {
        for text in [
            "", ".", ".5", "5.", "1,5", "1.2.3", "-1", "+1", "1e3", " 1", "1 000", "0x10", "½",
        ] {
            assert_eq!(
                Amount::parse_units(text, 6),
                Err(AmountError::NotDecimal),
                "{text:?}"
            );
        }
        assert_eq!(
            Amount::parse_units("0.0000001", 6),
            Err(AmountError::TooPrecise { decimals: 6 })
        );
        assert_eq!(
            Amount::parse_units("79228162514.264337593543950336", 18),
            Err(AmountError::TooLarge)
        );
        assert_eq!(
            Amount::parse_units(&"9".repeat(5000), 18),
            Err(AmountError::TooLarge)
        );
    }

    #[test]
    fn shown_without_trailing_zeros() {
        assert_eq!(Amount::from_u64(12_500_000).format_units(6), "12.5");
        assert_eq!(Amount::from_u64(1).format_units(6), "0.000001");
        assert_eq!(Amount::from_u64(100).format_units(2), "1");
        assert_eq!(Amount::ZERO.format_units(18), "0");
        assert_eq!(Amount::from_u64(1).format_units(255).len(), 257);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(units in 0..=Amount::MAX.get(), decimals in 0u8..=40) {
            let amount = Amount::new(units).unwrap();
            prop_assert_eq!(Amount::parse_units(&amount.format_units(decimals), decimals), Ok(amount));
        }
    }
}
