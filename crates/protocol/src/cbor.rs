//! Unsigned integers of any width in CBOR, in the preferred serialization of RFC 8949: an integer below 2^64, a
//! bignum from there on.

use minicbor::{
    Decoder, Encoder,
    data::{IanaTag, Tag, Type},
    decode, encode,
};

/// Writes the integer with these big-endian bytes.
pub(crate) fn encode_unsigned<W: encode::Write>(
    big_endian: &[u8],
    encoder: &mut Encoder<W>,
) -> Result<(), encode::Error<W::Error>> {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let digits = big_endian.get(zeros..).unwrap_or_default();
    if digits.len() <= 8 {
        let small = digits
            .iter()
            .fold(0, |value, byte| (value << 8) | u64::from(*byte));
        encoder.u64(small)?;
    } else {
        encoder.tag(IanaTag::PosBignum)?.bytes(digits)?;
    }
    Ok(())
}

/// Reads an integer of up to `N` bytes. Whether it was written in the one way that is allowed is seen by whoever
/// encodes it again.
pub(crate) fn decode_unsigned<const N: usize>(
    decoder: &mut Decoder<'_>,
) -> Result<[u8; N], decode::Error> {
    let position = decoder.position();
    if decoder.datatype()? != Type::Tag {
        return right_aligned(&decoder.u64()?.to_be_bytes(), position);
    }
    if decoder.tag()? != Tag::from(IanaTag::PosBignum) {
        return Err(decode::Error::message("unexpected tag").at(position));
    }
    right_aligned(decoder.bytes()?, position)
}

fn right_aligned<const N: usize>(
    big_endian: &[u8],
    position: usize,
) -> Result<[u8; N], decode::Error> {
    let mut wide = [0; N];
    for (index, byte) in big_endian.iter().rev().enumerate() {
        match wide.iter_mut().nth_back(index) {
            Some(place) => *place = *byte,
            None if *byte == 0 => {}
            None => return Err(decode::Error::message("integer too large").at(position)),
        }
    }
    Ok(wide)
}

/// A bare hash as a byte string.
pub(crate) mod hash {
    use alloy_primitives::B256;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    pub(crate) fn encode<C, W: Write>(
        hash: &B256,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.bytes(hash.as_slice())?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<B256, DecodeError> {
        let position = decoder.position();
        B256::try_from(decoder.bytes()?)
            .map_err(|_| DecodeError::message("a hash has 32 bytes").at(position))
    }
}

/// A bare address as a byte string.
pub(crate) mod address {
    use alloy_primitives::Address;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    pub(crate) fn encode<C, W: Write>(
        address: &Address,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.bytes(address.as_slice())?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Address, DecodeError> {
        let position = decoder.position();
        Address::try_from(decoder.bytes()?)
            .map_err(|_| DecodeError::message("an address has 20 bytes").at(position))
    }
}

/// Whether `bytes` are what `value` encodes to: the strict decoder's last question.
pub(crate) fn is_canonical<T: minicbor::Encode<()>>(value: &T, bytes: &[u8]) -> bool {
    minicbor::to_vec(value).is_ok_and(|again| again == bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(value: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        encode_unsigned(value, &mut encoder).unwrap();
        encoder.into_writer()
    }

    #[test]
    fn preferred_serialization() {
        assert_eq!(encoded(&[]), [0]);
        assert_eq!(encoded(&[0, 0, 23]), [0x17]);
        assert_eq!(encoded(&u64::MAX.to_be_bytes()).len(), 9);
        assert_eq!(
            encoded(&(1u128 << 64).to_be_bytes()),
            [0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn too_wide_is_an_error() {
        assert!(decode_unsigned::<2>(&mut Decoder::new(&encoded(&[1, 0, 0]))).is_err());
        assert!(decode_unsigned::<2>(&mut Decoder::new(&[0xc2, 0x43, 1, 0, 0])).is_err());
        assert!(
            decode_unsigned::<2>(&mut Decoder::new(&[0xc3, 0x41, 0])).is_err(),
            "negative bignum"
        );
        assert!(
            decode_unsigned::<2>(&mut Decoder::new(&[0x20])).is_err(),
            "negative integer"
        );
        assert!(decode_unsigned::<2>(&mut Decoder::new(&[])).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(value: [u8; 32]) {
            let bytes = encoded(&value);
            prop_assert_eq!(decode_unsigned::<32>(&mut Decoder::new(&bytes)).unwrap(), value);
        }
    }
}
