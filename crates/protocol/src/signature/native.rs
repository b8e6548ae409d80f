//! libsecp256k1.

use secp256k1::{
    Message, PublicKey, SecretKey,
    ecdsa::{RecoverableSignature, RecoveryId},
};

use super::SignatureError;

pub(super) fn recover(
    digest: &[u8; 32],
    rs: &[u8; 64],
    odd: bool,
) -> Result<[u8; 64], SignatureError> {
    let parity = if odd {
        RecoveryId::One
    } else {
        RecoveryId::Zero
    };
    RecoverableSignature::from_compact(rs, parity)
        .and_then(|signature| signature.recover_ecdsa(Message::from_digest(*digest)))
        .map(|public_key| point(&public_key))
        .map_err(|_| SignatureError::Unrecoverable)
}

/// Signs with the nonce of RFC 6979; `s` is low.
pub(super) fn sign(
    digest: &[u8; 32],
    secret: &[u8; 32],
) -> Result<([u8; 64], bool), SignatureError> {
    let mut key = parse(secret)?;
    let signature =
        RecoverableSignature::sign_ecdsa_recoverable(Message::from_digest(*digest), &key);
    key.non_secure_erase();
    match signature.serialize_compact() {
        (RecoveryId::Zero, rs) => Ok((rs, false)),
        (RecoveryId::One, rs) => Ok((rs, true)),
        // The nonce point's x was above the order: one chance in 2^127, and no 65-byte form.
        _ => Err(SignatureError::OutOfRange),
    }
}

pub(super) fn public_key(secret: &[u8; 32]) -> Result<[u8; 64], SignatureError> {
    let mut key = parse(secret)?;
    let public_key = PublicKey::from_secret_key(&key);
    key.non_secure_erase();
    Ok(point(&public_key))
}

fn parse(secret: &[u8; 32]) -> Result<SecretKey, SignatureError> {
    SecretKey::from_secret_bytes(*secret).map_err(|_| SignatureError::InvalidKey)
}

fn point(public_key: &PublicKey) -> [u8; 64] {
    let [_, xy @ ..] = public_key.serialize_uncompressed();
    xy
}
