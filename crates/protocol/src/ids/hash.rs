//! What 32 bytes can stand for.

use core::{fmt, str::FromStr};

use alloy_primitives::{B256, hex};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::IdError;
use crate::{cbor, word::Word};

fn parse(text: &str) -> Result<B256, IdError> {
    const NOT_HEX: IdError = IdError::NotHex { digits: 64 };
    let digits = text
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 64)
        .ok_or(NOT_HEX)?;
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| NOT_HEX)?;
    Ok(B256::from(bytes))
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(B256);

        impl $name {
            /// Thirty-two zeros.
            pub const ZERO: Self = Self(B256::ZERO);

            /// Takes `bytes` for what this type says.
            pub const fn new(bytes: B256) -> Self {
                Self(bytes)
            }

            /// The bare bytes.
            pub const fn bytes(self) -> B256 {
                self.0
            }
        }

        impl From<B256> for $name {
            fn from(bytes: B256) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for B256 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // The full hash: alloy's own `Display` is the same, `{:#}` would abbreviate it.
                write!(f, "{}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
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
                context: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                cbor::hash::encode(&self.0, encoder, context)
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                decoder: &mut minicbor::Decoder<'b>,
                context: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                cbor::hash::decode(decoder, context).map(Self)
            }
        }
    };
}

hash_id! {
    /// A payment's name: its EIP-712 digest.
    PaymentId
}

hash_id! {
    /// A channel's name: the EIP-712 digest of its terms.
    ChannelId
}

hash_id! {
    /// What a payment or voucher says it is for: the digest of the request that it pays, or any 32 bytes.
    Reference
}

hash_id! {
    /// Bytes that make a message unlike every other: a request's nonce, the salt of a channel's terms.
    Nonce
}

impl Nonce {
    /// A nonce of eight bytes of entropy, followed by zeros.
    ///
    /// Eight random bytes are plenty where one payee tells its own requests apart, and they are what a QR code has
    /// room for: the zeros are left out of the compact form.
    pub fn short(entropy: [u8; 8]) -> Self {
        Self(B256::right_padding_from(&entropy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_the_whole_hash() {
        let id = PaymentId::new(B256::repeat_byte(0xab));
        assert_eq!(id.to_string().len(), 66);
        assert_eq!(format!("{id:#?}").len(), 66);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            "0xab".parse::<PaymentId>(),
            Err(IdError::NotHex { digits: 64 })
        );
        assert!(minicbor::decode::<PaymentId>(&[0x41, 0]).is_err());
    }

    #[test]
    fn a_short_nonce_ends_in_zeros() {
        let nonce = Nonce::short(*b"12345678");
        assert_eq!(&nonce.bytes()[..8], b"12345678");
        assert_eq!(nonce.bytes()[8..], [0; 24]);
    }
}
