//! secp256k1 signatures as the contract takes them.
//!
//! One rule, in Rust and in Solidity: 65 bytes `r ‖ s ‖ v` with `v` 27 or 28, or 64 bytes as in EIP-2098; `s` in the
//! lower half of the order (EIP-2), so that nobody can make a second signature out of a first; never the zero signer.
//!
//! libsecp256k1 does the work natively, where it recovers a signer four times as fast; k256 does it in WebAssembly,
//! where C does not build. Tests run both and compare.

use core::fmt;

use alloy_primitives::{Address, B256, hex, keccak256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

mod key;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(any(test, target_arch = "wasm32"))]
mod portable;
mod scalar;

#[cfg(not(target_arch = "wasm32"))]
use native as backend;
#[cfg(target_arch = "wasm32")]
use portable as backend;

pub use key::SigningKey;

/// Why bytes are no signature, or a signature has no signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// Neither 64 nor 65 bytes.
    #[error("a signature has 64 or 65 bytes, not {0}")]
    Length(usize),
    /// The last of 65 bytes is neither 27 nor 28. Some signers write 0 or 1: add 27.
    #[error("the last byte of a 65-byte signature is 27 or 28, not {0}")]
    RecoveryByte(u8),
    /// `r` or `s` is zero or not below the order of the curve.
    #[error("r or s is out of range")]
    OutOfRange,
    /// `s` is in the upper half of the order (EIP-2).
    #[error("s is in the upper half of the curve's order")]
    HighS,
    /// No key can have made this signature.
    #[error("no key can have made this signature")]
    Unrecoverable,
    /// The bytes are no private key: zero, or not below the order of the curve.
    #[error("not a private key")]
    InvalidKey,
    /// The text is not `0x` and hex digits.
    #[error("not 0x followed by hex digits")]
    NotHex,
}

impl SignatureError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "signature_length",
            Self::RecoveryByte(_) => "signature_recovery_byte",
            Self::OutOfRange => "signature_out_of_range",
            Self::HighS => "signature_high_s",
            Self::Unrecoverable => "signature_unrecoverable",
            Self::InvalidKey => "key_invalid",
            Self::NotHex => "signature_not_hex",
        }
    }
}

/// A signature in range and with a low `s`; whose it is shows when it is [recovered](Self::recover).
///
/// Held in the 64 bytes of EIP-2098: `r`, then `s` with the parity of the nonce point's `y` in its highest bit.
/// In JSON it is the 65 bytes that every Ethereum tool reads; either form is accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature([u8; 64]);

/// The highest bit of `s`, where EIP-2098 keeps the parity: a low `s` never needs it.
const PARITY: u8 = 0x80;

impl Signature {
    /// Reads 65 bytes `r ‖ s ‖ v`, or 64 bytes as in EIP-2098.
    ///
    /// # Errors
    ///
    /// Everything but [`SignatureError::Unrecoverable`] and [`SignatureError::InvalidKey`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SignatureError> {
        match bytes {
            [rs @ .., v @ (27 | 28)] if rs.len() == 64 => {
                let rs = rs
                    .first_chunk()
                    .ok_or(SignatureError::Length(bytes.len()))?;
                Self::from_parts(*rs, *v == 28)
            }
            [rs @ .., v] if rs.len() == 64 => Err(SignatureError::RecoveryByte(*v)),
            _ => match bytes.try_into() {
                Ok(compact) => Self::from_compact(compact),
                Err(_) => Err(SignatureError::Length(bytes.len())),
            },
        }
    }

    /// Reads 64 bytes as in EIP-2098.
    ///
    /// # Errors
    ///
    /// [`SignatureError::OutOfRange`] and [`SignatureError::HighS`].
    pub fn from_compact(compact: [u8; 64]) -> Result<Self, SignatureError> {
        let (rs, odd) = split(compact);
        Self::from_parts(rs, odd)
    }

    /// `r ‖ s`, and whether the nonce point's `y` is odd.
    fn from_parts(mut rs: [u8; 64], odd: bool) -> Result<Self, SignatureError> {
        let (r, s) = halves(&rs);
        if !scalar::is_below_order(r) || !scalar::is_below_order(s) {
            return Err(SignatureError::OutOfRange);
        }
        if scalar::is_high(s) {
            return Err(SignatureError::HighS);
        }
        if odd && let Some(top) = rs.get_mut(32) {
            *top |= PARITY;
        }
        Ok(Self(rs))
    }

    /// The 64 bytes of EIP-2098.
    pub const fn to_compact(&self) -> [u8; 64] {
        self.0
    }

    /// The 65 bytes `r ‖ s ‖ v`, with `v` 27 or 28.
    pub fn to_bytes(&self) -> [u8; 65] {
        let (rs, odd) = split(self.0);
        let mut bytes = [if odd { 28 } else { 27 }; 65];
        for (to, from) in bytes.iter_mut().zip(rs) {
            *to = from;
        }
        bytes
    }

    /// Who signed `digest`.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Unrecoverable`] if nobody can have.
    pub fn recover(&self, digest: B256) -> Result<Address, SignatureError> {
        let (rs, odd) = split(self.0);
        let public_key = backend::recover(&digest.0, &rs, odd)?;
        let signer = address_of(&public_key);
        // No key hashes to the zero address in practice; `ecrecover` says zero for "invalid", so nobody may be zero.
        if signer.is_zero() {
            Err(SignatureError::Unrecoverable)
        } else {
            Ok(signer)
        }
    }
}

/// Takes the parity out of the EIP-2098 form.
fn split(mut compact: [u8; 64]) -> ([u8; 64], bool) {
    let mut odd = false;
    if let Some(top) = compact.get_mut(32) {
        odd = *top & PARITY != 0;
        *top &= !PARITY;
    }
    (compact, odd)
}

fn halves(rs: &[u8; 64]) -> (&[u8], &[u8]) {
    rs.split_at(32)
}

/// The address of an uncompressed public key without its leading byte.
fn address_of(public_key: &[u8; 64]) -> Address {
    Address::from_word(keccak256(public_key))
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_prefixed(self.to_bytes()))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::str::FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let digits = text.strip_prefix("0x").ok_or(SignatureError::NotHex)?;
        if digits.starts_with("0x") {
            return Err(SignatureError::NotHex);
        }
        Self::from_slice(&hex::decode(digits).map_err(|_| SignatureError::NotHex)?)
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl<C> minicbor::Encode<C> for Signature {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Signature {
    fn decode(
        decoder: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        let position = decoder.position();
        let compact: Result<[u8; 64], _> = decoder.bytes()?.try_into();
        let malformed = minicbor::decode::Error::message("not a signature").at(position);
        match compact.map(Self::from_compact) {
            Ok(Ok(signature)) => Ok(signature),
            _ => Err(malformed),
        }
    }
}

#[cfg(test)]
mod tests;
