//! How single fields are written and read.

use core::convert::Infallible;

use alloy_primitives::keccak256;
use minicbor::{Decoder, Encoder, encode};

use super::WireError;
use crate::{Circle, Domain, Nonce, Signature, domain::DeploymentTag};

/// Writing into memory fails for nothing but a mistake in a layout.
pub(super) type Written = Result<(), encode::Error<Infallible>>;

/// The first bytes of a hash, enough for its owner to find it among its own.
pub(super) type Hint = [u8; 8];

pub(super) fn hint(hash: &[u8; 32]) -> Hint {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    [a, b, c, d, e, f, g, h]
}

pub(super) fn read_array<const N: usize>(decoder: &mut Decoder<'_>) -> Result<[u8; N], WireError> {
    decoder
        .bytes()?
        .try_into()
        .map_err(|_| WireError::Malformed)
}

pub(super) fn read_deployment(decoder: &mut Decoder<'_>) -> Result<DeploymentTag, WireError> {
    read_array(decoder).map(DeploymentTag)
}

/// Whether a code is for this deployment.
pub(super) fn check_deployment(found: DeploymentTag, domain: &Domain) -> Result<(), WireError> {
    if found == domain.deployment() {
        Ok(())
    } else {
        Err(WireError::OtherDeployment { found })
    }
}

pub(super) fn read_signature(decoder: &mut Decoder<'_>) -> Result<Signature, WireError> {
    Signature::from_compact(read_array(decoder)?).map_err(WireError::Signature)
}

/// Circle zero, the most common, as no bytes at all.
pub(super) fn write_circle(circle: Circle, encoder: &mut Encoder<Vec<u8>>) -> Written {
    let address = circle.address();
    let bytes = if circle.is_open() {
        &[]
    } else {
        address.as_slice()
    };
    encoder.bytes(bytes)?.ok()
}

pub(super) fn read_circle(decoder: &mut Decoder<'_>) -> Result<Circle, WireError> {
    match decoder.bytes()? {
        [] => Ok(Circle::OPEN),
        bytes => {
            let address: [u8; 20] = bytes.try_into().map_err(|_| WireError::Malformed)?;
            Ok(Circle::new(address.into()))
        }
    }
}

/// A nonce without the zeros at its end.
pub(super) fn write_nonce(nonce: Nonce, encoder: &mut Encoder<Vec<u8>>) -> Written {
    let bytes = nonce.bytes();
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let length = bytes.len().saturating_sub(zeros);
    encoder.bytes(bytes.get(..length).unwrap_or_default())?.ok()
}

pub(super) fn read_nonce(decoder: &mut Decoder<'_>) -> Result<Nonce, WireError> {
    let bytes = decoder.bytes()?;
    let mut nonce = [0; 32];
    let place = nonce.get_mut(..bytes.len()).ok_or(WireError::Malformed)?;
    place.copy_from_slice(bytes);
    Ok(Nonce::new(nonce.into()))
}

/// The first four bytes of the hash of everything before them, for what nobody signed: damage is noticed.
pub(super) fn write_checksum(encoder: &mut Encoder<Vec<u8>>) -> Written {
    let sum = checksum(encoder.writer());
    encoder.bytes(&sum)?.ok()
}

pub(super) fn checksum(before: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = keccak256(before).0;
    [a, b, c, d]
}

/// What a decoder has read up to now.
pub(super) fn read_so_far<'b>(decoder: &Decoder<'b>) -> &'b [u8] {
    decoder
        .input()
        .get(..decoder.position())
        .unwrap_or_default()
}
