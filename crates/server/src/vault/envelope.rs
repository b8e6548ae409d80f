//! What a user's data key seals.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use offpay_operator::{UserId, storage::identity::SealedSecret};
use zeroize::Zeroizing;

use super::VaultError;

/// A nonce of XChaCha20: long enough to be random.
const NONCE: usize = 24;

/// A user's data key, opened. Not printable, and overwritten when it is dropped.
pub(crate) struct DataKey {
    user: UserId,
    key: Zeroizing<[u8; 32]>,
}

impl DataKey {
    pub(super) fn new(user: UserId) -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| VaultError::Entropy)?;
        Ok(Self { user, key })
    }

    pub(super) const fn from_parts(user: UserId, key: Zeroizing<[u8; 32]>) -> Self {
        Self { user, key }
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.key
    }

    /// Seals a secret of the user.
    pub(crate) fn seal(&self, purpose: &str, secret: &[u8]) -> Result<SealedSecret, VaultError> {
        Ok(SealedSecret {
            purpose: purpose.to_owned(),
            sealed: seal(&self.key, &secret_context(self.user, purpose), secret)?,
        })
    }

    pub(super) fn open(&self, secret: &SealedSecret) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        open(
            &self.key,
            &secret_context(self.user, &secret.purpose),
            &secret.sealed,
        )
        .ok_or(VaultError::Altered)
    }
}

/// What is authenticated with a sealed data key.
pub(super) fn data_key_context(user: UserId) -> Vec<u8> {
    [b"offpay/1/data-key/".as_slice(), user.0.as_bytes()].concat()
}

/// What is authenticated with a sealed secret. The id has a fixed length, so no two are alike.
fn secret_context(user: UserId, purpose: &str) -> Vec<u8> {
    [
        b"offpay/1/secret/".as_slice(),
        user.0.as_bytes(),
        purpose.as_bytes(),
    ]
    .concat()
}

/// The nonce, and the secret under `key`.
pub(super) fn seal(key: &[u8; 32], context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| VaultError::Entropy)?;
    let payload = Payload {
        msg: secret,
        aad: context,
    };
    // Fails only beyond 256 GiB.
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| VaultError::Altered)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

/// What was sealed so; nothing if it was sealed otherwise.
pub(super) fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
    let payload = Payload {
        msg: ciphertext,
        aad: context,
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Zeroizing::new)
        .ok()
}
