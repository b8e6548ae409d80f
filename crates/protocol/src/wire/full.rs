//! The full form: every field and the domain, for hand-in, the API, evidence and files.
//!
//! In JSON it is an object `{"type", "domain", "message", "signature"}` with the field names of EIP-712, amounts and
//! wide integers as decimal strings, and bytes as `0x` hex. In CBOR it is the array of the same four. Anybody can
//! check it without knowing anything else.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use super::WireError;
use crate::{
    Signed, TypedData, cbor,
    messages::{
        Attestation, Certificate, ChannelClose, Clearance, OperatorKey, Payment, PurseOpening,
        Receipt, Relay, Request, Revocations, Voucher,
    },
};

/// The most bytes that a full form in CBOR has: relays carry calldata.
pub const LONGEST: usize = 64 * 1024;

macro_rules! full {
    ($($message:ident as $name:literal,)*) => {
        /// Any signed message in full.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        #[non_exhaustive]
        pub enum Full {
            $(
                #[doc = concat!("A signed `", $name, "`.")]
                #[serde(rename = $name)]
                $message(Signed<$message>),
            )*
        }

        impl Full {
            /// The message's name in EIP-712.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$message(_) => <$message as TypedData>::NAME,)*
                }
            }
        }

        $(impl From<Signed<$message>> for Full {
            fn from(signed: Signed<$message>) -> Self {
                Self::$message(signed)
            }
        })*

        impl<C> Encode<C> for Full {
            fn encode<W: encode::Write>(
                &self,
                encoder: &mut Encoder<W>,
                context: &mut C,
            ) -> Result<(), encode::Error<W::Error>> {
                encoder.array(4)?.str(self.name())?;
                match self {
                    $(Self::$message(signed) => {
                        signed.domain.encode(encoder, context)?;
                        signed.message.encode(encoder, context)?;
                        signed.signature.encode(encoder, context)
                    })*
                }
            }
        }

        impl<'b, C> Decode<'b, C> for Full {
            fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
                let position = decoder.position();
                if decoder.array()? != Some(4) {
                    return Err(decode::Error::message("not a full form").at(position));
                }
                match decoder.str()? {
                    $($name => Ok(Self::$message(Signed {
                        domain: Decode::decode(decoder, context)?,
                        message: Decode::decode(decoder, context)?,
                        signature: Decode::decode(decoder, context)?,
                    })),)*
                    _ => Err(decode::Error::message("unknown message").at(position)),
                }
            }
        }
    };
}

full! {
    Payment as "Payment",
    PurseOpening as "PurseKey",
    Voucher as "Voucher",
    ChannelClose as "ChannelClose",
    Relay as "Relay",
    Certificate as "Certificate",
    Request as "Request",
    Receipt as "Receipt",
    Clearance as "Clearance",
    Attestation as "Attestation",
    OperatorKey as "OperatorKey",
    Revocations as "Revocations",
}

impl Full {
    /// The full form in CBOR.
    ///
    /// # Errors
    ///
    /// [`WireError::TooLong`].
    pub fn to_cbor(&self) -> Result<Vec<u8>, WireError> {
        let bytes = minicbor::to_vec(self).map_err(|_| WireError::Malformed)?;
        if bytes.len() > LONGEST {
            Err(WireError::TooLong)
        } else {
            Ok(bytes)
        }
    }

    /// Reads the full form in CBOR: strictly, one encoding per value.
    ///
    /// # Errors
    ///
    /// [`WireError::TooLong`], [`WireError::Malformed`], [`WireError::NotCanonical`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > LONGEST {
            return Err(WireError::TooLong);
        }
        let full: Self = minicbor::decode(bytes)?;
        if cbor::is_canonical(&full, bytes) {
            Ok(full)
        } else {
            Err(WireError::NotCanonical)
        }
    }
}
