//! Amounts in few bytes.
//!
//! People pay round sums, and tokens have up to 18 decimals: 12.50 is 12500000000000000000 base units, twelve bytes of
//! CBOR. Written as digits and trailing zeros it is two. Both go into one integer, `digits * 32 + zeros`: an amount has
//! at most 28 trailing zeros. The digits end in no zero, so that there is one way to write each amount.

use minicbor::{Decoder, Encoder};

use super::{WireError, fields::Written};
use crate::{
    Amount,
    cbor::{decode_unsigned, encode_unsigned},
};

/// Room for the number of zeros.
const ZEROS: u128 = 32;

pub(super) fn encode(amount: Amount, encoder: &mut Encoder<Vec<u8>>) -> Written {
    let (mut digits, mut zeros) = (amount.get(), 0u128);
    while digits != 0
        && let Some(fewer) = divided_by_ten(digits)
    {
        digits = fewer;
        zeros = zeros.saturating_add(1);
    }
    // Below 2^96 * 32.
    let packed = digits.saturating_mul(ZEROS).saturating_add(zeros);
    encode_unsigned(&packed.to_be_bytes(), encoder)
}

pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Amount, WireError> {
    let packed = u128::from_be_bytes(decode_unsigned(decoder)?);
    let (digits, zeros) = (packed.div_euclid(ZEROS), packed.rem_euclid(ZEROS));
    let scale = u32::try_from(zeros)
        .ok()
        .and_then(|zeros| 10u128.checked_pow(zeros));
    scale
        .and_then(|scale| digits.checked_mul(scale))
        .and_then(Amount::new)
        .ok_or(WireError::Malformed)
}

fn divided_by_ten(digits: u128) -> Option<u128> {
    (digits.checked_rem(10) == Some(0))
        .then(|| digits.checked_div(10))
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(amount: Amount) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        encode(amount, &mut encoder).unwrap();
        encoder.into_writer()
    }

    fn decoded(packed: u128) -> Result<Amount, WireError> {
        let mut encoder = Encoder::new(Vec::new());
        encode_unsigned(&packed.to_be_bytes(), &mut encoder).unwrap();
        decode(&mut Decoder::new(encoder.writer()))
    }

    #[test]
    fn round_sums_are_short_whatever_the_decimals() {
        for (text, decimals, length) in [
            ("0", 18, 1),
            ("1", 18, 2),
            ("12.5", 18, 3),
            ("12.5", 6, 3),
            ("999.99", 18, 5),
            ("12.345678", 6, 5),
            ("79228162514.264337593543950335", 18, 15),
        ] {
            let amount = Amount::parse_units(text, decimals).unwrap();
            assert_eq!(encoded(amount).len(), length, "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        assert_eq!(decoded(32 + 28).unwrap().get(), 10u128.pow(28));
        assert_eq!(decoded(32 + 29), Err(WireError::Malformed));
        assert_eq!(decoded((1 << 96) * 32), Err(WireError::Malformed));
        assert_eq!(decoded(u128::MAX), Err(WireError::Malformed));
    }

    proptest! {
        #[test]
        fn round_trip(digits in 0..=Amount::MAX.get(), zeros in 0u32..20) {
            let amount = Amount::new(digits / 10u128.pow(zeros) * 10u128.pow(zeros)).unwrap();
            prop_assert_eq!(decode(&mut Decoder::new(&encoded(amount))), Ok(amount));
        }
    }
}
