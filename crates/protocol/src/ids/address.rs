//! What an Ethereum address can stand for.

use core::{fmt, str::FromStr};

use alloy_primitives::{Address, hex};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::IdError;
use crate::{cbor, word::Word};

/// Reads `0x` and 40 hex digits. Where capitals are mixed they are a checksum (EIP-55), and it must hold.
fn parse(text: &str) -> Result<Address, IdError> {
    const NOT_HEX: IdError = IdError::NotHex { digits: 40 };
    let digits = text
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 40)
        .ok_or(NOT_HEX)?;
    let mut bytes = [0u8; 20];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| NOT_HEX)?;
    let address = Address::from(bytes);
    let mixed = digits.bytes().any(|digit| digit.is_ascii_uppercase())
        && digits.bytes().any(|digit| digit.is_ascii_lowercase());
    if mixed && address.to_checksum(None) != text {
        return Err(IdError::Checksum);
    }
    Ok(address)
}

/// Addresses in JSON, for fields that are no id of ours: checksummed, as everywhere else.
pub(crate) mod checksummed {
    use super::{Address, Deserialize, Deserializer, Serializer, de, parse};

    pub(crate) fn serialize<S: Serializer>(
        address: &Address,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(address)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Address, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        parse(&text).map_err(de::Error::custom)
    }
}

macro_rules! address_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Shown with its EIP-55 checksum.
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Address);

        impl $name {
            /// The zero address, which nobody can sign for.
            pub const ZERO: Self = Self(Address::ZERO);

            /// Takes `address` for what this type says.
            pub const fn new(address: Address) -> Self {
                Self(address)
            }

            /// The bare address.
            pub const fn address(self) -> Address {
                self.0
            }

            /// Whether it is the zero address.
            pub const fn is_zero(self) -> bool {
                self.0.0.const_is_zero()
            }
        }

        impl From<Address> for $name {
            fn from(address: Address) -> Self {
                Self(address)
            }
        }

        impl From<$name> for Address {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
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
                cbor::address::encode(&self.0, encoder, context)
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                decoder: &mut minicbor::Decoder<'b>,
                context: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                cbor::address::decode(decoder, context).map(Self)
            }
        }
    };
}

address_id! {
    /// An account in the contract: an owner, a payee, or a till of one.
    AccountId
}

address_id! {
    /// The signing key that a purse is named by: made on one device, used for one purse, never copied.
    PurseKey
}

address_id! {
    /// The payees that may claim on a purse's collateral, named by the address that admits them.
    Circle
}

address_id! {
    /// The key with which an operator signs certificates, clearances, attestations and revocations.
    OperatorId
}

address_id! {
    /// The key with which one side of a channel signs its vouchers.
    ChannelKey
}

impl Circle {
    /// Circle zero: open to any account that has been registered for long enough.
    pub const OPEN: Self = Self::ZERO;

    /// Whether this is circle zero.
    pub const fn is_open(self) -> bool {
        self.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKSUMMED: &str = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";

    #[test]
    fn shown_with_checksum() {
        let account: AccountId = CHECKSUMMED.to_lowercase().parse().unwrap();
        assert_eq!(account.to_string(), CHECKSUMMED);
        assert_eq!(
            serde_json::to_string(&account).unwrap(),
            format!("\"{CHECKSUMMED}\"")
        );
        assert_eq!(
            format!("{:?}", PurseKey::from(account.address())),
            CHECKSUMMED
        );
    }

    #[test]
    fn a_wrong_checksum_is_refused() {
        let swapped = CHECKSUMMED.replace("fB69", "Fb69");
        assert_eq!(swapped.parse::<AccountId>(), Err(IdError::Checksum));
        assert!(
            CHECKSUMMED
                .replace("0x", "0X")
                .parse::<AccountId>()
                .is_err()
        );
        let capitals = format!("0x{}", CHECKSUMMED.trim_start_matches("0x").to_uppercase());
        assert!(capitals.parse::<AccountId>().is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "0x",
            "0x00",
            &CHECKSUMMED[2..],
            "0xzz6916095ca1df60bb79ce92ce3ea74c37c5d359",
        ] {
            assert_eq!(
                text.parse::<Circle>(),
                Err(IdError::NotHex { digits: 40 }),
                "{text:?}"
            );
        }
        assert!(minicbor::decode::<Circle>(&[0x41, 0]).is_err());
    }
}
