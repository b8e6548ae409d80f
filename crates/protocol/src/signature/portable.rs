//! k256, in pure Rust.

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};

use super::SignatureError;

pub(super) fn recover(
    digest: &[u8; 32],
    rs: &[u8; 64],
    odd: bool,
) -> Result<[u8; 64], SignatureError> {
    let signature = Signature::from_slice(rs).map_err(|_| SignatureError::Unrecoverable)?;
    let parity = RecoveryId::new(odd, false);
    VerifyingKey::recover_from_prehash(digest, &signature, parity)
        .map_err(|_| SignatureError::Unrecoverable)
        .and_then(|public_key| point(&public_key))
}

/// Signs with the nonce of RFC 6979; `s` is low.
pub(super) fn sign(
    digest: &[u8; 32],
    secret: &[u8; 32],
) -> Result<([u8; 64], bool), SignatureError> {
    let (signature, recovery) = parse(secret)?
        .sign_prehash_recoverable(digest)
        .map_err(|_| SignatureError::OutOfRange)?;
    if recovery.is_x_reduced() {
        // The nonce point's x was above the order: one chance in 2^127, and no 65-byte form.
        return Err(SignatureError::OutOfRange);
    }
    Ok((signature.to_bytes().into(), recovery.is_y_odd()))
}

pub(super) fn public_key(secret: &[u8; 32]) -> Result<[u8; 64], SignatureError> {
    point(parse(secret)?.verifying_key())
}

/// k256 overwrites the key when it is dropped.
fn parse(secret: &[u8; 32]) -> Result<SigningKey, SignatureError> {
    SigningKey::from_slice(secret).map_err(|_| SignatureError::InvalidKey)
}

fn point(public_key: &VerifyingKey) -> Result<[u8; 64], SignatureError> {
    match public_key.to_encoded_point(false).as_bytes() {
        [_, xy @ ..] => xy.try_into().map_err(|_| SignatureError::Unrecoverable),
        [] => Err(SignatureError::Unrecoverable),
    }
}
